import type { Client } from 'pg';
import { connectPostgres, type PostgresConnection } from '../../support/postgres.client';
import { MIGRATION_LOCK } from '../migrationLock.client';
import { errorCode } from '../session.client';
import type { SwapFacts } from './model';

/** What the maintenance session itself sees; endpoints are asked apart. */
export type ServerFacts = Omit<SwapFacts, 'endpoints'>;

/** Our own health checks and backups: they end with the swap and come back. */
const OUR_APPLICATION = 'n8n-nodes-deployment-runbook';

/** Who and what uses the connection's database, asked by a session in another one of its server. Undefined when there is no such database. */
export async function readServerFacts(
	client: Client,
	connection: PostgresConnection,
): Promise<ServerFacts | undefined> {
	const name = connection.database;
	const databases = await client.query<{ oid: string }>('SELECT oid::text FROM pg_database WHERE datname = $1', [
		name,
	]);
	const oid = databases.rows[0]?.oid;
	if (oid === undefined) return undefined;
	return {
		database: name,
		databaseOid: Number(oid),
		systemIdentifier: await readSystemIdentifier(client),
		rights: await readRights(client, name),
		standbys: await readStandbys(client),
		slots: await readSlots(client, name),
		subscriptions: await readSubscriptions(client, oid),
		preparedTransactions: await readPreparedTransactions(client, name),
		scheduledJobs: await readScheduledJobs(client, name, connection),
		sessions: await readSessions(client, name),
		isMigrating: await isMigrating(client, oid),
	};
}

/** Null for a role that may not ask. */
export async function readSystemIdentifier(client: Client): Promise<string | null> {
	try {
		const { rows } = await client.query<{ id: string }>(
			'SELECT system_identifier::text AS id FROM pg_control_system()',
		);
		return rows[0]?.id ?? null;
	} catch (error) {
		if (errorCode(error) === '42501') return null;
		throw error;
	}
}

async function readRights(client: Client, name: string): Promise<string> {
	const { rows } = await client.query<Record<'user' | 'missing', string>>(
		`SELECT current_user AS user, concat_ws(', ',
			CASE WHEN NOT pg_has_role(d.datdba, 'USAGE') THEN 'ownership of the database' END,
			CASE WHEN NOT r.rolcreatedb THEN 'CREATEDB' END,
			CASE WHEN NOT pg_has_role('pg_signal_backend', 'USAGE') THEN 'pg_signal_backend' END,
			CASE WHEN NOT pg_has_role('pg_monitor', 'USAGE') THEN 'pg_monitor' END) AS missing
		 FROM pg_database d, pg_roles r WHERE d.datname = $1 AND r.rolname = current_user AND NOT r.rolsuper`,
		[name],
	);
	const row = rows[0];
	return row === undefined || row.missing === '' ? '' : `the role ${row.user} lacks ${row.missing}`;
}

/** A logical receiver is in a database; a physical one is in none. */
async function readStandbys(client: Client): Promise<SwapFacts['standbys']> {
	const { rows } = await client.query<SwapFacts['standbys'][number]>(
		`SELECT coalesce(nullif(r.application_name, ''), 'unnamed') AS application, coalesce(host(r.client_addr), 'local') AS address, s.slot_name AS slot
		 FROM pg_stat_replication r JOIN pg_stat_activity a ON a.pid = r.pid LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
		 WHERE a.datid IS NULL ORDER BY 1, 2`,
	);
	return rows;
}

async function readSlots(client: Client, name: string): Promise<SwapFacts['slots']> {
	const { rows } = await client.query<SwapFacts['slots'][number]>(
		`SELECT slot_name AS name, slot_type AS kind, active FROM pg_replication_slots
		 WHERE slot_type = 'physical' OR database = $1 ORDER BY slot_name`,
		[name],
	);
	return rows;
}

async function readSubscriptions(client: Client, oid: string): Promise<SwapFacts['subscriptions']> {
	const { rows } = await client.query<SwapFacts['subscriptions'][number]>(
		'SELECT subname AS name, subenabled AS enabled FROM pg_subscription WHERE subdbid = $1 ORDER BY subname',
		[oid],
	);
	return rows;
}

async function readPreparedTransactions(client: Client, name: string): Promise<SwapFacts['preparedTransactions']> {
	const { rows } = await client.query<{ id: string; owner: string; preparedAt: Date }>(
		'SELECT gid AS id, owner, prepared AS "preparedAt" FROM pg_prepared_xacts WHERE database = $1 ORDER BY gid',
		[name],
	);
	return rows.map(({ preparedAt, ...rest }) => ({ ...rest, preparedAt: preparedAt.toISOString() }));
}

/** pg_cron keeps the jobs of all databases in one, which is named by its setting; only a session in that one can read them. */
async function readScheduledJobs(
	client: Client,
	name: string,
	connection: PostgresConnection,
): Promise<SwapFacts['scheduledJobs']> {
	const home = await readSetting(client, 'cron.database_name');
	if (home === null || home === '') return [];
	try {
		return await readJobs({ ...connection, database: home }, name);
	} catch (error) {
		// Loaded, but not installed anywhere: then there are no jobs.
		if (['3D000', '42P01'].includes(errorCode(error) ?? '')) return [];
		if (errorCode(error) === '42501') return null;
		throw error;
	}
}

async function readJobs(home: PostgresConnection, name: string): Promise<SwapFacts['scheduledJobs']> {
	const session = await connectPostgres(home);
	try {
		const { rows } = await session.query<{ id: string; schedule: string }>(
			'SELECT jobid::text AS id, schedule FROM cron.job WHERE database = $1 AND active ORDER BY jobid',
			[name],
		);
		return rows.map(({ id, schedule }) => ({ id: Number(id), schedule }));
	} finally {
		await session.end();
	}
}

/** Null when there is no such setting, or the role may not see it: it then lacks pg_monitor, which its rights say. */
async function readSetting(client: Client, name: string): Promise<string | null> {
	try {
		const { rows } = await client.query<{ value: string | null }>('SELECT current_setting($1, true) AS value', [
			name,
		]);
		return rows[0]?.value ?? null;
	} catch (error) {
		if (errorCode(error) === '42501') return null;
		throw error;
	}
}

async function readSessions(client: Client, name: string): Promise<SwapFacts['sessions']> {
	const { rows } = await client.query<SwapFacts['sessions'][number]>(
		`SELECT coalesce(nullif(application_name, ''), 'unnamed') AS application, coalesce(usename, 'unknown') AS user,
			count(*)::int AS count, count(xact_start)::int AS "inTransaction"
		 FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend' AND application_name <> $2
		 GROUP BY 1, 2 ORDER BY 1, 2`,
		[name, OUR_APPLICATION],
	);
	return rows;
}

async function isMigrating(client: Client, oid: string): Promise<boolean> {
	const { rowCount } = await client.query(
		`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = $1 AND classid = 0 AND objid = ${MIGRATION_LOCK} AND objsubid = 1 AND granted AND mode = 'ExclusiveLock'`,
		[oid],
	);
	return (rowCount ?? 0) > 0;
}
