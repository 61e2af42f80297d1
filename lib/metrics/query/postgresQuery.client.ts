import { connectPostgres, type PostgresConnection } from '../../support/postgres.client';
import { classifyNetworkFailure } from '../../support/networkFailure';
import { metricsErrors } from '../errors';
import type { Measurement, QuerySource } from './model';
import { toMeasurement } from './toMeasurement';

export interface PostgresQuerySettings {
	/** One statement that reads; the operator's own, never made of item data. */
	readonly sql: string;
	/** For the statement, in milliseconds. */
	readonly timeoutMs: number;
}

/** Classes of SQLSTATE that the operator must mend: the statement, its names, its rights, the login. */
const OPERATORS = ['42', '28', '3D', '25', '22', '0A'];

/** One number from a database: each measurement is a session of its own, in which nothing can be written. */
export function createPostgresSource(
	connection: PostgresConnection,
	{ sql, timeoutMs }: PostgresQuerySettings,
): QuerySource {
	return {
		measure: async (signal) => {
			signal.throwIfAborted();
			try {
				return await ask(connection, { sql, timeoutMs });
			} catch (error) {
				return readFailure(error);
			}
		},
		close: async () => await Promise.resolve(),
	};
}

async function ask(connection: PostgresConnection, { sql, timeoutMs }: PostgresQuerySettings): Promise<Measurement> {
	const options = `-c default_transaction_read_only=on -c statement_timeout=${Math.ceil(timeoutMs)}`;
	const client = await connectPostgres(connection, options, { connectTimeoutMs: timeoutMs });
	try {
		// The extended protocol takes one statement only, so that none can switch writing on for the next.
		const { rows, fields } = await client.query<unknown[]>(
			Object.assign({ text: sql, rowMode: 'array' as const }, { queryMode: 'extended' }),
		);
		if (fields.length !== 1)
			return { kind: 'error', reason: `the query gives ${fields.length} columns, one is asked for` };
		if (rows.length > 1) return { kind: 'error', reason: `the query gives ${rows.length} rows, one is asked for` };
		const value: unknown = rows[0]?.[0] ?? null;
		if (value === null) return { kind: 'no-data', reason: 'the query gives no row, or NULL' };
		return toNumber(value);
	} finally {
		await client.end();
	}
}

/** The driver gives bigint and numeric as text. */
function toNumber(value: unknown): Measurement {
	if (typeof value === 'number' || value === 'NaN') return toMeasurement(Number(value));
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
	return Number.isNaN(number)
		? { kind: 'error', reason: 'what the query gives is no number' }
		: toMeasurement(number);
}

/** @throws RunbookError METRICS.QUERY_REFUSED */
function readFailure(error: unknown): Measurement {
	const { code } = (error ?? {}) as { readonly code?: unknown };
	if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code)) {
		if (OPERATORS.includes(code.slice(0, 2)))
			throw metricsErrors.QUERY_REFUSED({ source: 'the database', problem: `SQLSTATE ${code}` });
		return { kind: 'error', reason: `the database refused the query (SQLSTATE ${code})` };
	}
	return { kind: 'error', reason: classifyNetworkFailure(error).reason };
}
