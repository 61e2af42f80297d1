import { chown, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { deployMigrations } from '../../lib/migration/deployMigrations';
import { observeDeployment } from '../../lib/migration/observeDeployment';
import { readMigrationsFolder } from '../../lib/migration/readMigrationsFolder';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import {
	deployOptions,
	MigrationSandbox,
	readAdvisoryLocks,
	readColumn,
	rejection,
	withClient,
} from '../lib/migration/migrationSandbox';
import { mountSmallDisk } from './smallDisk';

const sandbox = new MigrationSandbox();

afterAll(async () => await sandbox.remove());

const FINISHED =
	'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1';
const FAILED = 'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL';
const TABLES = `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' ORDER BY 1`;

test('a fresh database gets every migration, and a second deployment finds them applied', async () => {
	const database = await sandbox.createDatabase();
	const folder = readMigrationsFolder(sandboxEndpoints().migrationsFolder);
	const names = folder.migrations.map(({ name }) => name);
	const options = deployOptions();

	const first = await deployMigrations(database, folder, options);
	expect(first).toEqual({
		applied: names,
		alreadyApplied: 0,
		heldBack: [],
		outOfOrder: [],
		analyze: 'tables',
		analyzed: ['public.case_events', 'public.cases', 'public.files', 'public.users'],
		durationMs: expect.any(Number) as number,
		database: {
			host: database.host,
			port: database.port,
			name: database.database,
			schema: 'public',
			user: database.user,
			serverVersion: expect.stringMatching(/^\d+/) as string,
			systemIdentifier: expect.stringMatching(/^\d{10,}$/) as string,
			databaseOid: expect.any(Number) as number,
		},
	});
	expect(await readColumn(database, FINISHED)).toEqual(names);
	expect(await readColumn(database, 'SELECT checksum FROM _prisma_migrations ORDER BY migration_name')).toEqual(
		folder.migrations.map(({ checksum }) => checksum),
	);
	expect(await readAdvisoryLocks(database)).toEqual([]);

	const second = await deployMigrations(database, folder, options);
	expect(second).toMatchObject({ applied: [], alreadyApplied: names.length, analyze: 'not-needed' });
	expect(await observeDeployment(database, folder, options)).toMatchObject({ alreadyApplied: names.length });
});

test('statistics are there after a deployment', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_rows': 'CREATE TABLE numbered AS SELECT generate_series(1, 1000) AS n;' });
	await deployMigrations(database, folder, deployOptions());
	expect(await readColumn(database, `SELECT reltuples::int FROM pg_class WHERE relname = 'numbered'`)).toEqual([
		1000,
	]);
});

test('statistics are renewed of what the scripts name, and of everything once one runs code', async () => {
	const database = await sandbox.createDatabase();
	const base = {
		'1_base':
			'CREATE TABLE one AS SELECT generate_series(1, 10) AS n; CREATE TABLE two AS SELECT generate_series(1, 10) AS n;',
	};
	await deployMigrations(database, sandbox.writeFolder(base), deployOptions());
	const grow = { ...base, '2_grow': 'INSERT INTO one SELECT generate_series(1, 90);' };
	await withClient(database, async (client) => await client.query('INSERT INTO two SELECT generate_series(1, 90)'));
	const statistics = `SELECT relname || ' ' || reltuples FROM pg_class WHERE relname IN ('one', 'two') ORDER BY 1`;
	expect(await deployMigrations(database, sandbox.writeFolder(grow), deployOptions())).toMatchObject({
		analyze: 'tables',
		analyzed: ['public.one'],
	});
	expect(await readColumn(database, statistics)).toEqual(['one 100', 'two 10']);
	const code = { ...grow, '3_code': "DO $$ BEGIN EXECUTE 'INSERT INTO t' || 'wo VALUES (1)'; END $$; SELECT 1;" };
	expect(await deployMigrations(database, sandbox.writeFolder(code), deployOptions())).toMatchObject({
		analyze: 'database',
		analyzed: [],
	});
	expect(await readColumn(database, statistics)).toEqual(['one 100', 'two 101']);
});

test('semicolons inside function bodies and literals survive', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({
		'1_functions': `
			CREATE FUNCTION greet() RETURNS text LANGUAGE plpgsql AS $body$ DECLARE a text := 'x;y'; BEGIN a := a || ';'; RETURN a; END; $body$;
			CREATE TABLE notes (line text DEFAULT ';;');
			DO $$ BEGIN INSERT INTO notes DEFAULT VALUES; INSERT INTO notes VALUES ('a;b'); END $$;`,
	});
	await deployMigrations(database, folder, deployOptions());
	expect(await readColumn(database, 'SELECT greet()')).toEqual(['x;y;']);
	expect(await readColumn(database, 'SELECT line FROM notes ORDER BY line')).toEqual([';;', 'a;b']);
});

test('a script that fails at its third statement leaves nothing but its failed row, and the lock is free', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({
		'1_good': 'CREATE TABLE good (i int);',
		'2_bad':
			'CREATE TABLE one (i int);\nCREATE TABLE two (i int);\nALTER TABLE good ADD COLUMN j nosuchtype;\nCREATE TABLE three (i int);',
		'3_later': 'CREATE TABLE later (i int);',
	});
	const { code, text } = await rejection(deployMigrations(database, folder, deployOptions()));
	expect(code).toBe('MIGRATION.SCRIPT_FAILED');
	expect(text).toContain('The migration 2_bad failed at line 3: type "nosuchtype" does not exist (SQLSTATE 42704)');
	expect(text).toContain('nothing of it was left but its row');
	expect(text).toContain('Applied before it and kept: 1_good');
	expect(text).toContain('npx prisma migrate resolve --rolled-back "2_bad"');
	expect(await readColumn(database, TABLES)).toEqual(['good']);
	expect(await readColumn(database, FAILED)).toEqual(['2_bad']);
	expect(await readAdvisoryLocks(database)).toEqual([]);
	expect(await observeDeployment(database, folder, deployOptions())).toBe('not-done');
	expect((await rejection(deployMigrations(database, folder, deployOptions()))).code).toBe(
		'MIGRATION.HISTORY_FAILED',
	);
});

test('a script with transactions of its own that fails says that a part may have stayed, and the session is still usable', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({
		'1_own': 'CREATE TABLE kept (i int); COMMIT; BEGIN; CREATE TABLE lost (i int); SELECT 1/0; COMMIT;',
	});
	const { code, text } = await rejection(deployMigrations(database, folder, deployOptions()));
	expect(code).toBe('MIGRATION.SCRIPT_FAILED');
	expect(text).toContain('a part of it may have stayed');
	expect(await readColumn(database, TABLES)).toEqual(['kept']);
	expect(await readColumn(database, `SELECT logs LIKE '%division by zero%' FROM _prisma_migrations`)).toEqual([true]);
});

test('a script that leaves its transaction open is undone and reported', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_open': 'BEGIN; CREATE TABLE open_ended (i int);' });
	const { code, text } = await rejection(deployMigrations(database, folder, deployOptions()));
	expect(code).toBe('MIGRATION.SCRIPT_FAILED');
	expect(text).toContain('began a transaction and did not end it');
	expect(await readColumn(database, TABLES)).toEqual([]);
});

test('settings and roles that one script changes do not reach the next one', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({
		'1_dump_like': `SELECT pg_catalog.set_config('search_path', '', false); SET ROLE pg_monitor; SET lock_timeout = 0; SET ROLE NONE; CREATE TABLE public.a (i int); SET ROLE pg_monitor;`,
		'2_plain': `CREATE TABLE b AS SELECT current_user::text AS who, current_setting('lock_timeout') AS lock_timeout;`,
	});
	await deployMigrations(database, folder, deployOptions());
	expect(await readColumn(database, 'SELECT who FROM public.b')).toEqual([database.user]);
	expect(await readColumn(database, 'SELECT lock_timeout FROM public.b')).toEqual(['300ms']);
});

test('a lone CREATE INDEX CONCURRENTLY works; beside others it is refused before anything is touched', async () => {
	const database = await sandbox.createDatabase();
	const good = {
		'1_table': 'CREATE TABLE things (i int);',
		'2_index': '-- alone; as it must be\nCREATE INDEX CONCURRENTLY things_i ON things (i);',
	};
	await deployMigrations(database, sandbox.writeFolder(good), deployOptions());
	expect(
		await readColumn(database, `SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_i'::regclass`),
	).toEqual([true]);

	const mixed = sandbox.writeFolder({
		...good,
		'3_fine': 'CREATE TABLE fine (i int);',
		'4_mixed': 'ALTER TABLE things ADD j int; CREATE INDEX CONCURRENTLY things_j ON things (j);',
	});
	expect((await rejection(deployMigrations(database, mixed, deployOptions()))).code).toBe(
		'MIGRATION.SCRIPT_IMPOSSIBLE',
	);
	expect(await readColumn(database, TABLES)).toEqual(['things']);
});

test('a concurrent build that fails names the invalid index, and the next deployment refuses to go on over it', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({
		'1_table': 'CREATE TABLE twins AS SELECT 1 AS i FROM generate_series(1, 2);',
		'2_index': 'CREATE UNIQUE INDEX CONCURRENTLY twins_i ON twins (i);',
	});
	const { code, text } = await rejection(deployMigrations(database, folder, deployOptions()));
	expect(code).toBe('MIGRATION.SCRIPT_FAILED');
	expect(text).toContain('a part of it may have stayed');
	expect(text).toContain('DROP INDEX CONCURRENTLY');
	await withClient(
		database,
		async (client) =>
			await client.query(`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '2_index'`),
	);
	const again = await rejection(deployMigrations(database, folder, deployOptions()));
	expect(again.code).toBe('MIGRATION.INVALID_INDEX');
	expect(again.text).toContain('public.twins_i');
});

test('a role without the right to create is refused before anything is touched, a table of somebody else stops the script', async () => {
	const database = await sandbox.createDatabase();
	const limited = await sandbox.createRole(database);
	const folder = sandbox.writeFolder({ '1_first': 'ALTER TABLE theirs ADD COLUMN mine int;' });
	const refused = await rejection(deployMigrations(limited, folder, deployOptions()));
	expect(refused.code).toBe('MIGRATION.NOT_PERMITTED');
	expect(refused.text).toContain('GRANT CREATE ON SCHEMA "public"');
	expect(
		await readColumn(database, `SELECT count(*)::int FROM pg_class WHERE relname = '_prisma_migrations'`),
	).toEqual([0]);

	await withClient(
		database,
		async (client) => await client.query(`GRANT CREATE ON SCHEMA public TO "${limited.user}"`),
	);
	await deployMigrations(limited, sandbox.writeFolder({ '0_own': 'CREATE TABLE own (i int);' }), deployOptions());
	await withClient(database, async (client) => await client.query('CREATE TABLE theirs (i int)'));
	const failed = await rejection(
		deployMigrations(
			limited,
			sandbox.writeFolder({
				'0_own': 'CREATE TABLE own (i int);',
				'1_first': 'ALTER TABLE theirs ADD COLUMN mine int;',
			}),
			deployOptions(),
		),
	);
	expect(failed.code).toBe('MIGRATION.NOT_PERMITTED');
	expect(failed.text).toContain('must be owner of table theirs');
	expect(failed.text).toContain('nothing of it was left but its row');
	await withClient(database, async (client) => await client.query(`DROP OWNED BY "${limited.user}" CASCADE`));
});

test('a server that runs out of room stops the script, says so, leaves nothing of it, and the lock is free', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({
		'1_before': 'CREATE TABLE before (i int);',
		'2_big': `SET temp_file_limit = '1MB'; SET work_mem = '64kB';
			CREATE TABLE sorted AS SELECT repeat(g::text, 50) AS line FROM generate_series(1, 100000) g ORDER BY 1 DESC;`,
		'3_after': 'CREATE TABLE after (i int);',
	});
	const { code, text } = await rejection(deployMigrations(database, folder, deployOptions()));
	expect(code).toBe('MIGRATION.OUT_OF_RESOURCES');
	expect(text).toContain('2_big');
	expect(text).toContain('Free disk space');
	expect(text).toContain('nothing of it was left');
	expect(await readColumn(database, TABLES)).toEqual(['before']);
	expect(await readColumn(database, FAILED)).toEqual(['2_big']);
	expect(await readAdvisoryLocks(database)).toEqual([]);
});

test('a disk that is full stops the script, says so, leaves nothing of it, and the lock is free', async () => {
	const database = await sandbox.createDatabase();
	const place = await mkdtemp(join(tmpdir(), 'small-disk-'));
	const [data] = (await readColumn(
		database,
		`SELECT setting FROM pg_settings WHERE name = 'data_directory'`,
	)) as string[];
	const { uid, gid } = await stat(data!);
	await chown(place, uid, gid);
	const small = mountSmallDisk(place, 4);
	if (!small) return;
	try {
		const name = database.database.replace('migration_', 'small_');
		await withClient(
			database,
			async (client) => await client.query(`CREATE TABLESPACE ${name} LOCATION '${place}'`),
		);
		const rows = `SELECT repeat(g::text, 100) AS line FROM generate_series(1, 100000) g`;
		const folder = sandbox.writeFolder({
			'1_before': 'CREATE TABLE before (i int);',
			'2_big': `CREATE TABLE big TABLESPACE ${name} AS ${rows};`,
		});
		const { code, text } = await rejection(deployMigrations(database, folder, deployOptions()));
		expect(code).toBe('MIGRATION.OUT_OF_RESOURCES');
		expect(text).toContain('No space left on device');
		expect(text).toContain('nothing of it was left');
		expect(await readColumn(database, TABLES)).toEqual(['before']);
		expect(await readColumn(database, FAILED)).toEqual(['2_big']);
		expect(await readAdvisoryLocks(database)).toEqual([]);
		await withClient(database, async (client) => await client.query(`DROP TABLESPACE ${name}`));
	} finally {
		small.unmount();
		await rm(place, { recursive: true });
	}
});

test('a database that Prisma 8 keeps is refused before anything is touched', async () => {
	const database = await sandbox.createDatabase();
	await withClient(
		database,
		async (client) =>
			await client.query(
				'CREATE SCHEMA prisma_contract; CREATE TABLE prisma_contract.marker (id smallint PRIMARY KEY)',
			),
	);
	const folder = sandbox.writeFolder({ '1_a': 'CREATE TABLE a (i int);' });
	const { code, text } = await rejection(deployMigrations(database, folder, deployOptions()));
	expect(code).toBe('MIGRATION.PRISMA_NOT_UNDERSTOOD');
	expect(text).toContain('prisma_contract.marker');
	expect(await readColumn(database, TABLES)).toEqual([]);
	expect(await readAdvisoryLocks(database)).toEqual([]);
});

test('two databases are migrated at the same time in one process', async () => {
	const folder = readMigrationsFolder(sandboxEndpoints().migrationsFolder);
	const databases = [await sandbox.createDatabase(), await sandbox.createDatabase(), await sandbox.createDatabase()];
	const deployed = await Promise.all(
		databases.map(async (database) => await deployMigrations(database, folder, deployOptions())),
	);
	expect(deployed.map(({ applied }) => applied.length)).toEqual([3, 3, 3]);
});

test('a schema other than public gets the tables and the history', async () => {
	const database = await sandbox.createDatabase();
	const settings = { ...deployOptions().settings, schema: 'Case-Files' };
	const folder = sandbox.writeFolder({ '1_table': 'CREATE TABLE filed (i int);' });
	expect((await rejection(deployMigrations(database, folder, deployOptions({ settings })))).code).toBe(
		'MIGRATION.SCHEMA_MISSING',
	);
	await withClient(database, async (client) => await client.query('CREATE SCHEMA "Case-Files"'));
	await deployMigrations(database, folder, deployOptions({ settings }));
	expect(
		await readColumn(database, `SELECT tablename FROM pg_tables WHERE schemaname = 'Case-Files' ORDER BY 1`),
	).toEqual(['_prisma_migrations', 'filed']);
});

test('a backup of another database is refused before anything is touched, one of this database is accepted', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_table': 'CREATE TABLE t (i int);' });
	const [identity] = await withClient(database, async (client) => {
		const sql = `SELECT system_identifier::text AS "systemIdentifier", (SELECT oid::int FROM pg_database WHERE datname = current_database()) AS "databaseOid" FROM pg_control_system()`;
		return (await client.query<{ systemIdentifier: string; databaseOid: number }>(sql)).rows;
	});
	if (!identity) throw new Error('no identity');
	const otherDatabase = { ...identity, databaseOid: identity.databaseOid + 1 };
	const otherServer = { ...identity, systemIdentifier: '7000000000000000001' };
	for (const backup of [otherDatabase, otherServer]) {
		const { code, text } = await rejection(deployMigrations(database, folder, deployOptions({ backup })));
		expect(code).toBe('MIGRATION.BACKUP_OF_ANOTHER_DATABASE');
		expect(text).toContain(database.database);
	}
	expect(await readColumn(database, `SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'`)).toEqual([0]);
	expect((await deployMigrations(database, folder, deployOptions({ backup: identity }))).applied).toEqual([
		'1_table',
	]);
});

test('the password shows up in no error, no progress line and no history', async () => {
	const database = await sandbox.createDatabase();
	const log: string[] = [];
	const folder = sandbox.writeFolder({ '1_bad': `SELECT 1; SELECT 'x'::int;` });
	const failed = await rejection(
		deployMigrations(database, folder, deployOptions({ log: (message) => log.push(message) })),
	);
	const denied = await rejection(deployMigrations({ ...database, user: 'nobody_here' }, folder, deployOptions()));
	const unreachable = await rejection(deployMigrations({ ...database, port: 1 }, folder, deployOptions()));
	const logs = await readColumn(database, 'SELECT logs FROM _prisma_migrations');
	expect([failed.code, denied.code, unreachable.code]).toEqual([
		'MIGRATION.SCRIPT_FAILED',
		'MIGRATION.ACCESS_REFUSED',
		'MIGRATION.DATABASE_UNREACHABLE',
	]);
	expect(JSON.stringify([failed, denied, unreachable, log, logs])).not.toContain(database.password);
});

describe('a deployment up to the last expanding migration', () => {
	const scripts = {
		'1_add': 'CREATE TABLE cases (id int, note text);',
		'2_more': 'ALTER TABLE cases ADD COLUMN remark text;',
	};
	const DROP = { '3_drop': 'ALTER TABLE cases DROP COLUMN note;' };
	const columns = async (connection: PostgresConnection): Promise<unknown[]> =>
		await readColumn(
			connection,
			`SELECT column_name FROM information_schema.columns WHERE table_name = 'cases' ORDER BY ordinal_position`,
		);

	test('leaves what takes away pending and lists it; a later one goes on to the end', async () => {
		const database = await sandbox.createDatabase();
		await deployMigrations(database, sandbox.writeFolder({ '1_add': scripts['1_add'] }), deployOptions());
		const folder = sandbox.writeFolder({ ...scripts, ...DROP });
		const upTo = 'lastExpand';
		expect(await deployMigrations(database, folder, deployOptions({ upTo }))).toMatchObject({
			applied: ['2_more'],
			heldBack: ['3_drop'],
			alreadyApplied: 1,
		});
		expect(await columns(database)).toEqual(['id', 'note', 'remark']);
		const observe = async (heldBack: string[]): Promise<unknown> =>
			await observeDeployment(database, folder, { ...deployOptions(), heldBack });
		expect(await observe(['3_drop'])).toMatchObject({ heldBack: ['3_drop'], alreadyApplied: 2 });
		expect(await observe([])).toBe('not-done');

		expect(await deployMigrations(database, folder, deployOptions({ upTo }))).toMatchObject({
			applied: [],
			heldBack: ['3_drop'],
			analyze: 'not-needed',
		});
		expect(await deployMigrations(database, folder, deployOptions({ upTo: 'all' }))).toMatchObject({
			applied: ['3_drop'],
			heldBack: [],
		});
		expect(await columns(database)).toEqual(['id', 'remark']);
	});

	test.each([
		['stands before one that adds', { ...DROP, '4_add': 'ALTER TABLE cases ADD COLUMN b int;' }],
		['also adds', { '3_both': 'ALTER TABLE cases DROP COLUMN note, ADD COLUMN b int;' }],
	])('is refused untouched when what takes away %s', async (_promise, more) => {
		const database = await sandbox.createDatabase();
		await deployMigrations(database, sandbox.writeFolder(scripts), deployOptions());
		const folder = sandbox.writeFolder({ ...scripts, ...more });
		const refusal = await rejection(deployMigrations(database, folder, deployOptions({ upTo: 'lastExpand' })));
		expect(refusal.code).toBe('MIGRATION.CONTRACT_IN_BETWEEN');
		expect(await columns(database)).toEqual(['id', 'note', 'remark']);
		expect(await readAdvisoryLocks(database)).toEqual([]);
	});

	test('applies nothing that was not linted, or not with these bytes', async () => {
		const database = await sandbox.createDatabase();
		const folder = sandbox.writeFolder(scripts);
		const [first] = folder.migrations;
		for (const linted of [[], [first!], folder.migrations.map((one) => ({ ...one, checksum: 'other' }))]) {
			const refusal = await rejection(deployMigrations(database, folder, deployOptions({ linted })));
			expect(refusal.code).toBe('MIGRATION.NOT_LINTED');
		}
		expect(await columns(database)).toEqual([]);
		const linted = folder.migrations;
		expect(await deployMigrations(database, folder, deployOptions({ linted }))).toMatchObject({
			applied: ['1_add', '2_more'],
		});
	});
});
