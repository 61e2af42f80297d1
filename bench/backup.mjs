import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createCleanups } from '../sandbox/cleanups.ts';
import { createDirectory } from '../sandbox/createDirectory.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import { bareTools } from './backup/bareTools.mjs';
import { fillDatabase } from './backup/fillDatabase.mjs';
import { runbookCommands } from './backup/runbookCommands.mjs';
import { connectionTo, query } from './backup/world.mjs';
import { startStorage } from './storage/startStorage.mjs';

const JOBS = 2;
const BUCKET = 'backups';
/** Closer to a production server than the sandbox's, which serves a few thousand rows. */
const SERVER_SETTINGS = 'shared_buffers = 256MB\nmax_wal_size = 4GB\nmaintenance_work_mem = 128MB\n';

/** A backup that is created, stored and verified, against the runbook's three commands and against PostgreSQL's bare parallel tools. */
export async function bench({ largeBytes = 2.1e9, smallBytes = 0.2e9 } = {}) {
	const cleanups = createCleanups();
	try {
		const directory = await createDirectory(undefined, cleanups);
		const server = await startPostgres({
			directory: join(directory, 'postgres'),
			extraSettings: SERVER_SETTINGS,
		});
		cleanups.add('postgres', async () => await server.stop());
		const connection = await startStorage({ directory: join(directory, 's3'), buckets: [BUCKET], cleanups });
		const world = { server, storage: { ...connection, bucket: BUCKET }, directory, jobs: JOBS };
		const sizeBytes = await fillDatabase(connectionTo(server, 'large'), largeBytes);
		await fillDatabase(connectionTo(server, 'small'), smallBytes);
		await fillDatabase(connectionTo(server, 'tiny'), 0);

		const small = await settled(server, () => runNode(world, 'small'));
		const byHand = await settled(server, () => runbookCommands(world, 'large'));
		const node = await settled(server, () => runNode(world, 'large'));
		const bare = await settled(server, () => bareTools(world, 'large'));
		return report({ sizeBytes, small, node, byHand, bare });
	} finally {
		await cleanups.run();
	}
}

function report({ sizeBytes, small, node, byHand, bare }) {
	const ratios = {
		againstRunbookCommands: node.seconds / byHand.seconds,
		againstFloor: node.seconds / bare.seconds,
		peakMemoryLargeAgainstSmall: node.peakMiB / small.peakMiB,
	};
	return {
		rows: [
			{ what: 'the database, GB on disk', value: sizeBytes / 1e9, bound: '>= 2' },
			{ what: 'ours: created, stored, verified, s', value: node.seconds, bound: '' },
			{ what: '  create and store', value: node.create, bound: '' },
			{ what: '  verify', value: node.verify, bound: '' },
			{ what: '  stored, MB', value: node.storedBytes / 1e6, bound: '' },
			{ what: "the runbook's commands, s", value: byHand.seconds, bound: '' },
			{ what: '  pg_dump > file', value: byHand.dump, bound: '' },
			{ what: '  upload of the file', value: byHand.upload, bound: '' },
			{ what: '  psql < file', value: byHand.restore, bound: '' },
			{ what: 'the bare parallel tools, s', value: bare.seconds, bound: '' },
			{ what: '  pg_dump -Fd -j', value: bare.dump, bound: '' },
			{ what: '  pg_restore -j', value: bare.restore, bound: '' },
			{ what: "ours against the runbook's commands", value: ratios.againstRunbookCommands, bound: '<= 0.8' },
			{ what: 'ours against the bare tools', value: ratios.againstFloor, bound: '<= 1.25' },
			{ what: 'growth of memory, MiB', value: node.growthMiB, bound: '<= 64' },
			{ what: 'the same for 0.2 GB, MiB', value: small.growthMiB, bound: '' },
			{ what: 'peak memory, 2 GB against 0.2 GB', value: ratios.peakMemoryLargeAgainstSmall, bound: '<= 1.1' },
		],
		figures: {
			memoryGrowthMiB: node.growthMiB,
			memoryGrowthSmallMiB: small.growthMiB,
			seconds: { ours: node.seconds, runbookCommands: byHand.seconds, bareTools: bare.seconds },
			ratios,
		},
	};
}

/** Nothing that an earlier part left to be written is paid for by the next one. */
async function settled(server, measure) {
	await query(connectionTo(server, 'postgres'), 'CHECKPOINT');
	return await measure();
}

/** The package's own operations, in a process like n8n's, with what they took and how much memory it grew by. */
async function runNode({ server: { host, port, user, password }, ...world }, database) {
	const child = fork(join(import.meta.dirname, 'backup', 'nodeProcess.mjs'), { execArgv: ['--expose-gc'] });
	try {
		child.send({ ...world, server: { host, port, user, password }, database });
		const ended = once(child, 'exit').then(([code]) => {
			throw new Error(`the process that backs up ended with ${String(code)}`);
		});
		ended.catch(() => undefined);
		const [result] = await Promise.race([once(child, 'message'), ended]);
		return result;
	} finally {
		child.kill();
	}
}
