import { deployMigrations } from '../../lib/migration/deployMigrations';
import { observeDeployment } from '../../lib/migration/observeDeployment';
import { readMigrationStatus } from '../../lib/migration/readMigrationStatus';
import { systemClock, type Clock } from '../../lib/support/clock';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import {
	deployOptions,
	MigrationSandbox,
	readAdvisoryLocks,
	readColumn,
	rejection,
	waitUntil,
	withClient,
} from '../lib/migration/migrationSandbox';

const sandbox = new MigrationSandbox();

afterAll(async () => await sandbox.remove());

const ROWS = `SELECT migration_name || ' ' || CASE WHEN rolled_back_at IS NOT NULL THEN 'rolled back' WHEN finished_at IS NULL THEN 'failed' ELSE 'finished' END
	FROM _prisma_migrations ORDER BY started_at`;

/** Waits until a script of the deployment runs; gives the deployment's process. */
async function waitForScript(database: PostgresConnection, fragment: string): Promise<number> {
	const find = async (): Promise<unknown[]> =>
		await readColumn(
			database,
			`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%${fragment}%'`,
		);
	await waitUntil(async () => (await find()).length === 1, `a session runs ${fragment}`);
	return Number((await find())[0]);
}

test('a second deployment says busy at once, names the first one, and never stands in the queue', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_slow': 'SELECT pg_sleep(2); CREATE TABLE slow (i int);' });
	const first = deployMigrations(database, folder, deployOptions());
	const pid = await waitForScript(database, 'pg_sleep(2)');

	const startedAt = performance.now();
	const { code, text } = await rejection(deployMigrations(database, folder, deployOptions()));
	expect(performance.now() - startedAt).toBeLessThan(1_000);
	expect(code).toBe('MIGRATION.BUSY');
	expect(text).toContain(`process ${pid}, since 20`);
	expect(await readAdvisoryLocks(database)).toEqual([true]);

	const status = await readMigrationStatus(database, folder, deployOptions());
	expect(status).toMatchObject({ verdict: 'inconclusive' });
	expect(status.problems[0]).toMatchObject({ kind: 'busy', names: [expect.stringContaining(`process ${pid}`)] });
	expect(await observeDeployment(database, folder, deployOptions())).toBe('unknown');
	expect(await readAdvisoryLocks(database)).toEqual([true]);

	expect((await first).applied).toEqual(['1_slow']);
	expect(await readAdvisoryLocks(database)).toEqual([]);
	expect(await observeDeployment(database, folder, deployOptions())).toMatchObject({
		applied: [],
		alreadyApplied: 1,
	});
});

test('two deployments that start in the same moment: one applies, the other one is busy or finds it done', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_once': 'CREATE TABLE once (i int); SELECT pg_sleep(0.3);' });
	const results = await Promise.allSettled([
		deployMigrations(database, folder, deployOptions()),
		deployMigrations(database, folder, deployOptions()),
	]);
	const codes = results.map((result) =>
		result.status === 'fulfilled'
			? `applied ${result.value.applied.length}`
			: (result.reason as { code: string }).code,
	);
	expect(codes.sort()).toEqual(['MIGRATION.BUSY', 'applied 1']);
	expect(await readColumn(database, ROWS)).toEqual(['1_once finished']);
});

test("a lock held by Prisma's own command line is busy too", async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_table': 'CREATE TABLE t (i int);' });
	await withClient(database, async (cli) => {
		await cli.query('SELECT pg_advisory_lock(72707369)');
		expect((await rejection(deployMigrations(database, folder, deployOptions()))).code).toBe('MIGRATION.BUSY');
		expect(await readAdvisoryLocks(database)).toEqual([true]);
	});
	await waitUntil(async () => (await readAdvisoryLocks(database)).length === 0, 'the lock is free');
	expect((await deployMigrations(database, folder, deployOptions())).applied).toEqual(['1_table']);
});

test('a migration that waits for a reader gives up early, leaves nothing, and succeeds once the reader has gone', async () => {
	const database = await sandbox.createDatabase();
	const table = { '1_table': 'CREATE TABLE busy (i int);' };
	await deployMigrations(database, sandbox.writeFolder(table), deployOptions());
	const folder = sandbox.writeFolder({
		...table,
		'2_before': 'CREATE TABLE before (i int);',
		'3_alter': 'CREATE TABLE extra (i int); ALTER TABLE busy ADD COLUMN j int;',
		'4_after': 'CREATE TABLE after (i int);',
	});
	await withClient(database, async (reader) => {
		await reader.query('BEGIN; SELECT * FROM busy;');
		const log: string[] = [];
		const pauses: number[] = [];
		// The reader leaves during the second pause.
		const clock: Clock = {
			...systemClock,
			sleep: async (durationMs) => {
				pauses.push(durationMs);
				expect(
					await readColumn(database, `SELECT count(*)::int FROM pg_tables WHERE tablename = 'extra'`),
				).toEqual([0]);
				if (pauses.length === 2) await reader.query('COMMIT');
			},
		};
		const { applied } = await deployMigrations(
			database,
			folder,
			deployOptions({ clock, log: (message) => log.push(message) }),
		);
		expect(applied).toEqual(['2_before', '3_alter', '4_after']);
		expect(pauses).toEqual([50, 100]);
		expect(log.filter((line) => line.includes('lock timeout'))).toHaveLength(2);
	});
	expect(await readColumn(database, ROWS)).toEqual([
		'1_table finished',
		'2_before finished',
		'3_alter rolled back',
		'3_alter rolled back',
		'3_alter finished',
		'4_after finished',
	]);
});

test('a script waits for a long reader without standing in the queue: nobody behind it waits, and it succeeds at the first attempt', async () => {
	const database = await sandbox.createDatabase();
	const table = { '1_table': 'CREATE TABLE busy (i int);' };
	await deployMigrations(database, sandbox.writeFolder(table), deployOptions());
	const folder = sandbox.writeFolder({ ...table, '2_alter': 'ALTER TABLE busy ADD COLUMN j int;' });
	await withClient(database, async (reader) => {
		await reader.query('BEGIN; SELECT * FROM busy;');
		await reader.query('SELECT pg_sleep(0.15)');
		const log: string[] = [];
		const options = deployOptions({ patienceMs: 60_000, log: (message) => log.push(message) });
		const deployment = deployMigrations(database, folder, options);
		await waitUntil(async () => log.some((line) => line.includes('lets go of public.busy')), 'it waits');
		expect(
			await readColumn(database, "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'relation'"),
		).toEqual([]);
		expect(await readColumn(database, 'SELECT count(*)::int FROM busy')).toEqual([0]);
		await reader.query('COMMIT');
		expect((await deployment).applied).toEqual(['2_alter']);
	});
	expect(await readColumn(database, ROWS)).toEqual(['1_table finished', '2_alter finished']);
});

test('a reader that outstays its patience is met by the lock timeout', async () => {
	const database = await sandbox.createDatabase();
	const table = { '1_table': 'CREATE TABLE busy (i int);' };
	await deployMigrations(database, sandbox.writeFolder(table), deployOptions());
	const folder = sandbox.writeFolder({ ...table, '2_alter': 'DROP TABLE busy;' });
	await withClient(database, async (reader) => {
		await reader.query('BEGIN; SELECT * FROM busy;');
		const options = deployOptions({ patienceMs: 300, retry: { attempts: 1, firstPauseMs: 10 } });
		expect((await rejection(deployMigrations(database, folder, options))).code).toBe('MIGRATION.LOCK_TIMEOUT');
	});
});

test('a reader that stays: the deployment ends after its attempts, the history is clean and what was applied is named', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({
		'1_table': 'CREATE TABLE busy (i int);',
		'2_alter': 'ALTER TABLE busy ADD COLUMN j int;',
	});
	await deployMigrations(database, sandbox.writeFolder({ '1_table': 'CREATE TABLE busy (i int);' }), deployOptions());
	await withClient(database, async (reader) => {
		await reader.query('BEGIN; SELECT * FROM busy;');
		const { code, text } = await rejection(
			deployMigrations(database, folder, deployOptions({ retry: { attempts: 2, firstPauseMs: 10 } })),
		);
		expect(code).toBe('MIGRATION.LOCK_TIMEOUT');
		expect(text).toContain('2_alter did not get its lock within 300 ms, 2 times');
		expect(text).toContain('which is marked as rolled back');
	});
	expect(await readColumn(database, ROWS)).toEqual([
		'1_table finished',
		'2_alter rolled back',
		'2_alter rolled back',
	]);
	expect((await readMigrationStatus(database, folder, deployOptions())).verdict).toBe('passed');
	expect((await deployMigrations(database, folder, deployOptions())).applied).toEqual(['2_alter']);
});

test('a script that commits in between is never run again after a lock timeout', async () => {
	const database = await sandbox.createDatabase();
	const table = { '1_table': 'CREATE TABLE busy (i int);' };
	await deployMigrations(database, sandbox.writeFolder(table), deployOptions());
	const folder = sandbox.writeFolder({
		...table,
		'2_own': 'CREATE TABLE kept (i int); COMMIT; ALTER TABLE busy ADD COLUMN j int;',
	});
	await withClient(database, async (reader) => {
		await reader.query('BEGIN; SELECT * FROM busy;');
		const { code, text } = await rejection(deployMigrations(database, folder, deployOptions()));
		expect(code).toBe('MIGRATION.LOCK_TIMEOUT');
		expect(text).toContain('1 times');
		expect(text).toContain('a part of it may have stayed');
	});
	expect(await readColumn(database, ROWS)).toEqual(['1_table finished', '2_own failed']);
});

test('cancelling ends the session on the server, undoes the script and frees the lock', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({
		'1_done': 'CREATE TABLE done (i int);',
		'2_long': 'CREATE TABLE half (i int); SELECT pg_sleep(30);',
	});
	const cancel = new AbortController();
	const deployment = rejection(deployMigrations(database, folder, deployOptions({ signal: cancel.signal })));
	const pid = await waitForScript(database, 'pg_sleep(30)');
	cancel.abort();
	const { code, text } = await deployment;
	expect(code).toBe('MIGRATION.CANCELLED');
	expect(text).toContain('during 2_long');
	expect(text).toContain('Applied before it and kept: 1_done');
	expect(await readColumn(database, `SELECT pid FROM pg_stat_activity WHERE pid = ${pid}`)).toEqual([]);
	expect(await readAdvisoryLocks(database)).toEqual([]);
	expect(await readColumn(database, `SELECT count(*)::int FROM pg_tables WHERE tablename = 'half'`)).toEqual([0]);
	expect(await readColumn(database, ROWS)).toEqual(['1_done finished', '2_long failed']);
});

test('cancelling while it waits for a reader leaves a clean history', async () => {
	const database = await sandbox.createDatabase();
	const table = { '1_table': 'CREATE TABLE busy (i int);' };
	await deployMigrations(database, sandbox.writeFolder(table), deployOptions());
	const cancel = new AbortController();
	const folder = sandbox.writeFolder({ ...table, '2_alter': 'ALTER TABLE busy ADD COLUMN j int;' });
	await withClient(database, async (reader) => {
		await reader.query('BEGIN; SELECT * FROM busy;');
		const options = deployOptions({
			signal: cancel.signal,
			retry: { attempts: 5, firstPauseMs: 10_000 },
			log: (line) => {
				if (line.includes('run 2')) cancel.abort();
			},
		});
		const { code, text } = await rejection(deployMigrations(database, folder, options));
		expect(code).toBe('MIGRATION.CANCELLED');
		expect(text).toContain('while it waited for a lock for 2_alter');
	});
	expect(await readColumn(database, ROWS)).toEqual(['1_table finished', '2_alter rolled back']);
});

test('a session that the server ends in the middle of a script is told as an unknown outcome', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_long': 'CREATE TABLE half (i int); SELECT pg_sleep(30);' });
	const deployment = rejection(deployMigrations(database, folder, deployOptions()));
	const pid = await waitForScript(database, 'pg_sleep(30)');
	await readColumn(database, `SELECT pg_terminate_backend(${pid})`);
	const { code, text } = await deployment;
	expect(code).toBe('MIGRATION.SESSION_LOST');
	expect(text).toContain('during migration 1_long');
	expect(await readColumn(database, ROWS)).toEqual(['1_long failed']);
});

test('a script that takes too long is stopped and undone', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_long': 'CREATE TABLE half (i int); SELECT pg_sleep(30);' });
	const settings = { schema: 'public', lockTimeoutMs: 300, statementTimeoutMs: 200 };
	const { code, text } = await rejection(deployMigrations(database, folder, deployOptions({ settings })));
	expect(code).toBe('MIGRATION.STATEMENT_TIMEOUT');
	expect(text).toContain('nothing of it was left');
	expect(await readAdvisoryLocks(database)).toEqual([]);
});

test("a role's own shorter time limit does not stop a long migration", async () => {
	const database = await sandbox.createDatabase();
	const role = await sandbox.createRole(database);
	await withClient(
		database,
		async (client) =>
			await client.query(
				`GRANT CREATE ON SCHEMA public TO "${role.user}"; ALTER ROLE "${role.user}" SET statement_timeout = '100ms'`,
			),
	);
	const folder = sandbox.writeFolder({ '1_long': 'SELECT pg_sleep(0.4);' });
	expect((await deployMigrations(role, folder, deployOptions())).applied).toEqual(['1_long']);
	await withClient(database, async (client) => await client.query(`DROP OWNED BY "${role.user}" CASCADE`));
});
