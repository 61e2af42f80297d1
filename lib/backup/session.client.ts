import type { Client } from 'pg';
import { connectPostgres, type PostgresConnection } from '../support/postgres.client';
import { describeReason } from './describeReason';

/** A session whose running query is cancelled on the server when the signal is aborted. */
export interface Session {
	readonly client: Client;
	/** What the server ended the session with while nothing was asked of it; undefined as long as it did not. */
	endedBy(): unknown;
	close(): Promise<void>;
}

/** Opens a session. Ending the connection alone would leave the query running on the server. */
export async function openSession(connection: PostgresConnection, signal: AbortSignal): Promise<Session> {
	signal.throwIfAborted();
	const client = await connectPostgres(connection);
	let endedBy: unknown;
	client.on('error', (error) => (endedBy ??= error));
	try {
		const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
		const cancel = (): void => void cancelBackend(connection, rows[0]?.pid ?? 0).catch(() => undefined);
		signal.addEventListener('abort', cancel, { once: true });
		return {
			client,
			endedBy: () => endedBy,
			close: async () => {
				signal.removeEventListener('abort', cancel);
				await client.end().catch(() => undefined);
			},
		};
	} catch (error) {
		await client.end().catch(() => undefined);
		throw error;
	}
}

/** SQLSTATE of a server's error, errno of a network error; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
	const code = (error as { code?: unknown } | null | undefined)?.code;
	return typeof code === 'string' ? code : undefined;
}

/** True when the server answered with an error, so that it was reached. */
export function isServerError(error: unknown): boolean {
	return typeof error === 'object' && error !== null && 'severity' in error;
}

/** True for a server whose disk is full. Of a connection's own first file it says so without a class. */
export function isDiskFull(error: unknown): boolean {
	const unsaid = isServerError(error) && describeReason(error).includes('could not write init file');
	return errorCode(error) === '53100' || unsaid;
}

async function cancelBackend(connection: PostgresConnection, pid: number): Promise<void> {
	const client = await connectPostgres(connection);
	try {
		await client.query('SELECT pg_cancel_backend($1)', [pid]);
	} finally {
		await client.end();
	}
}
