import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Client, QueryResultRow } from 'pg';
import { openLedger } from '../../lib/release/ledger.client';
import type { Ledger, NewRelease } from '../../lib/release/ledger';
import type { Release } from '../../lib/release/model';
import { recordStep, type Step } from '../../lib/release/recordStep';
import { connectPostgres, type PostgresConnection } from '../../lib/support/postgres.client';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

const DATABASE = `ledger_${randomBytes(4).toString('hex')}`;
const TABLES = ['delivery', 'environment', 'release', 'step'];
let superuser: PostgresConnection;
let connection: PostgresConnection;
let ledgers: Ledger[] = [];
let ledger: Ledger;
let sql: Client;
let environments = 0;
/** Each test has an environment of its own, and so a lock of its own. */
let environment: string;
let passed = true;

beforeAll(async () => {
	superuser = { ...sandboxEndpoints().postgres, ssl: 'disable' };
	connection = { ...superuser, database: DATABASE };
	await asSuperuser(`CREATE DATABASE ${DATABASE}`);
	// Ten n8n workers that start at once, on a database that holds nothing.
	ledgers = await Promise.all(Array.from({ length: 10 }, async () => await openLedger(connection)));
	ledger = ledgers[0]!;
	sql = await connectPostgres(connection);
});

afterAll(async () => {
	await Promise.all(ledgers.map(async (one) => await one.close()));
	await sql.end();
	if (passed) await asSuperuser(`DROP DATABASE ${DATABASE} WITH (FORCE)`);
});

beforeEach(() => {
	environments += 1;
	environment = `environment-${environments}`;
});
afterEach(() => {
	// A failed test leaves its database to be looked at.
	if (expect.getState().numPassingAsserts !== expect.getState().assertionCalls) passed = false;
});

async function asSuperuser(statement: string): Promise<void> {
	const client = await connectPostgres(superuser);
	await client.query(statement);
	await client.end();
}

async function rows<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
	return (await sql.query<Row>(text, values)).rows;
}

function wanted(change: Partial<NewRelease> = {}): NewRelease {
	const id = `r-${environment}-${randomBytes(3).toString('hex')}`;
	const images = [{ workload: 'backend', image: `registry.example.com/backend@sha256:${'a'.repeat(64)}` }];
	const facts = { id, environment, version: '2026.11.23', commit: '4f9c2a1', images, startedBy: "O'Hara; --" };
	return { ...facts, rehearsal: false, deliveryId: '', executionId: id, ...change };
}

async function begin(change: Partial<NewRelease> = {}): Promise<Release> {
	const { release, started } = await ledger.beginRelease(wanted(change));
	expect(started).toBe(true);
	return release;
}

function stepOf(release: Release, change: Partial<Step> = {}): Step {
	const kind = 'observe' as const;
	return { release, stepKey: '1.1/check-http', itemKey: '', kind, inputs: null, requires: [], ...change };
}

interface Lock {
	readonly holder: string | null;
	readonly token: number;
	readonly heartbeatAt: Date | null;
}

async function lockOf(name: string): Promise<Lock | undefined> {
	const text = `SELECT holder, token::int, heartbeat_at AS "heartbeatAt" FROM deployment_runbook.environment WHERE name = $1`;
	return (await rows<Lock & QueryResultRow>(text, [name]))[0];
}

const START = { inputHash: 'hash', inverse: null };
const PASSED = { state: 'passed' as const, result: { applied: 1 }, evidence: null, error: null };

/** Waits until one statement on the database waits for another session's lock. */
async function lockWaiter(client = sql): Promise<number> {
	for (let round = 0; round < 500; round += 1) {
		const text = `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`;
		const waiting = (await client.query<{ pid: number }>(text, [DATABASE])).rows[0];
		if (waiting) return waiting.pid;
		await delay(10);
	}
	throw new Error('nobody waits for a lock');
}

describe('the schema', () => {
	it('is there once, although ten opened the ledger at the same instant', async () => {
		const tables = await rows<{ name: string }>(
			`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'deployment_runbook' ORDER BY 1`,
		);
		expect(tables.map(({ name }) => name)).toEqual(TABLES);
		expect(ledgers).toHaveLength(10);
	});

	it('is opened again without touching what it holds', async () => {
		const release = await begin();
		const again = await openLedger(connection);
		ledgers.push(again);
		expect(await again.readRelease(release.id)).toEqual(release);
	});
});

describe('beginning', () => {
	it('of fifty at once exactly one is started, and all others are answered with it', async () => {
		const answers = await Promise.all(
			Array.from({ length: 50 }, async (_, index) => await ledgers[index % 10]!.beginRelease(wanted())),
		);
		const started = answers.filter((answer) => answer.started).map(({ release }) => release);
		expect(started).toHaveLength(1);
		expect(new Set(answers.map(({ release }) => release.id))).toEqual(new Set([started[0]?.id]));
		expect(await lockOf(environment)).toMatchObject({ holder: started[0]?.id, token: 1 });
		expect(await ledger.listLiveReleases(environment)).toEqual(started);
	});

	it('reads back exactly what was begun, by id and by execution', async () => {
		const asked = wanted({ deliveryId: `msg-${environment}` });
		const { release } = await ledger.beginRelease(asked);
		expect(release).toEqual({
			...asked,
			state: 'running',
			token: 1,
			startedAt: expect.any(Date) as Date,
			watchUntil: null,
			finishedAt: null,
		});
		expect(await ledger.readRelease(asked.id)).toEqual(release);
		expect(await ledger.readReleaseByExecution(asked.executionId)).toEqual(release);
		expect(await ledger.readRelease('r-unknown')).toBeUndefined();
		expect(await ledger.readReleaseByExecution('unknown')).toBeUndefined();
		expect(await ledger.listLiveReleases('unknown')).toEqual([]);
	});

	it('environments do not stand in each other’s way', async () => {
		await begin();
		await begin({ environment: `${environment}-other` });
	});

	it('by the same delivery again answers with its release, also when that has finished', async () => {
		const deliveryId = `msg-${environment}`;
		const release = await begin({ deliveryId });
		const finished = await ledger.finishRelease(release, 'failed-before-change', '');
		expect(await ledger.beginRelease(wanted({ deliveryId }))).toEqual({ release: finished, started: false });
		expect(await ledger.listLiveReleases(environment)).toEqual([]);
	});

	it('a delivery id is new once, whoever asks at the same instant', async () => {
		const answers = await Promise.all(ledgers.map(async (one) => await one.acceptDelivery(`msg-${environment}`)));
		expect(answers.filter((fresh) => fresh)).toHaveLength(1);
		expect(await ledger.acceptDelivery(`msg-${environment}`)).toBe(false);
		expect(await ledger.acceptDelivery(`msg-${environment}-2`)).toBe(true);
	});
});

describe('the token', () => {
	it('only rises: each release and each takeover gets a higher one than all before', async () => {
		const tokens: number[] = [];
		for (let round = 0; round < 3; round += 1) {
			const release = await begin();
			const taken = await ledger.takeOver(release.id, 'errors');
			await ledger.finishRelease(taken, 'rolled-back-verified', '');
			tokens.push(release.token, taken.token);
		}
		expect(tokens).toEqual([1, 2, 3, 4, 5, 6]);
		expect(await lockOf(environment)).toMatchObject({ holder: null, token: 6 });
	});

	it('survives takeovers, finishes and begins that run against each other: one holds in the end', async () => {
		let last = 0;
		for (let round = 0; round < 5; round += 1) {
			const release = (await ledger.beginRelease(wanted())).release;
			const outcomes = await Promise.allSettled([
				ledgers[1]!.takeOver(release.id, 'errors'),
				ledgers[2]!.finishRelease(release, 'succeeded', ''),
				ledgers[3]!.beginRelease(wanted()),
				ledgers[4]!.enterWatching(release, 1000),
				ledgers[5]!.takeOver(release.id, 'errors'),
			]);
			const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
			for (const reason of refused) expect(reason).toMatchObject({ code: 'RELEASE.FENCED_OUT' });
			const live = await ledger.listLiveReleases(environment);
			const lock = await lockOf(environment);
			expect(live).toMatchObject([{ id: lock?.holder, token: lock?.token }]);
			expect(lock?.token).toBeGreaterThan(last);
			last = lock?.token ?? 0;
			await ledger.finishRelease(live[0]!, 'needs-human', '');
		}
	});

	it('of takeovers at the same instant differs, and only the last one holds', async () => {
		const release = await begin();
		const taken = await Promise.all(ledgers.map(async (one) => await one.takeOver(release.id, 'errors')));
		const tokens = taken.map(({ token }) => token).sort((a, b) => a - b);
		expect(tokens).toEqual(Array.from({ length: ledgers.length }, (_, index) => index + 2));
		const held = await Promise.allSettled(
			taken.map(async (one) => await ledger.startStep(stepOf(one), START).then(() => one.token)),
		);
		expect(held.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))).toEqual([tokens.at(-1)]);
	});
});

describe('fencing', () => {
	it('refuses the old token every write after a takeover, and nothing has changed', async () => {
		const old = await begin();
		await ledger.startStep(stepOf(old), START);
		const taken = await ledger.takeOver(old.id, 'errors');
		const before = await everything();
		const writes: Array<() => Promise<unknown>> = [
			async () => await ledger.startStep(stepOf(old), START),
			async () => await ledger.startStep(stepOf(old, { stepKey: '2.1/new' }), START),
			async () => await ledger.finishStep(stepOf(old), PASSED),
			async () => await ledger.enterWatching(old, 1000),
			async () => await ledger.finishRelease(old, 'succeeded', 'not true'),
		];
		for (const write of writes) {
			await expect(write()).rejects.toMatchObject({
				code: 'RELEASE.FENCED_OUT',
				meta: { releaseId: old.id, token: old.token },
			});
		}
		await ledger.beat(old);
		expect(await everything()).toEqual(before);
		await ledger.finishStep(stepOf(taken), PASSED);
		expect(await ledger.finishRelease(taken, 'needs-human', '')).toMatchObject({ state: 'needs-human' });
	});

	it('marks a release that another one’s rollback pre-empts, and fences it out', async () => {
		const old = await begin();
		await ledger.finishRelease(old, 'succeeded', '');
		const running = await begin();
		const taken = await ledger.takeOver(old.id, 'errors');
		expect(taken.token).toBeGreaterThan(running.token);
		expect(await ledger.readRelease(running.id)).toMatchObject({
			state: 'needs-human',
			finishedAt: expect.any(Date) as Date,
		});
		await expect(ledger.startStep(stepOf(running), START)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		await expect(ledger.finishRelease(running, 'succeeded', '')).rejects.toMatchObject({
			code: 'RELEASE.FENCED_OUT',
		});
	});

	it('a finished release that is rolled back holds its environment again, and ends anew', async () => {
		const old = await begin();
		await ledger.finishRelease(old, 'succeeded', '');
		const taken = await ledger.takeOver(old.id, 'errors');
		expect(taken).toMatchObject({ state: 'running', finishedAt: null });
		expect(await ledger.beginRelease(wanted())).toEqual({ release: taken, started: false });
		await ledger.finishRelease(taken, 'rolled-back-verified', '');
		expect(await ledger.readLastStable(environment)).toBeUndefined();
	});

	it('refuses to take the lock for a release that is unknown or a rehearsal, and pre-empts nobody', async () => {
		const running = await begin();
		const rehearsal = await begin({ rehearsal: true });
		await expect(ledger.takeOver('r-unknown', 'errors')).rejects.toMatchObject({ code: 'RELEASE.UNKNOWN' });
		await expect(ledger.takeOver(rehearsal.id, 'errors')).rejects.toMatchObject({
			code: 'RELEASE.MANUAL_RUN_NOT_ARMED',
		});
		expect(await ledger.listLiveReleases(environment)).toEqual([running]);
		expect(await lockOf(environment)).toMatchObject({ holder: running.id, token: running.token });
	});

	it.each([
		['finishes', async (old: Release) => await ledger.finishRelease(old, 'succeeded', '')],
		['enters the watch', async (old: Release) => await ledger.enterWatching(old, 1000)],
	])('refuses a holder that %s while a takeover is being written', async (_, write) => {
		const old = await begin();
		// A takeover by hand, stopped before its commit.
		await sql.query('BEGIN');
		await sql.query('UPDATE deployment_runbook.environment SET token = token + 1 WHERE name = $1', [environment]);
		await sql.query('UPDATE deployment_runbook.release SET token = token + 1 WHERE id = $1', [old.id]);
		const late = write(old).then(
			() => 'written',
			(error: unknown) => error,
		);
		const observer = await connectPostgres(superuser);
		await lockWaiter(observer).finally(async () => await observer.end());
		await sql.query('COMMIT');
		expect(await late).toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(await ledger.readRelease(old.id)).toMatchObject({ state: 'running', finishedAt: null });
	});
});

describe('the lock', () => {
	it('is freed by finishing; the next release begins', async () => {
		const first = await begin();
		const finished = await ledger.finishRelease(first, 'succeeded', 'watched');
		expect(finished).toMatchObject({ state: 'succeeded', finishedAt: expect.any(Date) as Date });
		expect(await lockOf(environment)).toEqual({ holder: null, token: 1, heartbeatAt: null });
		expect(await rows('SELECT reason FROM deployment_runbook.release WHERE id = $1', [first.id])).toEqual([
			{ reason: 'watched' },
		]);
		expect(await ledger.readLastStable(environment)).toEqual(finished);
		expect(await begin()).toMatchObject({ token: 2 });
	});

	it('stays while it is watched', async () => {
		const release = await begin();
		const watching = await ledger.enterWatching(release, 60_000);
		expect(watching).toMatchObject({ state: 'watching', finishedAt: null });
		expect((watching.watchUntil?.getTime() ?? 0) - Date.now()).toBeGreaterThan(50_000);
		expect(await ledger.beginRelease(wanted())).toEqual({ release: watching, started: false });
	});

	it('beats: a heartbeat rises with each beat and each step', async () => {
		const release = await begin();
		const heartbeat = async (): Promise<number> => (await lockOf(environment))?.heartbeatAt?.getTime() ?? 0;
		const first = await heartbeat();
		await delay(5);
		await ledger.beat(release);
		const second = await heartbeat();
		await delay(5);
		await ledger.startStep(stepOf(release), START);
		expect(first).toBeGreaterThan(0);
		expect(second).toBeGreaterThan(first);
		expect(await heartbeat()).toBeGreaterThan(second);
	});
});

describe('a rehearsal', () => {
	it('holds no lock: it begins beside a release, and a release beside it', async () => {
		const rehearsal = await begin({ rehearsal: true });
		const real = await begin();
		expect(rehearsal).toMatchObject({ token: 0, rehearsal: true });
		expect(await begin({ rehearsal: true })).toMatchObject({ token: 0 });
		expect(await lockOf(environment)).toMatchObject({ holder: real.id, token: 1 });
		expect(await ledger.listLiveReleases(environment)).toEqual([real]);
		await ledger.finishRelease(rehearsal, 'failed-before-change', '');
		expect(await lockOf(environment)).toMatchObject({ holder: real.id, token: 1 });
	});

	it('records what it judges, and is refused every change before anything is written', async () => {
		const rehearsal = await begin({ rehearsal: true });
		const judging = stepOf(rehearsal, { kind: 'verdict' });
		await recordStep(ledger, judging, { run: async () => ({ result: null, verdict: 'passed' }) });
		const run = jest.fn();
		const changing = stepOf(rehearsal, { stepKey: '2.1/deploy-migrations', kind: 'change' });
		await expect(recordStep(ledger, changing, { run })).rejects.toMatchObject({
			code: 'RELEASE.MANUAL_RUN_NOT_ARMED',
		});
		expect(run).not.toHaveBeenCalled();
		expect((await ledger.readSteps(rehearsal.id)).map(({ stepKey, state }) => [stepKey, state])).toEqual([
			['1.1/check-http', 'passed'],
		]);
	});
});

describe('a step', () => {
	it('is read back as it was recorded, item by item, and keeps its first way back', async () => {
		const release = await begin();
		const backend = stepOf(release, { itemKey: 'backend', kind: 'change' });
		const frontend = stepOf(release, { itemKey: 'frontend', kind: 'change' });
		await ledger.startStep(backend, { inputHash: 'one', inverse: { to: ['1', { deep: null }] } });
		await ledger.finishStep(backend, { ...PASSED, state: 'failed', error: { code: 'X' } });
		await ledger.startStep(backend, { inputHash: 'two', inverse: 'second' });
		await ledger.startStep(frontend, START);
		await ledger.finishStep(frontend, { ...PASSED, result: 'text', evidence: 7 });
		const record = await ledger.readStep(release.id, backend.stepKey, 'backend');
		expect(record).toEqual({
			stepKey: '1.1/check-http',
			itemKey: 'backend',
			kind: 'change',
			state: 'started',
			inputHash: 'two',
			attempts: 2,
			startedAt: expect.any(Date) as Date,
			finishedAt: null,
			result: null,
			evidence: null,
			inverse: { to: ['1', { deep: null }] },
			error: null,
		});
		expect(await ledger.readSteps(release.id, backend.stepKey)).toEqual([
			record,
			expect.objectContaining({ itemKey: 'frontend', result: 'text', evidence: 7, state: 'passed' }),
		]);
		expect(await ledger.readSteps(release.id, '9/other')).toEqual([]);
	});
});

describe('an unreachable ledger', () => {
	const PASSWORD = 'canary-s3cret-4711';

	async function refusal(change: Partial<PostgresConnection>): Promise<unknown> {
		const opened = openLedger({ ...connection, password: PASSWORD, ...change });
		return await opened.then(
			() => new Error('it opened'),
			(error: unknown) => error,
		);
	}

	async function freePort(): Promise<number> {
		const probe = createServer();
		await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
		const { port } = probe.address() as AddressInfo;
		await new Promise<void>((resolve) => void probe.close(() => resolve()));
		return port;
	}

	it.each<[string, () => Promise<Partial<PostgresConnection>>, RegExp]>([
		['nobody listens', async () => ({ port: await freePort() }), /ECONNREFUSED/],
		[
			'nobody listens on any address of the host',
			async () => ({ host: 'localhost', port: await freePort() }),
			/ECONNREFUSED/,
		],
		['the password is wrong', async () => ({}), /password authentication failed/],
		[
			'the database does not exist',
			async () => ({ database: 'nowhere', password: connection.password }),
			/does not exist/,
		],
	])('%s: says so, without the password', async (_, change, problem) => {
		const error = await refusal(await change());
		expect(error).toMatchObject({ code: 'RELEASE.LEDGER_UNREACHABLE', retryable: true });
		expect((error as Error).message).toMatch(problem);
		const text = inspect(error, { depth: 10, showHidden: true });
		expect(text).not.toContain(PASSWORD);
		expect(text).not.toContain(connection.password);
	});

	it('leaves no session behind when its tables may not be created', async () => {
		const role = `${DATABASE}_role`;
		await sql.query(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`);
		try {
			expect(await refusal({ user: role })).toMatchObject({ code: 'RELEASE.LEDGER_UNREACHABLE' });
			const left = async (): Promise<number> =>
				(await rows('SELECT 1 FROM pg_stat_activity WHERE usename = $1', [role])).length;
			for (let round = 0; round < 100 && (await left()) > 0; round += 1) await delay(10);
			expect(await left()).toBe(0);
		} finally {
			await sql.query(`DROP ROLE ${role}`);
		}
	});

	it('a session that the server ends in the middle of a write is an error of that write, and the next one works', async () => {
		const release = await begin();
		const escaped: unknown[] = [];
		const listener = (error: unknown): void => void escaped.push(error);
		process.on('uncaughtException', listener);
		await sql.query('BEGIN');
		await sql.query('SELECT 1 FROM deployment_runbook.environment WHERE name = $1 FOR UPDATE', [environment]);
		const cut = expect(ledger.beginRelease(wanted())).rejects.toMatchObject({ code: 'RELEASE.LEDGER_UNREACHABLE' });
		const terminate = await connectPostgres(superuser);
		const pid = await lockWaiter(terminate);
		await terminate.query('SELECT pg_terminate_backend($1)', [pid]);
		await terminate.end();
		await cut;
		await sql.query('COMMIT');
		await delay(50);
		process.off('uncaughtException', listener);
		expect(escaped).toEqual([]);
		expect(await ledger.beginRelease(wanted())).toEqual({ release, started: false });
	});
});

/** Every row of the environment under test and of its releases, as text. */
async function everything(): Promise<unknown> {
	const releases = `SELECT id FROM deployment_runbook.release WHERE environment = $1`;
	return [
		await rows('SELECT * FROM deployment_runbook.environment WHERE name = $1', [environment]),
		await rows('SELECT * FROM deployment_runbook.release WHERE environment = $1 ORDER BY id', [environment]),
		await rows(`SELECT * FROM deployment_runbook.step WHERE release_id IN (${releases}) ORDER BY step_key`, [
			environment,
		]),
	];
}
