import { deployMigrations } from '../../lib/migration/deployMigrations';
import type { MigrationsFolder } from '../../lib/migration/model';
import { readMigrationStatus } from '../../lib/migration/readMigrationStatus';
import type { ResolvedMigration } from '../../lib/migration/resolve/model';
import { resolveMigration, type ResolveOptions } from '../../lib/migration/resolve/resolveMigration';
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
	'1_base': 'CREATE TABLE notes (id serial PRIMARY KEY, n int); INSERT INTO notes (n) VALUES (0), (1), (1);',
};
let database: PostgresConnection;

beforeEach(async () => {
	database = await sandbox.createDatabase();
});
afterEach(async () => expect(await readAdvisoryLocks(database)).toEqual([]));
afterAll(async () => await sandbox.remove());

async function failWith(script: string): Promise<MigrationsFolder> {
	const folder = sandbox.writeFolder({ ...BASE, '2_bad': script });
	await rejection(deployMigrations(database, folder, deployOptions()));
	expect(await readMigrationStatus(database, folder, deployOptions())).toMatchObject({ failed: ['2_bad'] });
	return folder;
}

async function resolve(folder: MigrationsFolder, change: Partial<ResolveOptions>): Promise<ResolvedMigration> {
	return await resolveMigration(database, folder, {
		migration: '2_bad',
		resolution: 'rolled-back',
		comparedBy: '',
		settings: { schema: 'public', lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 },
		signal: new AbortController().signal,
		...change,
	});
}

const run = async (sql: string): Promise<unknown> =>
	await withClient(database, async (client) => await client.query(sql));

test('a script that was one transaction is rolled back by the word of the server, and runs again once it is mended', async () => {
	const folder = await failWith('ALTER TABLE notes ADD COLUMN a int; UPDATE notes SET a = 1 / n;');
	expect(await resolve(folder, {})).toMatchObject({ proof: 'one-transaction', alreadyDone: false });
	expect(await resolve(folder, {})).toMatchObject({ alreadyDone: true });
	expect(await readMigrationStatus(database, folder, deployOptions())).toMatchObject({
		verdict: 'passed',
		pending: [{ name: '2_bad' }],
	});
	await run('DELETE FROM notes WHERE n = 0');
	expect(await deployMigrations(database, folder, deployOptions())).toMatchObject({ applied: ['2_bad'] });
});

test('a script that was edited since is not believed by its transaction', async () => {
	await failWith('UPDATE notes SET n = 1 / n;');
	const edited = sandbox.writeFolder({ ...BASE, '2_bad': 'UPDATE notes SET n = 2;' });
	expect((await rejection(resolve(edited, {}))).code).toBe('MIGRATION.RESOLVE_NOT_PROVEN');
});

test('what is half there is neither applied nor rolled back', async () => {
	const folder = await failWith(
		'CREATE TABLE one (i int); COMMIT; BEGIN; CREATE TABLE two (i int); SELECT 1 / 0; COMMIT;',
	);
	for (const resolution of ['applied', 'rolled-back'] as const) {
		const { code, text } = await rejection(resolve(folder, { resolution, comparedBy: 'on-call' }));
		expect(code).toBe('MIGRATION.RESOLVE_CONTRADICTED');
		expect(text).toContain(
			resolution === 'applied' ? 'not there: relation public.two' : 'there: relation public.one',
		);
	}
	await run('DROP TABLE one');
	// The SELECT leaves nothing that could be looked for.
	expect((await rejection(resolve(folder, {}))).text).toContain('lines 1');
	expect(await resolve(folder, { comparedBy: 'on-call' })).toMatchObject({ proof: 'person', comparedBy: 'on-call' });
});

test('what was brought to its end by hand is applied by the catalogs, with the checksum of its script', async () => {
	const folder = await failWith('CREATE UNIQUE INDEX CONCURRENTLY notes_n ON notes (n);');
	// Postgres left the index there, invalid: it does not count.
	expect((await rejection(resolve(folder, { resolution: 'applied' }))).code).toBe('MIGRATION.RESOLVE_CONTRADICTED');
	await run('DELETE FROM notes WHERE id = 3');
	await run('REINDEX INDEX CONCURRENTLY notes_n');
	expect(await resolve(folder, { resolution: 'applied' })).toMatchObject({
		proof: 'catalogs',
		findings: ['there: relation public.notes_n (line 1)'],
	});
	expect(await readMigrationStatus(database, folder, deployOptions())).toMatchObject({
		verdict: 'passed',
		pending: [],
	});
	expect(
		await readColumn(
			database,
			"SELECT checksum FROM _prisma_migrations WHERE migration_name = '2_bad' AND finished_at IS NOT NULL",
		),
	).toEqual([folder.migrations[1]?.checksum]);
	expect((await rejection(resolve(folder, {}))).code).toBe('MIGRATION.RESOLVE_NOT_NEEDED');
});

test('a database that somebody else migrates, and a migration that nobody knows, are refused', async () => {
	const folder = await failWith('UPDATE notes SET n = 1 / n;');
	await withClient(database, async (client) => {
		await client.query('SELECT pg_advisory_lock(72707369)');
		expect((await rejection(resolve(folder, {}))).code).toBe('MIGRATION.BUSY');
	});
	expect((await rejection(resolve(folder, { migration: '9_none' }))).code).toBe('MIGRATION.RESOLVE_UNKNOWN');
});
