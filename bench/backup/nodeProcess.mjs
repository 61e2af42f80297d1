// A process like n8n's that makes and verifies one backup: it gets the world as its first message, and answers what that took.
import { createRequire } from 'node:module';
import process from 'node:process';
import { connectionTo, secondsOf } from './world.mjs';

const require = createRequire(import.meta.url);
const MIB = 1024 * 1024;
const SAMPLE_EVERY_MS = 10;

process.once('message', (world) => void measure(world).then((result) => process.send(result)));

/** A tiny backup first: n8n's process has its modules loaded and its heap warm. */
async function measure({ database, ...world }) {
	await backUp(world, 'tiny');
	globalThis.gc();
	const before = process.memoryUsage.rss();
	let peak = before;
	const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), SAMPLE_EVERY_MS);
	const result = await backUp(world, database);
	clearInterval(sampler);
	return { ...result, growthMiB: (peak - before) / MIB, peakMiB: peak / MIB };
}

async function backUp({ server, storage, jobs }, database) {
	const { createBackup } = require('../../dist/lib/backup/createBackup.js');
	const { verifyBackup } = require('../../dist/lib/backup/verifyBackup.js');
	const { openObjectStorage } = require('../../dist/lib/storage/objectStorage.client.js');
	const { systemClock } = require('../../dist/lib/support/clock.js');
	const { bucket, ...connection } = storage;
	const store = await openObjectStorage(connection);
	const run = {
		location: { bucket, prefix: database },
		lockWaitTimeoutSeconds: 30,
		jobs,
		signal: new AbortController().signal,
		clock: systemClock,
		log: () => undefined,
	};
	let backup;
	const create = await secondsOf(async () => {
		backup = await createBackup(connectionTo(server, database), store, run);
	});
	let verification;
	const verify = await secondsOf(async () => {
		const options = { ...run, backupId: backup.backupId, allowSourceServer: true };
		verification = await verifyBackup(connectionTo(server, 'postgres'), store, options);
	});
	if (verification.verdict !== 'passed') throw new Error(JSON.stringify(verification.reasons));
	for (const key of await store.listKeys(bucket, `${database}/`, run.signal)) await store.remove({ bucket, key });
	store.close();
	return { seconds: create + verify, create, verify, storedBytes: backup.sizeBytes };
}
