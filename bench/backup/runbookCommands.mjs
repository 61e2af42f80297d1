import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createDatabase, dropDatabase, runTool, secondsOf } from './world.mjs';

const require = createRequire(import.meta.url);

/** The runbook by hand: pg_dump into a file, the file into storage, the file into a test database. */
export async function runbookCommands({ server, storage, directory }, database) {
	const file = join(directory, 'backup.sql');
	const dump = await secondsOf(async () => {
		await using handle = await open(file, 'w');
		await runTool(server, 'pg_dump', ['-d', database], { stdout: handle.fd });
	});
	const upload = await secondsOf(() => uploadFile(storage, file));
	await createDatabase(server, 'by_hand');
	const restore = await secondsOf(async () => {
		await using handle = await open(file, 'r');
		await runTool(server, 'psql', ['-q', '-d', 'by_hand'], { stdin: handle.fd });
	});
	await dropDatabase(server, 'by_hand');
	await rm(file);
	return { seconds: dump + upload + restore, dump, upload, restore };
}

async function uploadFile({ bucket, ...connection }, file) {
	const { openObjectStorage } = require('../../dist/lib/storage/objectStorage.client.js');
	const store = await openObjectStorage(connection);
	const { size } = await stat(file);
	const address = { bucket, key: 'by-hand/backup.sql' };
	const content = createReadStream(file, { highWaterMark: 1024 * 1024 });
	await store.putStream(address, content, { expectedBytes: size, signal: new AbortController().signal });
	await store.remove(address);
	store.close();
}
