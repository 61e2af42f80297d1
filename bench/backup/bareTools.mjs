import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase, dropDatabase, runTool, secondsOf } from './world.mjs';

/** PostgreSQL's parallel tools by themselves: a directory on the local disk, no hashing, no upload. */
export async function bareTools({ server, directory, jobs }, database) {
	const folder = join(directory, 'bare');
	const parallel = ['-j', String(jobs)];
	const dump = await secondsOf(() => runTool(server, 'pg_dump', ['-Fd', ...parallel, '-f', folder, '-d', database]));
	await createDatabase(server, 'bare');
	const restore = await secondsOf(() => runTool(server, 'pg_restore', [...parallel, '-d', 'bare', folder]));
	await dropDatabase(server, 'bare');
	await rm(folder, { recursive: true });
	return { seconds: dump + restore, dump, restore };
}
