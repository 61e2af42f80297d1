import { escapeIdentifier, type Client, type QueryResultRow } from 'pg';
import type { PostgresConnection } from '../support/postgres.client';
import type { DatabaseIdentity, HistoryRow, LockHolder } from './model';
import { isSqlState } from './sqlState';

/** Prisma's own advisory lock; every tool that migrates with Prisma takes it. */
const PRISMA_LOCK = 72707369;

/** The table by which Prisma 8 knows a database. */
export const CONTRACT_MARKER = 'prisma_contract.marker';

/** Which database the session is in. */
export async function readIdentity(
	client: Client,
	connection: PostgresConnection,
	schema: string,
): Promise<DatabaseIdentity> {
	const row = await one<{ name: string; user: string; version: string; oid: string }>(
		client,
		`SELECT current_database() AS name, current_user AS user, current_setting('server_version') AS version,
			(SELECT oid::text FROM pg_database WHERE datname = current_database()) AS oid`,
	);
	const { host, port } = connection;
	const systemIdentifier = await readSystemIdentifier(client);
	return {
		host,
		port,
		name: row.name,
		schema,
		user: row.user,
		serverVersion: row.version,
		systemIdentifier,
		databaseOid: Number(row.oid),
	};
}

async function readSystemIdentifier(client: Client): Promise<string | null> {
	try {
		return (await one<{ id: string }>(client, 'SELECT system_identifier::text AS id FROM pg_control_system()')).id;
	} catch (error) {
		if (isSqlState(error, '42')) return null;
		throw error;
	}
}

/**
 * Takes Prisma's own lock for this session without ever standing in its queue: a waiting second deployment can make the
 * first one's CREATE INDEX CONCURRENTLY deadlock, and an abandoned waiter can get the lock long after. Being the very lock that
 * the engine takes, and re-entrant within a session, it leaves no moment for another one to slip in between.
 * Undefined = taken; otherwise who holds it.
 */
export async function tryMigrationLock(client: Client): Promise<LockHolder | undefined> {
	const { locked } = await one<{ locked: boolean }>(client, `SELECT pg_try_advisory_lock(${PRISMA_LOCK}) AS locked`);
	if (locked) return undefined;
	return (await readLockHolder(client)) ?? { pid: 0, since: null, application: null };
}

/** Who holds Prisma's lock in this database; this session and those that wait for it are not counted. */
export async function readLockHolder(client: Client): Promise<LockHolder | undefined> {
	const { rows } = await client.query<{ pid: number; since: Date | null; application: string | null }>(
		`SELECT l.pid, coalesce(a.xact_start, a.backend_start) AS since, nullif(a.application_name, '') AS application
		FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = ${PRISMA_LOCK} AND l.objsubid = 1 AND l.granted AND l.pid <> pg_backend_pid()
			AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
		LIMIT 1`,
	);
	const holder = rows[0];
	return holder && { pid: holder.pid, since: holder.since?.toISOString() ?? null, application: holder.application };
}

/** The rows of `_prisma_migrations`, oldest first. Fails with 42P01 when there is no such table. */
export async function readHistoryRows(client: Client): Promise<HistoryRow[]> {
	const { rows } = await client.query<{
		name: string;
		startedAt: Date;
		finishedAt: Date | null;
		rolledBackAt: Date | null;
	}>(
		`SELECT migration_name AS name, started_at AS "startedAt", finished_at AS "finishedAt", rolled_back_at AS "rolledBackAt"
		FROM _prisma_migrations ORDER BY started_at`,
	);
	return rows.map(({ name, startedAt, finishedAt, rolledBackAt }) => ({
		name,
		startedAt: startedAt.toISOString(),
		finishedAt: finishedAt?.toISOString() ?? null,
		rolledBackAt: rolledBackAt?.toISOString() ?? null,
	}));
}

/** Names and checksums of what is applied; empty without a history. */
export async function readAppliedChecksums(
	client: Client,
	schema: string,
): Promise<Array<{ name: string; checksum: string }>> {
	const sql = `SELECT migration_name AS name, checksum FROM ${escapeIdentifier(schema)}._prisma_migrations
		WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
	try {
		return (await client.query<{ name: string; checksum: string }>(sql)).rows;
	} catch (error) {
		if (isSqlState(error, '42P01')) return [];
		throw error;
	}
}

/** Whether Prisma 8, which keeps contracts and no history of migrations, has been here. */
export async function hasContractMarker(client: Client): Promise<boolean> {
	const { found } = await one<{ found: boolean }>(
		client,
		`SELECT to_regclass('${CONTRACT_MARKER}') IS NOT NULL AS found`,
	);
	return found;
}

/** What the schema holds and whether the role may add to it. Undefined when there is no such schema. */
export async function readSchema(
	client: Client,
	schema: string,
): Promise<{ relationCount: number; mayCreate: boolean } | undefined> {
	const { rows } = await client.query<{ relationCount: number; mayCreate: boolean }>(
		`SELECT has_schema_privilege(n.oid, 'CREATE') AS "mayCreate",
			(SELECT count(*)::int FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
				AND c.relname <> '_prisma_migrations'
				AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) AS "relationCount"
		FROM pg_namespace n WHERE n.nspname = $1`,
		[schema],
	);
	return rows[0];
}

/** Indexes, as schema.name, that a concurrent build left unusable. */
export async function readInvalidIndexes(client: Client): Promise<string[]> {
	const { rows } = await client.query<{ name: string }>(
		`SELECT n.nspname || '.' || c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1`,
	);
	return rows.map(({ name }) => name);
}

/**
 * Statistics of these tables (as `schema.name`; what is not there, or no table, is passed over), or of the whole database. Tables that
 * somebody has locked are skipped rather than waited for.
 * @returns the tables that were looked at; null for the whole database
 */
export async function analyzeTables(client: Client, tables: readonly string[] | null): Promise<string[] | null> {
	if (tables === null) {
		await client.query('ANALYZE (SKIP_LOCKED)');
		return null;
	}
	const { rows } = await client.query<{ name: string; quoted: string }>(
		`SELECT n.nspname || '.' || c.relname AS name, format('%I.%I', n.nspname, c.relname) AS quoted
		 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		 WHERE n.nspname || '.' || c.relname = ANY ($1) AND c.relkind IN ('r', 'p', 'm') ORDER BY 1`,
		[tables],
	);
	if (rows.length > 0) await client.query(`ANALYZE (SKIP_LOCKED) ${rows.map(({ quoted }) => quoted).join(', ')}`);
	return rows.map(({ name }) => name);
}

async function one<Row extends QueryResultRow>(client: Client, sql: string): Promise<Row> {
	const { rows } = await client.query<Row>(sql);
	const row = rows[0];
	if (row === undefined) throw new Error('the server answered without a row');
	return row;
}
