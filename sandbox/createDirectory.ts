import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { Cleanups } from './cleanups.ts';
import { guardDirectory } from './guard.ts';

/**
 * Makes the one folder of a start, in `parent` or among the temporary files, and registers its deletion.
 *
 * The guard knows the folder before it exists: there is no moment at which our death would leave it. PostgreSQL runs as
 * another user when we are root: it must be able to pass through the folder, not to list it.
 */
export async function createDirectory(parent: string | undefined, cleanups: Cleanups): Promise<string> {
	const directory = resolve(parent ?? tmpdir(), `deployment-runbook-${randomBytes(6).toString('hex')}`);
	const release = guardDirectory(directory);
	cleanups.add('directory', async () => {
		await rm(directory, { recursive: true, force: true, maxRetries: 3 });
		release();
	});
	if (parent) await mkdir(parent, { recursive: true });
	await mkdir(directory);
	await chmod(directory, 0o711);
	return directory;
}
