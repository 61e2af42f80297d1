import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { createCleanups } from '../sandbox/cleanups.ts';
import { createDirectory } from '../sandbox/createDirectory.ts';
import { startPostgres } from '../sandbox/postgres.ts';

const require = createRequire(import.meta.url);
const rounds = 300;

/** What recording a step costs beside the effect itself: two bare statements over the same kind of connection, in the same run. */
export async function bench() {
	const { openLedger } = require('../dist/lib/release/ledger.client.js');
	const { recordStep } = require('../dist/lib/release/recordStep.js');
	const cleanups = createCleanups();
	const directory = await createDirectory(undefined, cleanups);
	const server = await startPostgres({ directory: join(directory, 'postgres') });
	const { host, port, user, password } = server;
	const connection = { host, port, user, password, database: 'postgres' };
	const ledger = await openLedger({ ...connection, ssl: 'disable' });
	const client = new pg.Client(connection);
	await client.connect();
	try {
		await client.query('CREATE TABLE peer (id serial PRIMARY KEY, state text)');
		const { release } = await ledger.beginRelease({
			id: 'r-bench',
			environment: 'bench',
			version: '1',
			commit: '',
			images: [],
			startedBy: 'bench',
			rehearsal: false,
			deliveryId: '',
			executionId: '',
		});
		const recorded = [];
		const bare = [];
		for (let round = 0; round < rounds; round++) {
			const step = {
				release: { id: release.id, token: release.token },
				stepKey: `bench/${String(round)}`,
				itemKey: '',
				kind: 'change',
				inputs: { round },
				requires: [],
			};
			recorded.push(
				await timeOf(async () => await recordStep(ledger, step, { run: async () => ({ result: null }) })),
			);
			bare.push(
				await timeOf(async () => {
					await client.query('INSERT INTO peer (state) VALUES ($1)', ['started']);
					await client.query('UPDATE peer SET state = $1 WHERE id = $2', ['passed', round + 1]);
				}),
			);
		}
		const figures = {
			stepRecordMsP50: median(recorded),
			peerMsP50: median(bare),
			ratios: { againstTwoStatements: median(recorded) / median(bare) },
		};
		return {
			rows: [
				{ what: 'recording a step', msP50: figures.stepRecordMsP50 },
				{ what: 'INSERT and UPDATE', msP50: figures.peerMsP50 },
			],
			figures,
		};
	} finally {
		await client.end();
		await ledger.close();
		await server.stop();
		await cleanups.run();
	}
}

async function timeOf(act) {
	const started = performance.now();
	await act();
	return performance.now() - started;
}

function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
