import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployMigrations } from '../../lib/migration/deployMigrations';
import type { MigrationsFolder } from '../../lib/migration/model';
import { readMigrationsFolder } from '../../lib/migration/readMigrationsFolder';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { deployOptions, MigrationSandbox, readColumn, rejection } from '../lib/migration/migrationSandbox';
import { realisticMigrations } from '../lib/migration/realisticMigrations';

const PRISMA_CLI = '../../sandbox/prismaCli.ts';
interface PrismaCli {
	deployByPrismaCli(deployment: {
		directory: string;
		url: string;
		migrations: string;
	}): Promise<{ readonly isApplied: boolean; readonly output: string }>;
}

const sandbox = new MigrationSandbox();
afterAll(async () => await sandbox.remove());

/** What Prisma's own command line writes when it deploys without us. */
async function deployByPrisma(connection: PostgresConnection, folder: MigrationsFolder): Promise<void> {
	const { deployByPrismaCli } = (await import(PRISMA_CLI)) as PrismaCli;
	const { isApplied, output } = await deployByPrismaCli({
		directory: sandbox.createFolder(),
		url: urlOf(connection),
		migrations: folder.path,
	});
	if (!isApplied) throw new Error(output);
}

function urlOf({ host, port, user, password, database }: PostgresConnection): string {
	return `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}

/** All that a row says but for its id and its times, of which only their being there counts. */
const ROWS = `SELECT json_build_object('name', migration_name, 'checksum', checksum, 'logs', logs, 'steps', applied_steps_count,
	'finished', finished_at IS NOT NULL, 'rolledBack', rolled_back_at IS NOT NULL, 'id', length(id)) FROM _prisma_migrations ORDER BY started_at`;
const TABLE = `SELECT column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
	FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`;
/** Columns, indexes, functions, triggers, constraints and enum values. */
const SCHEMA = `SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
		|| ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS line
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
	UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
	UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
	UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
	UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
	UNION ALL SELECT enumtypid::regtype || ' ' || enumlabel FROM pg_enum ORDER BY 1`;

async function both(folder: MigrationsFolder): Promise<{ ours: PostgresConnection; prismas: PostgresConnection }> {
	const ours = await sandbox.createDatabase();
	const prismas = await sandbox.createDatabase();
	const outcomes = [
		await deployMigrations(ours, folder, deployOptions()).then(
			() => 'applied',
			() => 'failed',
		),
		await deployByPrisma(prismas, folder).then(
			() => 'applied',
			() => 'failed',
		),
	];
	expect(outcomes[0]).toBe(outcomes[1]);
	return { ours, prismas };
}

async function expectEqual(sql: string, { ours, prismas }: Awaited<ReturnType<typeof both>>): Promise<unknown[]> {
	const [own, reference] = [await readColumn(ours, sql), await readColumn(prismas, sql)];
	expect(own).toEqual(reference);
	return own;
}

test('sixty migrations leave the same history, row for row, the same table of it, and the same schema', async () => {
	const folder = sandbox.writeFolder(realisticMigrations(60));
	const databases = await both(folder);
	const rows = await expectEqual(ROWS, databases);
	expect(rows).toHaveLength(60);
	expect(await expectEqual(TABLE, databases)).toHaveLength(8);
	expect((await expectEqual(SCHEMA, databases)).length).toBeGreaterThan(100);
});

test('the checksums are those of the files', async () => {
	const folder = sandbox.writeFolder(realisticMigrations(7));
	const database = await sandbox.createDatabase();
	await deployMigrations(database, folder, deployOptions());
	const checksums = folder.migrations.map(({ name }) =>
		createHash('sha256')
			.update(readFileSync(join(folder.path, name, 'migration.sql')))
			.digest('hex'),
	);
	expect(await readColumn(database, 'SELECT checksum FROM _prisma_migrations ORDER BY started_at')).toEqual(
		checksums,
	);
});

test('a migration that fails leaves the same row, with the same words of the server', async () => {
	const folder = sandbox.writeFolder({
		'1_a': 'CREATE TABLE a (i int);',
		'2_bad': 'ALTER TABLE nobody ADD COLUMN i int;',
		'3_c': 'CREATE TABLE c (i int);',
	});
	const rows = await expectEqual(ROWS, await both(folder));
	expect(rows).toMatchObject([
		{ finished: true },
		{ name: '2_bad', finished: false, steps: 0, logs: expect.any(String) },
	]);
});

test('what we deployed Prisma goes on with, and the other way round', async () => {
	const first = sandbox.writeFolder(realisticMigrations(7));
	const whole = sandbox.writeFolder(realisticMigrations(14));
	const databases = await both(first);
	await deployByPrisma(databases.ours, whole);
	await deployMigrations(databases.prismas, whole, deployOptions());
	expect(await expectEqual(ROWS, databases)).toHaveLength(14);
	await expectEqual(SCHEMA, databases);
	const edited = sandbox.writeFolder({ ...realisticMigrations(7), '20260101000000_createtable': 'SELECT 1;' });
	expect((await rejection(deployMigrations(databases.prismas, edited, deployOptions()))).code).toBe(
		'MIGRATION.HISTORY_EDITED',
	);
});

/** Somebody else's migrations folder. */
const publicProject = process.env.PRISMA_MIGRATIONS ?? '';
if (publicProject === '')
	process.stderr.write('SKIPPED: a public project: PRISMA_MIGRATIONS names no migrations folder\n');

(publicProject === '' ? test.skip : test)(
	"a public project's migrations leave the same history and the same schema",
	async () => {
		const folder = readMigrationsFolder(publicProject);
		const databases = await both(folder);
		expect(await expectEqual(ROWS, databases)).toHaveLength(folder.migrations.length);
		expect((await expectEqual(SCHEMA, databases)).length).toBeGreaterThan(100);
	},
	600_000,
);
