import type { PostgresConnection } from '../support/postgres.client';

/**
 * A connection as the value of libpq's `--dbname`. Every part is quoted: a database named `--file=x` or `host=elsewhere` stays a name.
 * Holds no password, since argument lists are visible to every user of a machine.
 */
export function libpqConninfo({ host, port, database, user }: PostgresConnection): string {
	const parts = Object.entries({ host, port: String(port), dbname: database, user, connect_timeout: '10' });
	return parts.map(([name, value]) => `${name}='${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`).join(' ');
}

/**
 * The whole environment of pg_dump and pg_restore; nothing of n8n's own is inherited. `certificates` is a file with the trusted
 * certificate authorities, wanted for `verify-full` only: libpq does not know Node's.
 */
export function libpqEnvironment({ password, ssl }: PostgresConnection, certificates?: string): Record<string, string> {
	return {
		PATH: process.env.PATH ?? '/usr/bin:/bin',
		LC_ALL: 'C',
		PGPASSWORD: password,
		PGSSLMODE: ssl,
		PGAPPNAME: 'n8n-nodes-deployment-runbook',
		...(certificates === undefined ? {} : { PGSSLROOTCERT: certificates }),
	};
}
