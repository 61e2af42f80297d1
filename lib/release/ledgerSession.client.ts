import { DatabaseError, type Pool, type PoolClient, type QueryResultRow } from 'pg';
import { classifyNetworkFailure } from '../support/networkFailure';
import { createPostgresPool, type PostgresConnection } from '../support/postgres.client';
import { RunbookError } from '../support/runbookError';
import { releaseErrors } from './errors';
import type { ReleaseContext } from './model';

/** As many runs as a worker of n8n takes at once, unless told otherwise: none of them waits for another's write. */
const POOL_SIZE = 10;
/** A holder that was frozen inside a transaction must not keep the environment's row from whoever rolls back. */
const IDLE_TRANSACTION_MS = 30_000;

/**
 * SQLSTATE classes of a server that is there and says no, today and tomorrow: unsupported, bad data, a constraint, a read-only server, a
 * right or a table that is missing. Everything else passes by itself or is the way to the server.
 */
const REFUSED = /^(0A|22|23|25006|42)/;

/** True for the release that holds its environment with exactly this token ($1, $2). */
export const HOLDS = `(EXISTS (SELECT 1 FROM deployment_runbook.environment e WHERE e.holder = $1 AND e.token = $2)
	OR EXISTS (SELECT 1 FROM deployment_runbook.release h WHERE h.id = $1 AND h.rehearsal))`;

/** The ledger's connections: one pool, errors in the package's words. */
export class LedgerSession {
	readonly #pool: Pool;
	readonly #host: string;

	constructor(connection: PostgresConnection) {
		this.#pool = createPostgresPool(connection, POOL_SIZE);
		this.#host = connection.host;
	}

	/** One statement. @throws RunbookError RELEASE.LEDGER_UNREACHABLE, LEDGER_REFUSED */
	async query<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
		try {
			return (await this.#pool.query<Row>(sql, [...values])).rows;
		} catch (error) {
			throw this.#explain(error);
		}
	}

	/** @throws RunbookError RELEASE.LEDGER_UNREACHABLE, LEDGER_REFUSED; whatever RunbookError the work throws */
	async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
		const client = await this.#pool.connect().catch((error: unknown) => {
			throw this.#explain(error);
		});
		// The pool listens on idle sessions only; one that the server ends while it works for us would end the n8n process.
		const ignore = (): void => undefined;
		client.on('error', ignore);
		try {
			await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_TRANSACTION_MS}`);
			const result = await work(client);
			await client.query('COMMIT');
			return result;
		} catch (error) {
			await client.query('ROLLBACK').catch(() => undefined);
			throw this.#explain(error);
		} finally {
			client.release();
			client.off('error', ignore);
		}
	}

	/**
	 * One write under the release's token, in turn with whoever takes its lock: a takeover is seen whole or not at all. The statement's
	 * $1 and $2 are the release's id and token, and it says itself `WHERE … HOLDS`. @throws RunbookError RELEASE.FENCED_OUT when it wrote nothing
	 */
	async whileHeld<Row extends QueryResultRow>(
		release: ReleaseContext,
		sql: string,
		values: readonly unknown[] = [],
	): Promise<Row> {
		const written = await this.transaction(async (client) => {
			await lockEnvironment(client, release.id);
			return await client.query<Row>(sql, [release.id, release.token, ...values]);
		});
		const row = written.rows[0];
		if (row === undefined) throw releaseErrors.FENCED_OUT({ releaseId: release.id, token: release.token });
		return row;
	}

	async close(): Promise<void> {
		await this.#pool.end();
	}

	#explain(error: unknown): unknown {
		if (error instanceof RunbookError) return error;
		const { message, code } = (error ?? {}) as { readonly message?: unknown; readonly code?: unknown };
		const text = String(message ?? error);
		// A host with several addresses fails with an error that has no text of its own.
		const problem = text === '' ? classifyNetworkFailure(error).reason : text;
		const refused = error instanceof DatabaseError && typeof code === 'string' && REFUSED.test(code);
		return refused
			? releaseErrors.LEDGER_REFUSED({ host: this.#host, problem, sqlstate: code }, error)
			: releaseErrors.LEDGER_UNREACHABLE({ host: this.#host, problem }, error);
	}
}

/** Every transaction takes the environment's row first, so that none waits for another in a circle. */
export async function lockEnvironment(client: PoolClient, releaseId: string): Promise<void> {
	await client.query(
		`SELECT 1 FROM deployment_runbook.environment
		 WHERE name = (SELECT environment FROM deployment_runbook.release WHERE id = $1) FOR UPDATE`,
		[releaseId],
	);
}
