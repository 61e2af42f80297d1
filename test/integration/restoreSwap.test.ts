import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { assessSwap } from '../../lib/backup/restore/assessSwap';
import { readDatabases } from '../../lib/backup/restore/databases.client';
import { askEndpoints, endStandbySessions } from '../../lib/backup/restore/endpoints.client';
import type { Hazard, NamedDatabase, RestoreNote, SwapFacts, Waiver } from '../../lib/backup/restore/model';
import { swapDatabases } from '../../lib/backup/restore/swapDatabases';
import { readServerFacts } from '../../lib/backup/restore/swapFacts.client';
import { connectPostgres, type PostgresConnection } from '../../lib/support/postgres.client';
import { startServer, startStandby, type TestServer } from '../support/startServers';

jest.setTimeout(60_000);

let directory: string;
let primary: TestServer;
let standby: TestServer;
let maintenance: PostgresConnection;
let admin: Client;
let live: PostgresConnection;

beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), 'restore-swap-'));
	// PostgreSQL runs as another user when we are root, and must be able to pass through.
	await chmod(directory, 0o711);
	primary = await startServer({
		directory: join(directory, 'primary'),
		// A setting with a dot may be made up: pg_cron's own is read like this one.
		extraSettings: "wal_level = logical\nmax_prepared_transactions = 5\ncron.database_name = 'jobs'",
	});
	standby = await startStandby(primary, {
		directory: join(directory, 'standby'),
		application: 'reports',
		slot: 'reports_slot',
	});
	const { host, port, user, password } = primary;
	maintenance = { host, port, user, password, database: 'postgres', ssl: 'disable' };
	admin = await connectPostgres(maintenance);
});
beforeEach(async () => {
	const database = `cases_${randomBytes(4).toString('hex')}`;
	live = { ...maintenance, database };
	await admin.query(`CREATE DATABASE ${database}`);
	await admin.query(`CREATE DATABASE ${database}_restore`);
});
afterAll(async () => {
	await admin.end();
	await standby.stop();
	await primary.stop();
	await rm(directory, { recursive: true, force: true });
});

async function inLive(...statements: string[]): Promise<void> {
	const client = await connectPostgres(live);
	for (const statement of statements) await client.query(statement);
	await client.end();
}

async function oidOf(name: string): Promise<number> {
	return (await readDatabases(admin, [name]))[0]?.oid ?? 0;
}

async function readFacts(endpoints: ReadonlyArray<{ host: string; port: number }> = []): Promise<SwapFacts> {
	const facts = await readServerFacts(admin, live);
	if (!facts) throw new Error('no such database');
	return { ...facts, endpoints: await askEndpoints(live, [{ host: live.host, port: live.port }, ...endpoints]) };
}

async function hazards(waivers: readonly Waiver[] = []): Promise<Array<Pick<Hazard, 'kind' | 'names' | 'standing'>>> {
	const found = assessSwap(await readFacts([{ host: standby.host, port: standby.port }]), waivers);
	return found.map(({ kind, names, standing }) => ({ kind, names, standing }));
}

/** With a standby that is declared: handled both. */
const ALWAYS = [
	{ kind: 'standby', names: ['reports (127.0.0.1)'], standing: 'handled' },
	{ kind: 'physicalSlot', names: ['reports_slot'], standing: 'handled' },
];

function swap(options: { note?: Partial<RestoreNote> } = {}): Promise<string> {
	const { database } = live;
	return swapDatabases(admin, {
		live: database,
		maintenance,
		sleep: async (ms) => await sleep(ms),
		outgoing: {
			to: `${database}_broken`,
			note: ({ time, transaction }) => ({
				state: 'replaced',
				restoreId: 'r',
				backupId: 'b',
				snapshotAt: time,
				at: time,
				reason: '',
				replacedBy: 1,
				swapTransaction: transaction,
				comment: null,
				...options.note,
			}),
		},
		incoming: { from: `${database}_restore`, comment: 'the cases' },
	});
}

async function standbyHas(name: string): Promise<boolean> {
	const client = await connectPostgres({ ...live, ...standby, database: 'postgres', ssl: 'disable' });
	try {
		for (let tries = 0; tries < 100; tries++) {
			if ((await readDatabases(client, [name])).length > 0) return true;
			await sleep(100);
		}
		return false;
	} finally {
		await client.end();
	}
}

test('a database that nobody else uses may be swapped; a standby counts as handled once its endpoint is declared', async () => {
	expect(await standbyHas(live.database)).toBe(true);
	expect(await hazards()).toEqual(ALWAYS);
	const undeclared = assessSwap(await readFacts(), []);
	expect(undeclared.map(({ kind, standing }) => [kind, standing])).toEqual([
		['standby', 'open'],
		['physicalSlot', 'handled'],
	]);
	const waived = assessSwap(await readFacts(), ['standby']);
	expect(waived[0]).toMatchObject({ kind: 'standby', standing: 'waived' });
});

test('a logical slot, a subscription, a scheduled job and an open session each need their own waiver', async () => {
	expect(await standbyHas(live.database)).toBe(true);
	const slot = `slot_${live.database}`;
	await inLive(
		`SELECT pg_create_logical_replication_slot('${slot}', 'test_decoding')`,
		`CREATE SUBSCRIPTION from_elsewhere CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)`,
	);
	await admin.query('CREATE DATABASE jobs');
	const jobs = await connectPostgres({ ...maintenance, database: 'jobs' });
	await jobs.query('CREATE SCHEMA cron');
	await jobs.query('CREATE TABLE cron.job (jobid bigint, schedule text, database text, active boolean)');
	await jobs.query(
		"INSERT INTO cron.job VALUES (1, '0 3 * * *', $1, true), (2, '0 4 * * *', $1, false), (3, '* * * * *', 'other', true)",
		[live.database],
	);
	await jobs.end();
	const session = await connectPostgres(live);
	await session.query("SET application_name = 'backend'");
	await session.query('BEGIN');
	await session.query('SELECT 1');
	try {
		const found = [
			{ kind: 'logicalSlot', names: [slot], standing: 'open' },
			{ kind: 'subscription', names: ['from_elsewhere'], standing: 'open' },
			{ kind: 'scheduledJob', names: ['1 (0 3 * * *)'], standing: 'open' },
			{ kind: 'session', names: ['backend as postgres: 1 sessions, 1 in a transaction'], standing: 'open' },
		];
		expect(await hazards()).toEqual([...ALWAYS, ...found]);
		const accepted = await hazards(['logicalSlot', 'session']);
		expect(accepted.filter(({ standing }) => standing === 'waived').map(({ kind }) => kind)).toEqual([
			'logicalSlot',
			'session',
		]);
	} finally {
		await session.end();
		await admin.query(`SELECT pg_drop_replication_slot('${slot}')`);
		await admin.query('DROP DATABASE jobs');
	}
});

test('a prepared transaction and a running migration stand in the way whatever is waived', async () => {
	expect(await standbyHas(live.database)).toBe(true);
	await inLive('CREATE TABLE t ()', 'BEGIN', 'INSERT INTO t DEFAULT VALUES', "PREPARE TRANSACTION 'transfer-1'");
	const migrating = await connectPostgres(live);
	await migrating.query('SELECT pg_advisory_lock(72707369)');
	try {
		expect(
			await hazards(['session', 'logicalSlot', 'standby', 'subscription', 'scheduledJob', 'foreignBackup']),
		).toEqual([
			{ kind: 'migration', names: [live.database], standing: 'open' },
			{ kind: 'preparedTransaction', names: ['transfer-1'], standing: 'open' },
			...ALWAYS,
		]);
	} finally {
		await migrating.end();
	}
	await expect(swap()).rejects.toMatchObject({ code: 'RESTORE.SESSIONS_REMAIN' });
	await inLive("ROLLBACK PREPARED 'transfer-1'");
});

test('an endpoint that leads elsewhere, or nowhere, stands in the way', async () => {
	await standbyHas(live.database);
	const facts = await readFacts();
	const elsewhere = await askEndpoints(live, [
		{ host: live.host, port: live.port, database: 'postgres' },
		{ host: '127.0.0.1', port: 1 },
	]);
	const found = assessSwap({ ...facts, endpoints: [...facts.endpoints, ...elsewhere] }, []);
	expect(found.filter(({ kind }) => kind === 'endpoint').map(({ standing, text }) => [standing, text])).toEqual([
		['open', expect.stringContaining('leads to another database')],
		['open', expect.stringContaining('does not answer')],
	]);
});

test('a role without the rights for a swap is told which it lacks', async () => {
	await admin.query(`DROP ROLE IF EXISTS managed`);
	await admin.query(`CREATE ROLE managed LOGIN PASSWORD 'managed-password' CREATEDB`);
	const client = await connectPostgres({ ...maintenance, user: 'managed', password: 'managed-password' });
	try {
		expect((await readServerFacts(client, live))?.rights).toBe(
			'the role managed lacks ownership of the database, pg_signal_backend, pg_monitor',
		);
		await admin.query(`ALTER DATABASE ${live.database} OWNER TO managed`);
		await admin.query('GRANT pg_signal_backend, pg_monitor TO managed');
		expect((await readServerFacts(client, live))?.rights).toBe('');
	} finally {
		await client.end();
	}
});

test('the swap ends sessions that come back again and again, renames both at once, and closes the old database', async () => {
	const { database } = live;
	const [oldOid, newOid] = [await oidOf(database), await oidOf(`${database}_restore`)];
	let stop = false;
	const pool = Array.from({ length: 5 }, async () => {
		while (!stop) {
			const client = await connectPostgres(live).catch(() => undefined);
			await client?.query('SELECT pg_sleep(0.05)').catch(() => undefined);
			await client?.end().catch(() => undefined);
		}
	});
	await sleep(300);
	const at = await swap({ note: { comment: 'before' } });
	stop = true;
	await Promise.all(pool);

	const [broken, now] = await readDatabases(admin, [database, `${database}_broken`]).then((all): NamedDatabase[] =>
		[...all].sort((a, b) => a.oid - b.oid),
	);
	expect(now).toMatchObject({ name: database, oid: newOid, allowsConnections: true, comment: 'the cases' });
	expect(broken).toMatchObject({ name: `${database}_broken`, oid: oldOid, allowsConnections: false });
	expect(broken?.note).toMatchObject({
		state: 'replaced',
		at,
		comment: 'before',
		swapTransaction: expect.stringMatching(/^\d+$/),
	});
	await expect(connectPostgres({ ...live, database: `${database}_broken` })).rejects.toMatchObject({ code: '55000' });
});

test('a swap that fails in the middle leaves the old database serving', async () => {
	const { database } = live;
	const oid = await oidOf(database);
	await admin.query(`DROP DATABASE ${database}_restore`);
	await expect(swap()).rejects.toMatchObject({ code: 'RESTORE.SWAP_FAILED' });
	expect(await readDatabases(admin, [database, `${database}_broken`])).toEqual([
		expect.objectContaining({ name: database, oid, allowsConnections: true }),
	]);
	await inLive('SELECT 1');
});

test('a standby’s open session goes on with the old database until it is ended through its endpoint', async () => {
	const { database } = live;
	expect(await standbyHas(`${database}_restore`)).toBe(true);
	const [oldOid, newOid] = [await oidOf(database), await oidOf(`${database}_restore`)];
	const endpoint = { host: standby.host, port: standby.port };
	const reader = await connectPostgres({ ...live, ...endpoint });
	await swap();
	expect(await standbyHas(`${database}_broken`)).toBe(true);
	const { rows } = await reader.query<{ name: string }>('SELECT current_database() AS name');
	expect(rows[0]?.name).toBe(`${database}_broken`);

	expect(await endStandbySessions(maintenance, { endpoints: [endpoint], oid: oldOid })).toBe(1);
	await expect(reader.query('SELECT 1')).rejects.toThrow();
	await reader.end().catch(() => undefined);
	expect(await askEndpoints(live, [endpoint])).toEqual([
		expect.objectContaining({ databaseOid: newOid, isStandby: true, isPooler: false, problem: '' }),
	]);
});
