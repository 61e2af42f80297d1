import { deployMigrations } from '../../lib/migration/deployMigrations';
import type { MigrationsFolder } from '../../lib/migration/model';
import type { Rehearsal } from '../../lib/migration/rehearse/model';
import { rehearseMigrations, type RehearseOptions } from '../../lib/migration/rehearse/rehearseMigrations';
import { systemClock } from '../../lib/support/clock';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import {
	deployOptions,
	MigrationSandbox,
	readAdvisoryLocks,
	readColumn,
	rejection,
	withClient,
} from '../lib/migration/migrationSandbox';

const sandbox = new MigrationSandbox();
const BASE = {
	'1_base': `CREATE TABLE notes (id serial PRIMARY KEY, body text, n int);
		INSERT INTO notes (body, n) SELECT repeat('x', 200), g FROM generate_series(1, 2000) g;`,
};
let production: PostgresConnection;
let scratch: PostgresConnection;

beforeEach(async () => {
	[production, scratch] = [await sandbox.createDatabase(), await sandbox.createDatabase()];
	for (const database of [production, scratch])
		await deployMigrations(database, sandbox.writeFolder(BASE), deployOptions());
});
afterAll(async () => await sandbox.remove());

async function rehearse(folder: MigrationsFolder, change: Partial<RehearseOptions> = {}): Promise<Rehearsal> {
	return await rehearseMigrations(scratch, folder, {
		settings: { schema: 'public', lockTimeoutMs: 1_000, statementTimeoutMs: 10_000 },
		upTo: 'lastExpand',
		production,
		longestLockMs: 60_000,
		signal: new AbortController().signal,
		clock: systemClock,
		log: () => undefined,
		...change,
	});
}

const HISTORY = 'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1';

test('each migration is timed and watched: its locks, the rows it wrote anew, its growth', async () => {
	const folder = sandbox.writeFolder({
		...BASE,
		'2_add': 'ALTER TABLE notes ADD COLUMN a text;',
		'3_rewrite': 'ALTER TABLE notes ADD COLUMN u uuid DEFAULT gen_random_uuid(); CREATE TABLE fresh (i int);',
		'4_index': 'CREATE INDEX CONCURRENTLY notes_n ON notes (n);',
		'5_data': `UPDATE notes SET n = n + 1 WHERE id <= 10; SELECT pg_sleep(0.3);`,
	});
	const rehearsal = await rehearse(folder, { linted: folder.migrations.slice(1) });
	expect(rehearsal).toMatchObject({ verdict: 'passed', problems: [], history: [] });
	expect(rehearsal.sizeRatio).toBeGreaterThan(0.5);
	const [add, rewrite, index, data] = rehearsal.migrations;
	expect(add).toMatchObject({
		name: '2_add',
		checksum: folder.migrations[1]?.checksum,
		locks: [{ table: 'public.notes', lock: 'ACCESS EXCLUSIVE' }],
		rewritten: [],
		failure: null,
	});
	expect(rewrite).toMatchObject({
		locks: expect.arrayContaining([expect.objectContaining({ table: 'public.notes', lock: 'ACCESS EXCLUSIVE' })]),
		rewritten: [{ table: 'public.notes', rows: 2000 }],
	});
	expect(index).toMatchObject({ name: '4_index', rewritten: [], failure: null });
	expect(index?.growthBytes).toBeGreaterThan(0);
	const rows = data?.locks.find(({ lock }) => lock === 'ROW EXCLUSIVE');
	expect(rows?.heldMs).toBeGreaterThanOrEqual(250);
	expect(rows?.heldMs).toBeLessThanOrEqual(data?.durationMs ?? 0);
	expect(data?.atLeastMs).toBeGreaterThanOrEqual(data?.durationMs ?? Infinity);

	expect(await readColumn(scratch, HISTORY)).toEqual(folder.migrations.map(({ name }) => name));
	expect(await readColumn(production, HISTORY)).toEqual(['1_base']);
	expect(await readAdvisoryLocks(scratch)).toEqual([]);
});

test('a script that fails on the data is told, and nothing behind it is tried', async () => {
	const folder = sandbox.writeFolder({
		...BASE,
		'2_add': 'ALTER TABLE notes ADD COLUMN a text;',
		'3_bad': 'ALTER TABLE notes ADD COLUMN c int; UPDATE notes SET c = 1 / (n - 7) WHERE id > 0;',
		'4_never': 'CREATE TABLE never (i int);',
	});
	const rehearsal = await rehearse(folder);
	expect(rehearsal.verdict).toBe('failed');
	expect(rehearsal.migrations.map(({ name, failure }) => [name, failure === null])).toEqual([
		['2_add', true],
		['3_bad', false],
	]);
	expect(rehearsal.problems).toEqual([
		expect.objectContaining({
			kind: 'failed',
			names: ['3_bad'],
			text: expect.stringContaining('division by zero'),
		}),
	]);
	expect(await readColumn(scratch, `SELECT to_regclass('never')::text`)).toEqual([null]);
});

test('a script that keeps writers waiting for too long fails', async () => {
	const folder = sandbox.writeFolder({
		...BASE,
		'2_slow': 'ALTER TABLE notes ADD COLUMN a text; SELECT pg_sleep(0.5);',
	});
	expect(await rehearse(folder, { longestLockMs: 200 })).toMatchObject({
		verdict: 'failed',
		problems: [{ kind: 'lock-too-long', names: ['2_slow'] }],
	});
});

test('what stays pending is not rehearsed', async () => {
	const folder = sandbox.writeFolder({
		...BASE,
		'2_add': 'ALTER TABLE notes ADD COLUMN a text;',
		'3_drop': 'ALTER TABLE notes DROP COLUMN body;',
	});
	const rehearsal = await rehearse(folder);
	expect(rehearsal).toMatchObject({ verdict: 'passed', migrations: [{ name: '2_add' }] });
	expect(await readColumn(scratch, HISTORY)).toEqual(['1_base', '2_add']);
});

test('a scratch database in another state than what was linted is inconclusive, and is not touched', async () => {
	const folder = sandbox.writeFolder({ ...BASE, '2_add': 'ALTER TABLE notes ADD COLUMN a text;' });
	const rehearsal = await rehearse(folder, { linted: [] });
	expect(rehearsal).toMatchObject({ verdict: 'inconclusive', migrations: [], problems: [{ kind: 'not-the-state' }] });
	expect(await readColumn(scratch, HISTORY)).toEqual(['1_base']);
	await withClient(scratch, async (client) => await client.query('DROP TABLE _prisma_migrations'));
	expect(await rehearse(folder)).toMatchObject({
		verdict: 'failed',
		migrations: [],
		history: [{ kind: 'not-baselined' }],
	});
});

test('a backup from before a run that was cut short is rehearsed from there: what production has had since is known', async () => {
	const folder = sandbox.writeFolder({
		...BASE,
		'2_add': 'ALTER TABLE notes ADD COLUMN a text;',
		'3_more': 'ALTER TABLE notes ADD COLUMN b text;',
	});
	const begun = sandbox.writeFolder({ ...BASE, '2_add': 'ALTER TABLE notes ADD COLUMN a text;' });
	await deployMigrations(production, begun, deployOptions());
	const rehearsal = await rehearse(folder, { linted: folder.migrations.slice(2) });
	expect(rehearsal).toMatchObject({ verdict: 'passed', migrations: [{ name: '2_add' }, { name: '3_more' }] });
});

test('a down.sql is tried right after its migration, and undone again: what it undoes, what it leaves, and what it loses', async () => {
	const folder = sandbox.writeFolder(
		{
			...BASE,
			'2_add': "CREATE TYPE mood AS ENUM ('ok'); ALTER TABLE notes ADD COLUMN a mood NOT NULL DEFAULT 'ok';",
			'3_index':
				'CREATE INDEX notes_n ON notes (n); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;',
			'4_fails': 'CREATE TABLE fresh (i int);',
			'5_own': 'CREATE TABLE more (i int);',
			'6_none': 'CREATE TABLE last (i int);',
		},
		{
			'2_add': 'ALTER TABLE notes DROP COLUMN a; DROP TYPE mood;',
			'3_index': 'DROP INDEX notes_n;',
			'4_fails': 'DROP TABLE frsh;',
			'5_own': 'COMMIT; DROP TABLE more;',
		},
	);
	const { verdict, migrations } = await rehearse(folder);
	expect(verdict).toBe('passed');
	expect(migrations.map(({ down }) => down)).toEqual([
		{ state: 'undoes', differences: [], dropsData: true },
		{ state: 'differs', differences: [expect.stringMatching(/^left: function .*f\(\)/)], dropsData: false },
		{ state: 'failed', differences: ['table "frsh" does not exist'], dropsData: true },
		{ state: 'not-tested', differences: ['it commits in between'], dropsData: true },
		null,
	]);
	expect(await readColumn(scratch, HISTORY)).toEqual(folder.migrations.map(({ name }) => name));
	expect(await readColumn(scratch, "SELECT to_regclass('more')::text || to_regclass('notes_n')::text")).toEqual([
		'morenotes_n',
	]);
});

test('it never runs on production itself, by whatever address', async () => {
	const folder = sandbox.writeFolder({ ...BASE, '2_add': 'ALTER TABLE notes ADD COLUMN a text;' });
	const attempt = rehearse(folder, {
		production: { ...scratch, host: scratch.host === 'localhost' ? '127.0.0.1' : 'localhost' },
	});
	expect((await rejection(attempt)).code).toBe('MIGRATION.REHEARSAL_ON_PRODUCTION');
	expect(await readColumn(scratch, HISTORY)).toEqual(['1_base']);
});

test('a scratch server that is away is inconclusive; a production that is away leaves the ratio unknown', async () => {
	const folder = sandbox.writeFolder({ ...BASE, '2_add': 'ALTER TABLE notes ADD COLUMN a text;' });
	expect(await rehearse(folder, { production: { ...production, port: 1 } })).toMatchObject({
		verdict: 'passed',
		sizeRatio: null,
	});
	scratch = { ...scratch, port: 1 };
	expect(await rehearse(folder)).toMatchObject({ verdict: 'inconclusive', database: null });
});
