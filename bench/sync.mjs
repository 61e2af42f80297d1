import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createCleanups } from '../sandbox/cleanups.ts';
import { createDirectory } from '../sandbox/createDirectory.ts';
import { startStorage } from './storage/startStorage.mjs';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const SMALL_OBJECTS = 5000;
const SMALL_BYTES = 4096;
const LARGE_BYTES = 1e9;
const FILES = 'files';
/** Each tool begins in every other round: the second to come finds the source in the page cache. */
const ROUNDS = 2;
/** Its own defaults, and as many at once as ours. The faster one counts. */
const RCLONE_FLAGS = { defaults: [], tuned: ['--transfers', '16', '--checkers', '16', '--fast-list', '--checksum'] };

/** A sync of many small objects and a large one, all on one server, against `rclone sync` in the same run. */
export async function bench() {
	const cleanups = createCleanups();
	try {
		const directory = await createDirectory(undefined, cleanups);
		const destinations = ['ours', ...Object.keys(RCLONE_FLAGS)].flatMap((name) => [`${name}-0`, `${name}-1`]);
		const connection = await startStorage({
			directory: join(directory, 'object-storage'),
			buckets: [FILES, ...destinations],
			cleanups,
		});
		const storage = await openStorage(connection, cleanups);
		await fill(storage);
		const tools = {
			ours: (destination) => syncOurs(storage, destination),
			...Object.fromEntries(
				Object.entries(RCLONE_FLAGS).map(([name, flags]) => [
					name,
					(destination) => syncRclone(connection, { destination, flags }),
				]),
			),
		};
		const fastest = {};
		for (let round = 0; round < ROUNDS; round++) {
			const order = round % 2 === 0 ? Object.keys(tools) : Object.keys(tools).reverse();
			for (const name of order) {
				const destination = `${name}-${round}`;
				for (const what of ['first', 'again']) {
					const seconds = await secondsOf(() => tools[name](destination));
					fastest[name] = { ...fastest[name], [what]: Math.min(seconds, fastest[name]?.[what] ?? Infinity) };
				}
			}
		}
		return report(fastest);
	} finally {
		await cleanups.run();
	}
}

function report({ ours, defaults, tuned }) {
	const best = (what) => Math.min(defaults[what], tuned[what]);
	const ratios = { againstRclone: ours.first / best('first'), againstRcloneAgain: ours.again / best('again') };
	return {
		rows: [
			{ what: `${SMALL_OBJECTS} small objects and one of 1 GB, ours, s`, value: ours.first, bound: '' },
			{ what: 'the same, rclone as it comes, s', value: defaults.first, bound: '' },
			{ what: 'the same, rclone with 16 at once, s', value: tuned.first, bound: '' },
			{ what: 'ours against the faster rclone', value: ratios.againstRclone, bound: '<= 1' },
			{ what: 'once more with nothing to do, ours, s', value: ours.again, bound: '' },
			{ what: 'the same, the faster rclone, s', value: best('again'), bound: '' },
		],
		figures: { secondsOurs: ours.first, secondsRclone: best('first'), ratios },
	};
}

async function openStorage(connection, cleanups) {
	const { openFileStorage } = require('../dist/lib/storage/sync/fileStorage.client.js');
	const storage = await openFileStorage(connection);
	cleanups.add('client', () => storage.close());
	return storage;
}

async function fill({ records }) {
	const signal = new AbortController().signal;
	for (let first = 0; first < SMALL_OBJECTS; first += 50) {
		const keys = Array.from({ length: 50 }, (_, index) => `uploads/${String(first + index).padStart(6, '0')}`);
		await Promise.all(
			keys.map((key) => records.putText({ bucket: FILES, key }, key.padEnd(SMALL_BYTES, '.'), signal)),
		);
	}
	const chunk = Buffer.alloc(1e6, 'a film, say; ');
	const content = Readable.from(Array.from({ length: LARGE_BYTES / chunk.length }, () => chunk));
	await records.putStream({ bucket: FILES, key: 'uploads/film' }, content, { expectedBytes: LARGE_BYTES, signal });
}

async function syncOurs(storage, destination) {
	const { syncFiles } = require('../dist/lib/storage/sync/syncFiles.js');
	const { systemClock } = require('../dist/lib/support/clock.js');
	const { objects } = await syncFiles(storage, storage, {
		source: { bucket: FILES, prefix: '' },
		destination: { bucket: destination, prefix: '', name: 'copy' },
		mirror: false,
		allowEmpty: false,
		concurrency: 16,
		signal: new AbortController().signal,
		clock: systemClock,
		log: () => {},
	});
	if (objects !== SMALL_OBJECTS + 1) throw new Error(`the copy has ${objects} objects`);
}

async function syncRclone({ endpoint, region, accessKeyId, secretAccessKey }, { destination, flags }) {
	const env = {
		PATH: process.env.PATH,
		RCLONE_CONFIG: '/dev/null',
		RCLONE_CONFIG_S_TYPE: 's3',
		RCLONE_CONFIG_S_PROVIDER: 'Other',
		RCLONE_CONFIG_S_ENDPOINT: endpoint,
		RCLONE_CONFIG_S_REGION: region,
		RCLONE_CONFIG_S_ACCESS_KEY_ID: accessKeyId,
		RCLONE_CONFIG_S_SECRET_ACCESS_KEY: secretAccessKey,
	};
	await run('rclone', ['sync', `s:${FILES}`, `s:${destination}`, ...flags], { env });
}

async function secondsOf(act) {
	const started = performance.now();
	await act();
	return (performance.now() - started) / 1000;
}
