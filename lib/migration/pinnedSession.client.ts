import type { Client } from 'pg';
import { connectPostgres, type PostgresConnection } from '../support/postgres.client';
import { migrationErrors } from './errors';
import type { SessionSettings } from './model';
import { isSqlState, problemOf } from './sqlState';

/** One session for a whole operation: the lock, the engine and the scripts are all in it. */
export interface PinnedSession {
	readonly client: Client;
	/** Backend process on the server. */
	readonly pid: number;
	/** Rejects once an abort has ended the session on the server; stays pending otherwise. */
	readonly aborted: Promise<never>;
	/** Ends the session; its locks end with it. */
	end(): Promise<void>;
}

const TERMINATE_DEADLINE_MS = 5_000;

/**
 * Connects straight to the server, with the limits set at the start so that a role's own settings do not matter. When `signal`
 * aborts, the backend is terminated through a second connection: closing the socket alone would let its statement run on.
 * @throws RunbookError MIGRATION.POOLER, ACCESS_REFUSED, DATABASE_UNREACHABLE
 */
export async function openPinnedSession(
	connection: PostgresConnection,
	settings: SessionSettings,
	signal: AbortSignal,
): Promise<PinnedSession> {
	signal.throwIfAborted();
	refusePoolerByName(connection);
	const client = await connect(connection, settings);
	try {
		const pid = await readPid(client, connection, settings);
		let stop = (): void => undefined;
		const aborted = new Promise<never>((_resolve, reject) => {
			stop = () => void terminate(connection, pid).finally(() => reject(signal.reason as Error));
		});
		aborted.catch(() => undefined);
		signal.addEventListener('abort', stop, { once: true });
		if (signal.aborted) stop();
		return {
			client,
			pid,
			aborted,
			end: async () => {
				signal.removeEventListener('abort', stop);
				if (signal.aborted) await aborted.catch(() => undefined);
				await client.end().catch(() => undefined);
			},
		};
	} catch (error) {
		await client.end().catch(() => undefined);
		throw error;
	}
}

function refusePoolerByName(connection: PostgresConnection): void {
	if (/-pooler\b|\.pooler\./.test(connection.host)) throw pooler(connection, 'its name says so');
}

async function connect(connection: PostgresConnection, settings: SessionSettings): Promise<Client> {
	try {
		return await connectPostgres(connection, startupOptions(settings), { pipeline: true });
	} catch (error) {
		const { host, port, database, user } = connection;
		// Poolers do not know startup options (PgBouncer answers 08P01, protocol violation); Postgres always does.
		if (isSqlState(error, '08P01')) throw pooler(connection, 'it refuses startup options', error);
		const meta = { host, port, database, user, problem: problemOf(error) };
		if (isSqlState(error, '28', '3D000')) throw migrationErrors.ACCESS_REFUSED(meta);
		throw migrationErrors.DATABASE_UNREACHABLE(meta);
	}
}

/**
 * search_path: the engine names its table without a schema, and Prisma's own connections have just that one. UTC: the adapter
 * writes times without a zone.
 */
function startupOptions({ schema, lockTimeoutMs, statementTimeoutMs }: SessionSettings): string {
	return [
		`lock_timeout=${lockTimeoutMs}`,
		`statement_timeout=${statementTimeoutMs}`,
		'idle_in_transaction_session_timeout=0',
		`search_path="${schema}"`,
		'TimeZone=UTC',
	]
		.map((setting) => `-c ${setting}`)
		.join(' ');
}

/** A pooler hands out a process number of its own, may swallow startup options, and answers some questions itself. */
async function readPid(
	client: Client,
	connection: PostgresConnection,
	{ lockTimeoutMs }: SessionSettings,
): Promise<number> {
	const { rows } = await client.query<{ pid: number; lockTimeout: string }>(
		`SELECT pg_backend_pid() AS pid, (SELECT setting FROM pg_settings WHERE name = 'lock_timeout') AS "lockTimeout"`,
	);
	const { pid, lockTimeout } = rows[0] ?? { pid: 0, lockTimeout: '' };
	const announced: unknown = 'processID' in client ? client.processID : undefined;
	if (announced !== pid) throw pooler(connection, 'the process it announced is not the one that answers');
	if (lockTimeout !== String(lockTimeoutMs)) throw pooler(connection, 'it drops startup options');
	return pid;
}

function pooler({ host, port }: PostgresConnection, problem: string, cause?: unknown): Error {
	return migrationErrors.POOLER({ host, port, problem }, cause);
}

/** Ends the backend and waits until it is gone. */
async function terminate(connection: PostgresConnection, pid: number): Promise<void> {
	try {
		const client = await connectPostgres(connection);
		try {
			// With a timeout the function waits for the end, but Postgres 13 and older do not have that argument.
			await client.query('SELECT pg_terminate_backend($1)', [pid]);
			await waitUntilGone(client, pid);
		} finally {
			await client.end().catch(() => undefined);
		}
	} catch {
		// The server cannot be reached: then the session is lost anyway.
	}
}

/** True once no such backend exists; false after five seconds. */
export async function waitUntilGone(client: Client, pid: number): Promise<boolean> {
	const deadline = performance.now() + TERMINATE_DEADLINE_MS;
	for (;;) {
		const { rowCount } = await client.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid]);
		if (rowCount === 0) return true;
		if (performance.now() > deadline) return false;
		await client.query('SELECT pg_sleep(0.05)');
	}
}
