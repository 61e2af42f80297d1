import { execFile } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { backupErrors } from './errors';

export interface Tool {
	readonly path: string;
	/** e.g. `15.18`. */
	readonly version: string;
	readonly major: number;
}

const run = promisify(execFile);
const DISTRIBUTION_FOLDER = '/usr/lib/postgresql';
const VERSION_TIMEOUT_MS = 10_000;

/**
 * The program whose major version is the closest one at or above `minimumMajor`. The closest, because a newer pg_dump or pg_restore
 * sends settings that an older server does not know, and the restore stops at the first error.
 * `folders` absent: the distribution's PostgreSQL folders, then PATH.
 * @throws RunbookError BACKUP.TOOL_MISSING, BACKUP.TOOL_TOO_OLD
 */
export async function findTool(
	name: 'pg_dump' | 'pg_restore',
	minimumMajor: number,
	{ folders }: { folders?: readonly string[] | undefined } = {},
): Promise<Tool> {
	const candidates = await Promise.all(
		(folders ?? (await defaultFolders())).map(async (folder) => await probe(join(folder, name))),
	);
	// A stable sort: where versions are equal, the earlier folder wins.
	const tools = candidates.filter((tool) => tool !== undefined).sort((a, b) => a.major - b.major);
	const chosen = tools.find(({ major }) => major >= minimumMajor);
	if (chosen) return chosen;
	const newest = tools.at(-1);
	if (!newest) throw backupErrors.TOOL_MISSING({ tool: name, major: minimumMajor });
	throw backupErrors.TOOL_TOO_OLD({ tool: name, version: newest.version, major: minimumMajor });
}

async function defaultFolders(): Promise<string[]> {
	const versions = await readdir(DISTRIBUTION_FOLDER).catch(() => []);
	const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
	// Debian's /usr/bin/pg_dump is a wrapper that chooses a version by local clusters, so the real programs come first.
	return [...versions.map((version) => join(DISTRIBUTION_FOLDER, version, 'bin')), ...onPath];
}

async function probe(path: string): Promise<Tool | undefined> {
	try {
		await access(path, constants.X_OK);
		const { stdout } = await run(path, ['--version'], {
			timeout: VERSION_TIMEOUT_MS,
			env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
		});
		const version = /\(PostgreSQL\) (\d+[^\s]*)/.exec(stdout)?.[1];
		return version === undefined ? undefined : { path, version, major: Number.parseInt(version, 10) };
	} catch {
		return undefined;
	}
}
