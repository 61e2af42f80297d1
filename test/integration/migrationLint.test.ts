import type { Client } from 'pg';
import { lintMigrations, type LintOptions } from '../../lib/migration/lint/lintMigrations';
import type { LintedMigrations, Risk, TableLock } from '../../lib/migration/lint/model';
import type { MigrationsFolder } from '../../lib/migration/model';
import { readMigrationsFolder } from '../../lib/migration/readMigrationsFolder';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { MigrationSandbox, readColumn, withClient } from '../lib/migration/migrationSandbox';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

const sandbox = new MigrationSandbox();
let connection: PostgresConnection;

const SCHEMA = `CREATE TYPE mood AS ENUM ('glad');
	CREATE TABLE people (id serial PRIMARY KEY);
	CREATE TABLE notes (id serial PRIMARY KEY, title varchar(40), body text, amount numeric(8,2), state text NOT NULL DEFAULT 'new', owner int);
	INSERT INTO notes (title, body, state) SELECT 'title ' || n, repeat('x', 200), 'new' FROM generate_series(1, 500) n;
	ALTER TABLE notes ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;
	CREATE INDEX notes_title_idx ON notes (title);
	CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$`;

beforeEach(async () => {
	connection = await sandbox.createDatabase();
});
afterAll(async () => {
	await sandbox.remove();
});

async function lint(folder: MigrationsFolder, change: Partial<LintOptions> = {}): Promise<LintedMigrations> {
	return await lintMigrations(connection, folder, {
		settings: { schema: 'public', lockTimeoutMs: 1_000, statementTimeoutMs: 10_000 },
		signal: new AbortController().signal,
		smallTableBytes: 100_000_000,
		upTo: 'lastExpand',
		...change,
	});
}

test("the sandbox's own migrations expand", async () => {
	const card = await lint(readMigrationsFolder(sandboxEndpoints().migrationsFolder));
	expect(card).toMatchObject({ verdict: 'passed', previousVersionMayServe: true, problems: [], history: [] });
	expect(card.migrations.map(({ phase }) => phase)).toEqual(['expand', 'expand', 'expand']);
	expect(card.database?.name).toBe(connection.database);
});

describe('what the card says is what Postgres does', () => {
	const LOCKS = `SELECT mode FROM pg_locks WHERE locktype = 'relation' AND relation = 'notes'::regclass AND pid = pg_backend_pid() AND granted`;
	/** Weakest first; a stronger lock beside it counts. */
	const MODES: readonly TableLock[] = [
		'ROW EXCLUSIVE',
		'SHARE UPDATE EXCLUSIVE',
		'SHARE',
		'SHARE ROW EXCLUSIVE',
		'EXCLUSIVE',
		'ACCESS EXCLUSIVE',
	];
	const modeOf = (lock: string): string =>
		lock
			.replace(/Lock$/, '')
			.replaceAll(/(?!^)([A-Z])/g, ' $1')
			.toUpperCase();

	/** The strongest lock on `notes`, and whether its rows were written anew, while the statement's transaction is open. */
	async function observe(client: Client, sql: string): Promise<{ lock: string | undefined; rewrites: boolean }> {
		const fileOf = async (): Promise<unknown> =>
			(await client.query<{ file: unknown }>(`SELECT pg_relation_filenode('notes') AS file`)).rows[0]?.file;
		const before = await fileOf();
		await client.query('BEGIN');
		try {
			await client.query(sql);
			const { rows } = await client.query<{ mode: string }>(LOCKS);
			const held = rows.map(({ mode }) => modeOf(mode));
			return { lock: MODES.findLast((mode) => held.includes(mode)), rewrites: (await fileOf()) !== before };
		} finally {
			await client.query('ROLLBACK');
		}
	}

	const strongest = (risks: readonly Risk[]): TableLock | undefined =>
		MODES.findLast((mode) => risks.some(({ lock, table }) => table === 'public.notes' && lock === mode));

	it.each([
		'ALTER TABLE notes ADD COLUMN b text',
		"ALTER TABLE notes ADD COLUMN b text NOT NULL DEFAULT 'x'",
		'ALTER TABLE notes ADD COLUMN b timestamptz NOT NULL DEFAULT now()',
		'ALTER TABLE notes ADD COLUMN b uuid DEFAULT gen_random_uuid()',
		'ALTER TABLE notes ADD COLUMN b float DEFAULT random()',
		'ALTER TABLE notes ADD COLUMN b serial',
		'ALTER TABLE notes ADD COLUMN b int GENERATED ALWAYS AS IDENTITY',
		'ALTER TABLE notes ADD COLUMN b int GENERATED ALWAYS AS (id + 1) STORED',
		'ALTER TABLE notes DROP COLUMN body',
		'ALTER TABLE notes RENAME COLUMN body TO text',
		'ALTER TABLE notes ALTER title TYPE varchar(80)',
		'ALTER TABLE notes ALTER title TYPE text',
		'ALTER TABLE notes ALTER amount TYPE numeric(10,2)',
		'ALTER TABLE notes ALTER amount TYPE numeric',
		'ALTER TABLE notes ALTER amount TYPE numeric(10,4)',
		'ALTER TABLE notes ALTER owner TYPE bigint',
		'ALTER TABLE notes ALTER body SET NOT NULL',
		'ALTER TABLE notes ALTER state DROP NOT NULL',
		'ALTER TABLE notes ALTER state DROP DEFAULT',
		'ALTER TABLE notes ADD CONSTRAINT c CHECK (id > 0)',
		'ALTER TABLE notes VALIDATE CONSTRAINT positive',
		'ALTER TABLE notes DROP CONSTRAINT positive',
		'ALTER TABLE notes ADD FOREIGN KEY (owner) REFERENCES people (id)',
		'CREATE TABLE more (note int REFERENCES notes (id))',
		'ALTER TABLE notes ADD UNIQUE (title)',
		'CREATE INDEX i ON notes (state)',
		'CREATE UNIQUE INDEX i ON notes (title)',
		'DROP INDEX notes_title_idx',
		'REINDEX TABLE notes',
		'CLUSTER notes USING notes_title_idx',
		'ALTER TABLE notes SET UNLOGGED',
		'ALTER TABLE notes SET (fillfactor = 70)',
		'ALTER TABLE notes ENABLE ROW LEVEL SECURITY',
		'CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION noop()',
		"UPDATE notes SET body = 'y' WHERE id = 1",
		'DELETE FROM notes WHERE id = 1',
	])('%s', async (sql) => {
		await withClient(connection, async (client) => await client.query(SCHEMA));
		const folder = sandbox.writeFolder({ '1_schema': SCHEMA, '2_change': sql });
		await withClient(connection, async (client) => {
			await client.query(HISTORY);
			await client.query(
				`INSERT INTO _prisma_migrations VALUES ('1', $1, now(), '1_schema', NULL, NULL, now(), 1)`,
				[folder.migrations[0]?.checksum],
			);
		});
		const [migration] = (await lint(folder)).migrations;
		const risks = migration?.risks ?? [];
		const told = {
			lock: strongest(risks),
			rewrites: risks.some(({ rule, work }) => work === 'rewrite' && rule !== 'rewrite-table'),
		};
		const seen = await withClient(connection, async (client) => await observe(client, sql));
		// A rebuild of the indexes, or a new order, may leave the table's own file as it is.
		const isRebuild = risks.some(({ rule }) => rule === 'rewrite-table');
		expect(isRebuild ? { ...told, rewrites: seen.rewrites } : told).toEqual(seen);
	});
});

/** As Prisma's engine creates it. */
const HISTORY = `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
	migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

test('a table that is large in the database fails, and nothing is locked or written meanwhile', async () => {
	await withClient(connection, async (client) => {
		await client.query(`${SCHEMA}; ${HISTORY}`);
	});
	const folder = sandbox.writeFolder({ '1_index': 'CREATE INDEX "i" ON "notes" ("state");' });
	expect(await lint(folder, { smallTableBytes: 50_000 })).toMatchObject({
		verdict: 'failed',
		previousVersionMayServe: true,
		problems: [{ kind: 'blocks', names: ['1_index'] }],
	});
	expect(await lint(folder)).toMatchObject({ verdict: 'passed' });
	expect(await readColumn(connection, 'SELECT count(*)::int FROM _prisma_migrations')).toEqual([0]);
});

test('a database that does not answer is inconclusive', async () => {
	const folder = sandbox.writeFolder({ '1_a': 'SELECT 1' });
	const card = await lintMigrations({ ...connection, port: 1 }, folder, {
		settings: { schema: 'public', lockTimeoutMs: 1_000, statementTimeoutMs: 10_000 },
		signal: new AbortController().signal,
		smallTableBytes: 0,
		upTo: 'lastExpand',
	});
	expect(card).toMatchObject({
		verdict: 'inconclusive',
		migrations: [],
		previousVersionMayServe: false,
		database: null,
	});
});

test('a history that is not sound is not passed, however harmless the rest', async () => {
	await withClient(connection, async (client) => await client.query('CREATE TABLE stray (i int)'));
	const card = await lint(sandbox.writeFolder({ '1_a': 'CREATE TABLE a (i int)' }));
	expect(card).toMatchObject({ verdict: 'failed', problems: [], history: [{ kind: 'not-baselined' }] });
});
