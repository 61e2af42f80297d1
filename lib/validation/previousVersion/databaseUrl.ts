import type { PostgresConnection } from '../../support/postgres.client';

/** Where the pods find the database; a port that is absent is the credential's. */
export interface PodAddress {
	readonly host?: string | undefined;
	readonly port?: number | undefined;
}

/** The URL of a database, as applications want one in their environment. It holds the password: it goes into a Secret and nowhere else. */
export function databaseUrl(connection: PostgresConnection, schema: string, address: PodAddress = {}): string {
	const { host = connection.host, port = connection.port } = address;
	const { user, password, database, ssl } = connection;
	const account = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
	const query = new URLSearchParams({ schema, sslmode: ssl });
	return `postgresql://${account}@${hostOf(host)}:${port}/${encodeURIComponent(database)}?${query.toString()}`;
}

/** An IPv6 address stands in brackets. */
function hostOf(host: string): string {
	return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
