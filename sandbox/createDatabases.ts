import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { PostgresHandle } from './postgres.ts';

/** How to connect to one database as its own role. */
export interface DatabaseEndpoint {
	readonly host: string;
	readonly port: number;
	readonly database: string;
	readonly user: string;
	readonly password: string;
}

export interface DatabaseChoice {
	readonly database: string;
	readonly user: string;
	/** Attributes and memberships of the role beyond LOGIN. */
	readonly mayCreateDatabases?: boolean;
	readonly monitors?: boolean;
}

/** Creates each database with a login role of its own as its owner (never a superuser), closed to everybody else. */
export async function createDatabases(
	server: PostgresHandle,
	choices: readonly DatabaseChoice[],
): Promise<readonly DatabaseEndpoint[]> {
	const { host, port, user, password } = server;
	const client = new Client({ host, port, user, password, database: 'postgres' });
	await client.connect();
	try {
		const endpoints: DatabaseEndpoint[] = [];
		for (const choice of choices) endpoints.push(await createDatabase(client, server, choice));
		return endpoints;
	} finally {
		await client.end();
	}
}

async function createDatabase(
	client: Client,
	server: PostgresHandle,
	choice: DatabaseChoice,
): Promise<DatabaseEndpoint> {
	const password = randomBytes(18).toString('base64url');
	const role = client.escapeIdentifier(choice.user);
	const database = client.escapeIdentifier(choice.database);
	const attributes = choice.mayCreateDatabases ? 'LOGIN CREATEDB' : 'LOGIN';
	await client.query(`CREATE ROLE ${role} ${attributes} PASSWORD ${client.escapeLiteral(password)}`);
	if (choice.monitors) await client.query(`GRANT pg_monitor TO ${role}`);
	await client.query(`CREATE DATABASE ${database} OWNER ${role} STRATEGY wal_log`);
	await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
	return { host: server.host, port: server.port, database: choice.database, user: choice.user, password };
}

/** The URL of a database, for programs that want one; it holds the password. */
export function databaseUrl({ host, port, database, user, password }: DatabaseEndpoint): string {
	return `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
