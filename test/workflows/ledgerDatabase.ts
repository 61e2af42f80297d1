import { randomBytes } from 'node:crypto';
import type { Client, QueryResultRow } from 'pg';
import { openLedger } from '../../lib/release/ledger.client';
import type { Ledger } from '../../lib/release/ledger';
import { connectPostgres, type PostgresConnection } from '../../lib/support/postgres.client';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

/** A real ledger in a database of its own, for one test file. */
export interface LedgerDatabase {
	readonly connection: PostgresConnection;
	readonly ledger: Ledger;
	/** Forgets every release. */
	clear(): Promise<void>;
	/** Looks at the ledger, or makes time pass in it. */
	query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
	/** Closes the connections and drops the database. */
	drop(): Promise<void>;
}

/** Creates the database on the sandbox's Postgres. */
export async function createLedgerDatabase(): Promise<LedgerDatabase> {
	const superuser: PostgresConnection = { ...sandboxEndpoints().postgres, ssl: 'disable' };
	const database = `workflows_${randomBytes(6).toString('hex')}`;
	await withClient(superuser, async (client) => await client.query(`CREATE DATABASE ${database}`));
	const connection = { ...superuser, database };
	const ledger = await openLedger(connection);
	return {
		connection,
		ledger,
		clear: async () =>
			await withClient(connection, async (client) => {
				await client.query(
					`TRUNCATE deployment_runbook.delivery, deployment_runbook.environment, deployment_runbook.release,
						deployment_runbook.refusal, deployment_runbook.freeze CASCADE`,
				);
			}),
		query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) => {
			let rows: Row[] = [];
			await withClient(connection, async (client) => {
				({ rows } = await client.query<Row>(sql, [...values]));
			});
			return rows;
		},
		drop: async () => {
			await ledger.close();
			await withClient(superuser, async (client) => await client.query(`DROP DATABASE ${database} WITH (FORCE)`));
		},
	};
}

async function withClient(connection: PostgresConnection, work: (client: Client) => Promise<unknown>): Promise<void> {
	const client = await connectPostgres(connection);
	try {
		await work(client);
	} finally {
		await client.end();
	}
}
