import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { PostgresConnection } from '../support/postgres.client';
import type { DiskUse } from './assessDisk';
import type { RestoredContent } from './compareContent';
import { listTables, prepareReading } from './content.client';
import { readDiskUse } from './diskUse.client';
import { readIdentity } from './identity.client';
import type { DatabaseLocale, SourceIdentity } from './model';
import { readContent, type ContentReading } from './readContent';
import { readSequences } from './sequences.client';
import { openSession, type Session } from './session.client';

/** The server that restores are tried on. */
export interface ScratchServer {
	/** Of the database that the credential names; scratch databases are made beside it. */
	readonly identity: SourceIdentity;
	readonly serverMajor: number;
	/** Extensions that could be installed there. */
	readonly availableExtensions: readonly string[];
	readonly roles: readonly string[];
	readonly disk: DiskUse;
}

/** Nothing waits for locks in a database that only we know; a minute guards against the unforeseen. */
const SCRATCH_LOCK_TIMEOUT_MS = 60_000;

/** What the scratch server is and has. */
export async function readScratchServer(connection: PostgresConnection, signal: AbortSignal): Promise<ScratchServer> {
	return await withSession(connection, signal, async (client) => {
		const version = await client.query<{ major: number }>(
			"SELECT current_setting('server_version_num')::int / 10000 AS major",
		);
		const extensions = await client.query<{ name: string }>('SELECT name FROM pg_available_extensions');
		const roles = await client.query<{ name: string }>('SELECT rolname AS name FROM pg_roles');
		return {
			identity: await readIdentity(client),
			serverMajor: version.rows[0]?.major ?? 0,
			availableExtensions: extensions.rows.map(({ name }) => name),
			roles: roles.rows.map(({ name }) => name),
			disk: await readDiskUse(client),
		};
	});
}

/** Whether the role of the connection may create databases. @throws the driver's error */
export async function mayCreateDatabases(connection: PostgresConnection): Promise<boolean> {
	return await withSession(connection, new AbortController().signal, async (client) => {
		const { rows } = await client.query<{ permitted: boolean }>(
			'SELECT rolcreatedb OR rolsuper AS permitted FROM pg_roles WHERE rolname = current_user',
		);
		return rows[0]?.permitted === true;
	});
}

/** Creates an empty database that prints and sorts text as the source does. */
export async function createScratchDatabase(
	connection: PostgresConnection,
	name: string,
	{ locale, signal }: { locale: DatabaseLocale; signal: AbortSignal },
): Promise<void> {
	const { encoding, collate, ctype } = locale;
	await withSession(connection, signal, async (client) => {
		await client.query(
			`CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE template0 ENCODING ${escapeLiteral(encoding)}
			 LC_COLLATE ${escapeLiteral(collate)} LC_CTYPE ${escapeLiteral(ctype)}`,
		);
	});
}

/** Databases that belong to the connection's role, the one that it is connected to not counted. */
export async function listOwnDatabases(connection: PostgresConnection, signal: AbortSignal): Promise<string[]> {
	return await withSession(connection, signal, async (client) => {
		const { rows } = await client.query<{ name: string }>(
			`SELECT datname AS name FROM pg_database
			 WHERE datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user) AND datname <> current_database() AND NOT datistemplate
			 ORDER BY datname`,
		);
		return rows.map(({ name }) => name);
	});
}

/**
 * Drops it together with our sessions in it. Takes no signal: a scratch database goes even when the run was cancelled. Neither FORCE nor
 * ending every session there: both are refused (42501) while autovacuum visits, which a plain DROP DATABASE sends away by itself. That
 * also waits, five seconds, for sessions that are ending.
 */
export async function dropScratchDatabase(connection: PostgresConnection, name: string): Promise<void> {
	await withSession(connection, new AbortController().signal, async (client) => {
		await client.query(
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pg_has_role(usesysid, 'USAGE')",
			[name],
		);
		await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)}`);
	});
}

/** What was restored into a scratch database. Nobody else writes there, so several sessions read the same. */
export async function readRestored(
	connection: PostgresConnection,
	{ rowHash, jobs, signal, onRows }: Pick<ContentReading, 'rowHash' | 'jobs' | 'signal' | 'onRows'>,
): Promise<RestoredContent> {
	const open = async (running: AbortSignal): Promise<Session> => {
		const session = await openSession(connection, running);
		await prepareReading(session.client, SCRATCH_LOCK_TIMEOUT_MS);
		return session;
	};
	const { tables, sequences } = await withSession(connection, signal, async (client) => {
		await prepareReading(client, SCRATCH_LOCK_TIMEOUT_MS);
		return { tables: await listTables(client), sequences: await readSequences(client) };
	});
	return { ...(await readContent({ tables, rowHash, jobs, signal, open, onRows })), sequences };
}

/**
 * Writes 16 MB into a temporary table of the scratch database, which goes with its session. A restore that failed although its archive is intact is blamed on
 * the archive only when the server still takes writes. @throws the driver's error, e.g. SQLSTATE 53100 when the disk is full
 */
export async function probeScratchDatabase(connection: PostgresConnection, signal: AbortSignal): Promise<void> {
	await withSession(connection, signal, async (client) => {
		await client.query(
			'CREATE TEMPORARY TABLE deployment_runbook_probe AS SELECT repeat(md5(i::text), 60) AS filler FROM generate_series(1, 8000) AS i',
		);
	});
}

async function withSession<T>(
	connection: PostgresConnection,
	signal: AbortSignal,
	action: (client: Client) => Promise<T>,
): Promise<T> {
	const session = await openSession(connection, signal);
	try {
		return await action(session.client);
	} finally {
		await session.close();
	}
}
