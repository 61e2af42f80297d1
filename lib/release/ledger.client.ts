import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { classifyNetworkFailure } from '../support/networkFailure';
import { createPostgresPool, type PostgresConnection } from '../support/postgres.client';
import { RunbookError } from '../support/runbookError';
import { releaseErrors } from './errors';
import type { Ledger, NewRelease } from './ledger';
import { LEDGER_SCHEMA } from './ledgerSchema';
import type { Json, Release, ReleaseContext, ReleaseState, StepRecord, StepState } from './model';
import type { Step } from './recordStep';

const POOL_SIZE = 5;

/** Opens the ledger and creates or completes its tables. @throws RunbookError RELEASE.LEDGER_UNREACHABLE */
export async function openLedger(connection: PostgresConnection): Promise<Ledger> {
	const pool = createPostgresPool(connection, POOL_SIZE);
	const ledger = new PostgresLedger(pool, connection.host);
	await ledger.query(LEDGER_SCHEMA);
	return ledger;
}

const RELEASE_COLUMNS = `id, environment, version, commit, images, started_by AS "startedBy", state, token::int AS token, rehearsal,
	delivery_id AS "deliveryId", execution_id AS "executionId", started_at AS "startedAt",
	watch_until AS "watchUntil", finished_at AS "finishedAt"`;
const STEP_COLUMNS = `step_key AS "stepKey", item_key AS "itemKey", kind, state, input_hash AS "inputHash", attempts,
	started_at AS "startedAt", finished_at AS "finishedAt", result, evidence, inverse, error`;
/** True for the release that holds its environment with exactly this token. */
const HOLDS = `EXISTS (SELECT 1 FROM deployment_runbook.environment e WHERE e.holder = $1 AND e.token = $2)
	OR EXISTS (SELECT 1 FROM deployment_runbook.release h WHERE h.id = $1 AND h.rehearsal)`;

class PostgresLedger implements Ledger {
	readonly #pool: Pool;
	readonly #host: string;

	constructor(pool: Pool, host: string) {
		this.#pool = pool;
		this.#host = host;
	}

	async query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]> {
		try {
			const result = values ? await this.#pool.query<Row>(sql, [...values]) : await this.#pool.query<Row>(sql);
			return result.rows;
		} catch (error) {
			throw this.#explain(error);
		}
	}

	async acceptDelivery(deliveryId: string): Promise<boolean> {
		const rows = await this.query(
			'INSERT INTO deployment_runbook.delivery (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id',
			[deliveryId],
		);
		return rows.length === 1;
	}

	async beginRelease(release: NewRelease): Promise<{ release: Release; started: boolean }> {
		return await this.#transaction(async (client) => {
			await client.query('INSERT INTO deployment_runbook.environment (name) VALUES ($1) ON CONFLICT DO NOTHING', [
				release.environment,
			]);
			await client.query('SELECT 1 FROM deployment_runbook.environment WHERE name = $1 FOR UPDATE', [
				release.environment,
			]);
			const standing = release.rehearsal ? undefined : await findStanding(client, release);
			if (standing) return { release: standing, started: false };
			return { release: await insertRelease(client, release), started: true };
		});
	}

	async readRelease(releaseId: string): Promise<Release | undefined> {
		return (
			await this.query<Release>(`SELECT ${RELEASE_COLUMNS} FROM deployment_runbook.release WHERE id = $1`, [
				releaseId,
			])
		)[0];
	}

	async readReleaseByExecution(executionId: string): Promise<Release | undefined> {
		const sql = `SELECT ${RELEASE_COLUMNS} FROM deployment_runbook.release WHERE execution_id = $1 ORDER BY started_at DESC LIMIT 1`;
		return (await this.query<Release>(sql, [executionId]))[0];
	}

	async listLiveReleases(environment: string): Promise<Release[]> {
		return await this.query<Release>(
			`SELECT ${RELEASE_COLUMNS} FROM deployment_runbook.release
			 WHERE environment = $1 AND finished_at IS NULL AND NOT rehearsal ORDER BY started_at`,
			[environment],
		);
	}

	async readLastStable(environment: string): Promise<Release | undefined> {
		const sql = `SELECT ${RELEASE_COLUMNS} FROM deployment_runbook.release
			WHERE environment = $1 AND state = 'succeeded' ORDER BY finished_at DESC LIMIT 1`;
		return (await this.query<Release>(sql, [environment]))[0];
	}

	async takeOver(releaseId: string, reason: string): Promise<Release> {
		return await this.#transaction(async (client) => {
			await lockEnvironment(client, releaseId);
			const found = await client.query<Release>(
				`SELECT ${RELEASE_COLUMNS} FROM deployment_runbook.release WHERE id = $1`,
				[releaseId],
			);
			const release = found.rows[0];
			if (!release) throw releaseErrors.UNKNOWN({ releaseId });
			if (release.rehearsal) {
				throw releaseErrors.MANUAL_RUN_NOT_ARMED({ stepKey: 'rollback', environment: release.environment });
			}
			await client.query(
				`UPDATE deployment_runbook.release SET state = 'needs-human', finished_at = now(), reason = $3
				 WHERE environment = $1 AND id <> $2 AND finished_at IS NULL AND NOT rehearsal`,
				[release.environment, releaseId, `pre-empted by a rollback of ${releaseId}: ${reason}`],
			);
			// One that had finished is open again until its rollback ends it anew: nothing else begins meanwhile.
			await client.query(
				`UPDATE deployment_runbook.release SET state = 'running', finished_at = NULL WHERE id = $1 AND finished_at IS NOT NULL`,
				[releaseId],
			);
			return await takeLock(client, releaseId, release.environment);
		});
	}

	async enterWatching(release: ReleaseContext, watchForMs: number): Promise<Release> {
		return await this.#whileHeld(
			release,
			`UPDATE deployment_runbook.release SET state = 'watching', watch_until = now() + $3 * interval '1 millisecond'
			 WHERE id = $1 AND finished_at IS NULL AND (${HOLDS}) RETURNING ${RELEASE_COLUMNS}`,
			[watchForMs],
		);
	}

	async finishRelease(release: ReleaseContext, state: ReleaseState, reason: string): Promise<Release> {
		return await this.#whileHeld(
			release,
			`WITH finished AS (
				UPDATE deployment_runbook.release SET state = $3, finished_at = now(), reason = $4
				WHERE id = $1 AND finished_at IS NULL AND (${HOLDS}) RETURNING *
			), freed AS (
				UPDATE deployment_runbook.environment SET holder = NULL, heartbeat_at = NULL
				WHERE holder = (SELECT id FROM finished) AND token = $2
			)
			SELECT ${RELEASE_COLUMNS} FROM finished`,
			[state, reason],
		);
	}

	async beat(release: ReleaseContext): Promise<void> {
		await this.query(
			'UPDATE deployment_runbook.environment SET heartbeat_at = now() WHERE holder = $1 AND token = $2',
			[release.id, release.token],
		);
	}

	async readStep(releaseId: string, stepKey: string, itemKey: string): Promise<StepRecord | undefined> {
		const sql = `SELECT ${STEP_COLUMNS} FROM deployment_runbook.step WHERE release_id = $1 AND step_key = $2 AND item_key = $3`;
		return (await this.query<StepRecord>(sql, [releaseId, stepKey, itemKey]))[0];
	}

	async readSteps(releaseId: string, stepKey?: string): Promise<StepRecord[]> {
		const sql = `SELECT ${STEP_COLUMNS} FROM deployment_runbook.step
			WHERE release_id = $1 AND ($2::text IS NULL OR step_key = $2) ORDER BY started_at, step_key`;
		return await this.query<StepRecord>(sql, [releaseId, stepKey ?? null]);
	}

	async startStep(step: Step, { inputHash, inverse }: { inputHash: string; inverse: Json }): Promise<void> {
		const { release, stepKey, itemKey, kind } = step;
		const rows = await this.query(
			`INSERT INTO deployment_runbook.step (release_id, step_key, item_key, kind, state, input_hash, token, inverse)
			 SELECT $1, $3, $4, $5, 'started', $6, $2, $7::jsonb WHERE ${HOLDS}
			 ON CONFLICT (release_id, step_key, item_key) DO UPDATE SET state = 'started', input_hash = excluded.input_hash,
				token = excluded.token, inverse = coalesce(deployment_runbook.step.inverse, excluded.inverse), started_at = now(), finished_at = NULL,
				result = NULL, evidence = NULL, error = NULL, attempts = deployment_runbook.step.attempts + 1
			 RETURNING step_key`,
			[release.id, release.token, stepKey, itemKey, kind, inputHash, toJsonb(inverse)],
		);
		if (rows.length === 0) this.#refuse(release);
		await this.beat(release);
	}

	async finishStep(step: Step, end: { state: StepState; result: Json; evidence: Json; error: Json }): Promise<void> {
		const { release, stepKey, itemKey } = step;
		const rows = await this.query(
			`UPDATE deployment_runbook.step SET state = $5, finished_at = now(), result = $6::jsonb, evidence = $7::jsonb, error = $8::jsonb
			 WHERE release_id = $1 AND step_key = $3 AND item_key = $4 AND (${HOLDS}) RETURNING step_key`,
			[
				release.id,
				release.token,
				stepKey,
				itemKey,
				end.state,
				toJsonb(end.result),
				toJsonb(end.evidence),
				toJsonb(end.error),
			],
		);
		if (rows.length === 0) this.#refuse(release);
	}

	async close(): Promise<void> {
		await this.#pool.end();
	}

	/** One write of the release's own row, in turn with whoever takes its lock: a takeover is seen whole or not at all. */
	async #whileHeld(release: ReleaseContext, sql: string, values: readonly unknown[]): Promise<Release> {
		const written = await this.#transaction(async (client) => {
			await lockEnvironment(client, release.id);
			return await client.query<Release>(sql, [release.id, release.token, ...values]);
		});
		return written.rows[0] ?? this.#refuse(release);
	}

	async #transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
		const client = await this.#pool.connect().catch((error: unknown) => {
			throw this.#explain(error);
		});
		// The pool listens on idle sessions only; one that the server ends while it works for us would end the n8n process.
		const ignore = (): void => undefined;
		client.on('error', ignore);
		try {
			await client.query('BEGIN');
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

	#refuse(release: ReleaseContext): never {
		throw releaseErrors.FENCED_OUT({ releaseId: release.id, token: release.token });
	}

	#explain(error: unknown): unknown {
		if (error instanceof RunbookError) return error;
		const message = String((error as { readonly message?: unknown } | null)?.message ?? error);
		// A host with several addresses fails with an error that has no text of its own.
		const problem = message === '' ? classifyNetworkFailure(error).reason : message;
		return releaseErrors.LEDGER_UNREACHABLE({ host: this.#host, problem }, error);
	}
}

/** Every transaction takes the environment's row first, so that none waits for another in a circle. */
async function lockEnvironment(client: PoolClient, releaseId: string): Promise<void> {
	await client.query(
		`SELECT 1 FROM deployment_runbook.environment
		 WHERE name = (SELECT environment FROM deployment_runbook.release WHERE id = $1) FOR UPDATE`,
		[releaseId],
	);
}

async function findStanding(client: PoolClient, release: NewRelease): Promise<Release | undefined> {
	const found = await client.query<Release>(
		`SELECT ${RELEASE_COLUMNS} FROM deployment_runbook.release
		 WHERE (environment = $1 AND finished_at IS NULL AND NOT rehearsal) OR (delivery_id = $2 AND $2 <> '') LIMIT 1`,
		[release.environment, release.deliveryId],
	);
	return found.rows[0];
}

async function insertRelease(client: PoolClient, release: NewRelease): Promise<Release> {
	const { id, environment, version, commit, images, startedBy, rehearsal, deliveryId, executionId } = release;
	const inserted = await client.query<Release>(
		`INSERT INTO deployment_runbook.release (id, environment, version, commit, images, started_by, state, rehearsal, delivery_id, execution_id)
		 VALUES ($1, $2, $3, $4, $5::jsonb, $6, 'running', $7, $8, $9) RETURNING ${RELEASE_COLUMNS}`,
		[id, environment, version, commit, JSON.stringify(images), startedBy, rehearsal, deliveryId, executionId],
	);
	return rehearsal ? (inserted.rows[0] as Release) : await takeLock(client, id, environment);
}

async function takeLock(client: PoolClient, releaseId: string, environment: string): Promise<Release> {
	const taken = await client.query<Release>(
		`WITH taken AS (
			UPDATE deployment_runbook.environment SET token = token + 1, holder = $1, heartbeat_at = now() WHERE name = $2 RETURNING token
		)
		UPDATE deployment_runbook.release SET token = (SELECT token FROM taken) WHERE id = $1 RETURNING ${RELEASE_COLUMNS}`,
		[releaseId, environment],
	);
	return taken.rows[0] as Release;
}

function toJsonb(value: Json): string | null {
	return value === null ? null : JSON.stringify(value);
}
