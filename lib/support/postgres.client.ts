import { Client, Pool, type ClientConfig } from 'pg';

/** Where a Postgres server is and who asks. The password never leaves this object except to the driver or a child's environment. */
export interface PostgresConnection {
	readonly host: string;
	readonly port: number;
	readonly database: string;
	readonly user: string;
	readonly password: string;
	/** `disable`: plain text; `require`: encrypted, certificate not checked; `verify-full`: encrypted and checked. */
	readonly ssl: 'disable' | 'require' | 'verify-full';
}

const CONNECT_TIMEOUT_MS = 10_000;

export interface ConnectOptions {
	/** How long a server may stay silent, in milliseconds; ten seconds unless told. */
	readonly connectTimeoutMs?: number;
	/** Queries that nobody waits for one by one are sent together, and answered in their order. */
	readonly pipeline?: boolean;
}

/**
 * A connected session. The caller ends it. `options` is libpq's startup options, e.g. `-c lock_timeout=4000`. A server that accepts
 * and stays silent is given up after `connectTimeoutMs`.
 */
export async function connectPostgres(
	connection: PostgresConnection,
	options?: string,
	{ connectTimeoutMs = CONNECT_TIMEOUT_MS, pipeline = false }: ConnectOptions = {},
): Promise<Client> {
	const client = new Client({
		...driverConfig(connection),
		connectionTimeoutMillis: Math.ceil(connectTimeoutMs),
		pipeline,
		...(options === undefined ? {} : { options }),
	});
	// Without a listener a session that the server ends would end the n8n process; the next query reports it anyway.
	client.on('error', () => undefined);
	await client.connect();
	return client;
}

/** A pool with `max` sessions. The caller ends it. */
export function createPostgresPool(connection: PostgresConnection, max: number): Pool {
	const pool = new Pool({ ...driverConfig(connection), max, idleTimeoutMillis: 30_000, allowExitOnIdle: true });
	pool.on('error', () => undefined);
	return pool;
}

function driverConfig(connection: PostgresConnection): ClientConfig {
	const { host, port, database, user, password, ssl } = connection;
	return {
		host,
		port,
		database,
		user,
		password,
		ssl: ssl === 'disable' ? false : { rejectUnauthorized: ssl === 'verify-full' },
		connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
		keepAlive: true,
		application_name: 'n8n-nodes-deployment-runbook',
	};
}
