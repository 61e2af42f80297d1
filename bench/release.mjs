import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { createCleanups } from '../sandbox/cleanups.ts';
import { createDirectory } from '../sandbox/createDirectory.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import { overhead } from './release/overhead.mjs';

const require = createRequire(import.meta.url);
const ROUNDS = 300;
const BEGINS = 50;
/** As many n8n processes; each keeps a pool of five sessions, so that all begins are under way at once. */
const PROCESSES = 10;

/** What is measured, one after the other on one server: each gets the world and returns its rows and figures. */
const PARTS = [stepRecording, concurrentBegins, overhead];

/** What the ledger costs a release: the time to record a step, and whether its lock lets exactly one release through. */
export async function bench() {
	const { openLedger } = require('../dist/lib/release/ledger.client.js');
	const cleanups = createCleanups();
	try {
		const directory = await createDirectory(undefined, cleanups);
		const server = await startPostgres({ directory: join(directory, 'postgres') });
		cleanups.add('postgres', async () => await server.stop());
		const { host, port, user, password } = server;
		const connection = { host, port, user, password, database: 'postgres' };
		const openOne = async () => {
			const ledger = await openLedger({ ...connection, ssl: 'disable' });
			cleanups.add('ledger', async () => await ledger.close());
			return ledger;
		};
		const results = [];
		for (const measure of PARTS) results.push(await measure({ connection, openOne }));
		return {
			rows: results.flatMap(({ rows }) => rows),
			figures: {
				...Object.assign({}, ...results.map(({ figures }) => figures)),
				ratios: Object.assign({}, ...results.map(({ figures }) => figures.ratios)),
			},
		};
	} finally {
		await cleanups.run();
	}
}

/** Recording a step beside the effect itself, against two bare statements over the same kind of connection in the same run. */
async function stepRecording({ connection, openOne }) {
	const { recordStep } = require('../dist/lib/release/recordStep.js');
	const ledger = await openOne();
	const client = new pg.Client(connection);
	await client.connect();
	try {
		await client.query('CREATE TABLE peer (id serial PRIMARY KEY, state text)');
		const { release } = await ledger.beginRelease(newRelease('recording', '1'));
		const recorded = [];
		const bare = [];
		for (let round = 0; round < ROUNDS; round++) {
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
		const stepRecordMsP50 = median(recorded);
		const peerMsP50 = median(bare);
		return {
			rows: [
				{ what: 'recording a step, ms at the median', value: stepRecordMsP50, bound: '<= 10' },
				{ what: 'INSERT and UPDATE, ms at the median', value: peerMsP50, bound: '' },
			],
			figures: { stepRecordMsP50, peerMsP50, ratios: { againstTwoStatements: stepRecordMsP50 / peerMsP50 } },
		};
	} finally {
		await client.end();
	}
}

/** Many begins for one environment in the same instant, from several n8n processes. */
async function concurrentBegins({ openOne }) {
	const ledgers = await Promise.all(Array.from({ length: PROCESSES }, openOne));
	// Every session is connected before the start counts.
	await Promise.all(
		Array.from({ length: BEGINS }, async (_, index) => await ledgers[index % PROCESSES].listLiveReleases('racing')),
	);
	const started = performance.now();
	const answers = await Promise.all(
		Array.from(
			{ length: BEGINS },
			async (_, index) => await ledgers[index % PROCESSES].beginRelease(newRelease('racing', String(index))),
		),
	);
	const elapsedMs = performance.now() - started;
	const concurrentWinners = answers.filter(({ outcome }) => outcome === 'started').length;
	const answered = new Set(answers.map(({ release }) => release.id));
	if (answered.size !== concurrentWinners)
		throw new Error(`${String(answered.size)} releases were named as the winner`);
	return {
		rows: [
			{ what: `of ${String(BEGINS)} begins at once, those that run`, value: concurrentWinners, bound: '= 1' },
			{ what: `${String(BEGINS)} begins at once, ms for all`, value: elapsedMs, bound: '' },
		],
		figures: { concurrentWinners },
	};
}

function newRelease(environment, version) {
	return {
		id: `r-${environment}-${version}`,
		environment,
		version,
		commit: '',
		images: [],
		startedBy: 'bench',
		authors: [],
		rehearsal: false,
		contracts: false,
		deliveryId: '',
		executionId: '',
		override: null,
	};
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
