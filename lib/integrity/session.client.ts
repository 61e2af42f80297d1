import type { Client, QueryConfig } from 'pg';
import { connectPostgres, type PostgresConnection } from '../support/postgres.client';
import { integrityErrors } from './errors';
import type { IntegritySettings, Measured } from './model';
import { describeProblem, sqlStateOf } from './sqlProblem';

/** One snapshot of the database that can only be read. */
export interface ReadOnlySession {
	/** One statement; `values` go beside it. More than one statement is refused by the protocol itself. */
	rows<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
	/** A measurement that may fail without ending the session. @throws the signal's reason once it was aborted */
	measure<Value>(read: () => Promise<Value>): Promise<Measured<Value>>;
	end(): Promise<void>;
}

/** SQLSTATE class XX is the server's own: damaged data, a damaged index. */
const DAMAGED = /^XX/;
/** Longest wait for a lock, in milliseconds: a reader waits for DDL only. */
const LOCK_TIMEOUT_MS = 4_000;

/**
 * Opens a session in a read-only transaction with one snapshot. When `signal` aborts, its socket is closed and the server ends what it runs
 * for it within a second (Postgres 14 and newer; older ones at the statement timeout).
 * @throws RunbookError INTEGRITY.ACCESS_REFUSED; the driver's error when the server cannot be reached
 */
export async function openReadOnlySession(
	connection: PostgresConnection,
	{ statementTimeoutMs, signal }: IntegritySettings,
): Promise<ReadOnlySession> {
	signal.throwIfAborted();
	const client = await connect(
		connection,
		`-c default_transaction_read_only=on -c statement_timeout=${statementTimeoutMs} -c lock_timeout=${LOCK_TIMEOUT_MS}`,
	);
	const close = (): void => void client.connection.stream.destroy();
	signal.addEventListener('abort', close, { once: true });
	const end = async (): Promise<void> => {
		signal.removeEventListener('abort', close);
		if (!signal.aborted) await client.end().catch(() => undefined);
	};
	try {
		await begin(client);
	} catch (error) {
		await end();
		throw error;
	}
	const rows = async <Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
		(await client.query<Row>(extended(sql, values))).rows;
	return {
		rows,
		end,
		measure: async (read) => {
			await rows('SAVEPOINT measure');
			// Also after a success: it gives back the role and closes the cursor.
			const undo = async (): Promise<void> => {
				await rows('ROLLBACK TO SAVEPOINT measure');
				await rows('RELEASE SAVEPOINT measure');
			};
			try {
				const value = await read();
				await undo();
				return { value };
			} catch (error) {
				signal.throwIfAborted();
				if (sqlStateOf(error) === undefined) throw error;
				await undo();
				return { problem: describeProblem(error), isDamage: DAMAGED.test(sqlStateOf(error) ?? '') };
			}
		},
	};
}

async function connect(connection: PostgresConnection, options: string): Promise<Client> {
	try {
		return await connectPostgres(connection, options);
	} catch (error) {
		if (!/^(28|3D000)/.test(sqlStateOf(error) ?? '')) throw error;
		const { host, port, database, user } = connection;
		throw integrityErrors.ACCESS_REFUSED({ host, port, database, user, problem: describeProblem(error) });
	}
}

async function begin(client: Client): Promise<void> {
	await client.query(
		`SELECT set_config('client_connection_check_interval', '1000', false) WHERE current_setting('server_version_num')::int >= 140000`,
	);
	await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
	// A policy that hides rows makes a query fail instead of counting less.
	await client.query('SET LOCAL row_security = off');
}

/** The protocol's extended form, which holds one statement; without values the driver would take the simple form, which holds many. */
function extended(text: string, values: readonly unknown[]): QueryConfig {
	return Object.assign({ text, values: [...values] }, { queryMode: 'extended' });
}
