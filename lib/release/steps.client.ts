import { releaseErrors } from './errors';
import type { StepStore } from './ledger';
import { HOLDS, lockEnvironment, type LedgerSession } from './ledgerSession.client';
import type { Json, Sample, StepRecord } from './model';

const COLUMNS = `step_key AS "stepKey", item_key AS "itemKey", kind, state, input_hash AS "inputHash", attempts,
	started_at AS "startedAt", finished_at AS "finishedAt", result, evidence, inverse, error`;

/** Steps in Postgres: each write in turn with whoever takes the environment's lock, so that a stale token writes nothing at all. */
export function createStepStore(session: LedgerSession): StepStore {
	return {
		readStep: async (releaseId, stepKey, itemKey) => {
			const sql = `SELECT ${COLUMNS} FROM deployment_runbook.step WHERE release_id = $1 AND step_key = $2 AND item_key = $3`;
			return (await session.query<StepRecord>(sql, [releaseId, stepKey, itemKey]))[0];
		},
		readSteps: async (releaseId, stepKey) =>
			await session.query<StepRecord>(
				`SELECT ${COLUMNS} FROM deployment_runbook.step
				 WHERE release_id = $1 AND ($2::text IS NULL OR step_key = $2) ORDER BY started_at, step_key`,
				[releaseId, stepKey ?? null],
			),
		startStep: async ({ release, stepKey, itemKey, kind }, { inputHash, inverse }) => {
			await session.whileHeld(
				release,
				`WITH alive AS (
					UPDATE deployment_runbook.environment SET heartbeat_at = now() WHERE holder = $1 AND token = $2
				)
				INSERT INTO deployment_runbook.step (release_id, step_key, item_key, kind, state, input_hash, token, inverse)
				SELECT $1, $3, $4, $5, 'started', $6, $2, $7::jsonb WHERE ${HOLDS}
				ON CONFLICT (release_id, step_key, item_key) DO UPDATE SET state = 'started', input_hash = excluded.input_hash,
					token = excluded.token, inverse = coalesce(deployment_runbook.step.inverse, excluded.inverse), started_at = now(), finished_at = NULL,
					result = NULL, evidence = NULL, error = NULL, attempts = deployment_runbook.step.attempts + 1
				RETURNING step_key`,
				[stepKey, itemKey, kind, inputHash, toJsonb(inverse)],
			);
		},
		finishStep: async ({ release, stepKey, itemKey }, end) =>
			await session.transaction(async (client) => {
				await lockEnvironment(client, release.id);
				const { rowCount } = await client.query(
					`UPDATE deployment_runbook.step SET token = $2, state = $5, finished_at = now(), result = $6::jsonb, evidence = $7::jsonb, error = $8::jsonb
					 WHERE release_id = $1 AND step_key = $3 AND item_key = $4 AND ${HOLDS}`,
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
				if (rowCount === 0) throw releaseErrors.FENCED_OUT({ releaseId: release.id, token: release.token });
				if (end.pointOfNoReturn)
					await client.query(
						`UPDATE deployment_runbook.release SET no_return = jsonb_build_object('stepKey', $2::text, 'since', now(), 'reason', $3::text)
						 WHERE id = $1 AND no_return IS NULL`,
						[release.id, stepKey, end.pointOfNoReturn.reason],
					);
				if (end.samples?.length)
					await client.query(
						`INSERT INTO deployment_runbook.sample (release_id, step_key, metric, target, value, problem, taken_at, monotonic_ms, boot_id)
						 SELECT $1, $2, s.metric, s.target, s.value, s.problem, s."takenAt", s."monotonicMs", s."bootId"
						 FROM jsonb_to_recordset($3::jsonb) AS s(metric text, target text, value double precision, problem text,
							"takenAt" timestamptz, "monotonicMs" double precision, "bootId" text)`,
						[release.id, stepKey, JSON.stringify(end.samples)],
					);
			}),
		readSamples: async (releaseId) =>
			await session.query<Sample & { readonly takenAt: string }>(
				`SELECT metric, target, value, problem, to_char(taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "takenAt",
					monotonic_ms AS "monotonicMs", boot_id AS "bootId"
				 FROM deployment_runbook.sample WHERE release_id = $1 ORDER BY taken_at, metric, target`,
				[releaseId],
			),
	};
}

function toJsonb(value: Json): string | null {
	return value === null ? null : JSON.stringify(value);
}
