import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { migrationErrors } from '../errors';
import type { MigrationFile } from '../model';
import { readMigrationsFolder } from '../readMigrationsFolder';
import { fieldOf } from '../sqlState';
import { readArchive } from './readArchive.client';

export interface UnpackOptions {
	/** What the archive is called in errors. */
	readonly archive: string;
	/** Absolute path on the n8n host, below which the folder is made. */
	readonly directory: string;
	/** SHA-256 (hex) that it must have; empty: any. */
	readonly sha256: string;
	readonly signal: AbortSignal;
}

export interface UnpackedMigrations {
	/** Absolute path of the folder: for Status, Lint, Rehearse and Deploy. */
	readonly migrationsFolder: string;
	readonly sha256: string;
	/** How many migrations it holds. */
	readonly migrations: number;
}

/**
 * Unpacks a migrations folder under the name of its own checksum: what is there already is the same, and a folder appears whole or not at all.
 * @throws RunbookError MIGRATION.ARCHIVE_UNREADABLE, ARCHIVE_UNSAFE, ARCHIVE_CHECKSUM, FOLDER_MISSING and the others of readMigrationsFolder
 */
export async function unpackMigrations(
	content: AsyncIterable<Uint8Array>,
	{ archive, directory, sha256: expected, signal }: UnpackOptions,
): Promise<UnpackedMigrations> {
	if (!isAbsolute(directory))
		throw migrationErrors.FOLDER_MISSING({ folder: directory || '(none)', problem: 'not an absolute path' });
	const { sha256, files } = await readArchive(content, { archive, signal });
	if (expected !== '' && expected.toLowerCase() !== sha256)
		throw migrationErrors.ARCHIVE_CHECKSUM({ archive, expected, actual: sha256 });
	const partial = join(directory, `${sha256}.partial-${randomBytes(4).toString('hex')}`);
	const folder = join(directory, sha256);
	try {
		await write(partial, files);
		// Read as a deployment would, before it gets the name by which it counts.
		const unpacked = readMigrationsFolder(partial).migrations;
		// Somebody may be reading what is there; only what is not the same is replaced.
		if (!isSame(folder, unpacked)) await rm(folder, { recursive: true, force: true });
		await rename(partial, folder).catch((error: unknown) => {
			if (!isSame(folder, unpacked)) throw error;
		});
		await rm(partial, { recursive: true, force: true });
		return { migrationsFolder: folder, sha256, migrations: unpacked.length };
	} catch (error) {
		await rm(partial, { recursive: true, force: true }).catch(() => undefined);
		const code = fieldOf(error, 'code');
		if (fieldOf(error, 'errno') === undefined || typeof code !== 'string') throw error;
		throw migrationErrors.FOLDER_MISSING({ folder: directory, problem: code });
	}
}

async function write(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
	for (const [path, bytes] of files) {
		await mkdir(join(folder, dirname(path)), { recursive: true });
		await writeFile(join(folder, path), bytes, { mode: 0o644 });
	}
}

function isSame(folder: string, expected: readonly MigrationFile[]): boolean {
	try {
		return isDeepStrictEqual(readMigrationsFolder(folder).migrations, expected);
	} catch {
		return false;
	}
}
