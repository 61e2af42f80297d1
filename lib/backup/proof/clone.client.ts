import { escapeIdentifier, type Client } from 'pg';
import { connectPostgres, type PostgresConnection } from '../../support/postgres.client';
import { readIdentity } from '../identity.client';
import type { SourceIdentity } from '../model';

/** A table that both sides are asked about. */
export interface CheckedTable {
	readonly schema: string;
	readonly name: string;
}

/** One side, as it answers now. */
export interface ServerFacts {
	readonly identity: SourceIdentity;
	readonly now: Date;
	/** Microseconds since 1970 as decimal text: two servers do not start in the same one. */
	readonly startedAtMicros: string;
	readonly startedAt: Date;
	/** It still follows another server. */
	readonly inRecovery: boolean;
	/** Rows of the tables that were asked about, in their order; null for one that is not there. */
	readonly counts: ReadonlyArray<number | null>;
}

const STATEMENT_TIMEOUT_MS = 120_000;
const UNDEFINED_TABLE = '42P01';
const UNDEFINED_SCHEMA = '3F000';

/** Asks a server who it is, since when it runs, and counts tables. @throws the driver's error */
export async function readServerFacts(
	connection: PostgresConnection,
	tables: readonly CheckedTable[],
): Promise<ServerFacts> {
	const options = `-c statement_timeout=${STATEMENT_TIMEOUT_MS} -c default_transaction_read_only=on`;
	const client = await connectPostgres(connection, options);
	try {
		const identity = await readIdentity(client);
		const { rows } = await client.query<Omit<ServerFacts, 'identity' | 'counts'>>(
			`SELECT now() AS now, pg_postmaster_start_time() AS "startedAt", pg_is_in_recovery() AS "inRecovery",
				(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint::text AS "startedAtMicros"`,
		);
		const row = rows[0];
		if (!row) throw new Error('the server gave no answer');
		const counts: Array<number | null> = [];
		for (const table of tables) counts.push(await countRows(client, table));
		return { identity, ...row, counts };
	} finally {
		await client.end();
	}
}

async function countRows(client: Client, { schema, name }: CheckedTable): Promise<number | null> {
	try {
		const { rows } = await client.query<{ rows: string }>(
			`SELECT count(*)::text AS rows FROM ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
		);
		return Number(rows[0]?.rows);
	} catch (error) {
		const { code } = error as { code?: unknown };
		if (code === UNDEFINED_TABLE || code === UNDEFINED_SCHEMA) return null;
		throw error;
	}
}
