import { connectPostgres, type PostgresConnection } from '../../support/postgres.client';
import { describeReason } from '../describeReason';
import type { Endpoint, EndpointAnswer } from './model';
import { readSystemIdentifier } from './swapFacts.client';

const CONNECT_TIMEOUT_MS = 5_000;

/** Opens a fresh connection through each endpoint, with the credential's own login, and asks which database it came to. Never throws. */
export async function askEndpoints(
	connection: PostgresConnection,
	endpoints: readonly Endpoint[],
): Promise<EndpointAnswer[]> {
	return await Promise.all(endpoints.map(async (endpoint) => await ask(connection, endpoint)));
}

/** Ends the sessions that still read the database `oid` on every standby among the endpoints: a standby renames under its sessions. */
export async function endStandbySessions(
	connection: PostgresConnection,
	{ endpoints, oid }: { endpoints: readonly Endpoint[]; oid: number },
): Promise<number> {
	const ended = endpoints.map(async (endpoint) => {
		const client = await connectPostgres(at(connection, endpoint), undefined, {
			connectTimeoutMs: CONNECT_TIMEOUT_MS,
		});
		try {
			const { rowCount } = await client.query(
				'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datid = $1 AND pid <> pg_backend_pid()',
				[oid],
			);
			return rowCount ?? 0;
		} finally {
			await client.end();
		}
	});
	return (await Promise.all(ended)).reduce((sum, count) => sum + count, 0);
}

async function ask(connection: PostgresConnection, endpoint: Endpoint): Promise<EndpointAnswer> {
	const target = at(connection, endpoint);
	const name = `${target.host}:${target.port}/${target.database}`;
	const silent = { endpoint: name, databaseOid: null, systemIdentifier: null, isStandby: false, isPooler: false };
	try {
		const client = await connectPostgres(target, undefined, { connectTimeoutMs: CONNECT_TIMEOUT_MS });
		try {
			const { rows } = await client.query<{ oid: string; isStandby: boolean; pid: number }>(
				`SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS oid,
					pg_is_in_recovery() AS "isStandby", pg_backend_pid() AS pid`,
			);
			const row = rows[0];
			// A pooler hands out a process number of its own.
			const announced: unknown = 'processID' in client ? client.processID : undefined;
			return {
				endpoint: name,
				databaseOid: row ? Number(row.oid) : null,
				systemIdentifier: await readSystemIdentifier(client),
				isStandby: row?.isStandby ?? false,
				isPooler: row?.pid !== announced,
				problem: '',
			};
		} finally {
			await client.end();
		}
	} catch (error) {
		return { ...silent, problem: describeReason(error) };
	}
}

function at(connection: PostgresConnection, { host, port, database }: Endpoint): PostgresConnection {
	return { ...connection, host, port, database: database ?? connection.database };
}
