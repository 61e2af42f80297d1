import { randomUUID } from 'node:crypto';
import { releaseErrors } from './errors';
import type { Freeze, LedgerEvent, PhaseRecord, PlanPart, PlanStore, RecordStore, Refusal } from './ledger';
import type { LedgerSession } from './ledgerSession.client';

const FREEZE = `id, environment, reason, declared_by AS "declaredBy", from_at AS "from", until_at AS "until", lifted_at AS "liftedAt"`;
/** Enough releases for a median that one odd night does not move. */
const USUAL_RELEASES = 20;

/** Plans, refusals, freezes, phases and events in Postgres. */
export function createRecordStore(session: LedgerSession): RecordStore & PlanStore {
	const readPlan = async (releaseId: string): Promise<PlanPart[]> =>
		await session.query<PlanPart>(
			'SELECT part, hash FROM deployment_runbook.plan_part WHERE release_id = $1 ORDER BY part',
			[releaseId],
		);

	return {
		registerPlan: async (releaseId, parts) => {
			// In one order, so that two who register the same parts do not wait for each other in a circle.
			await session.query(
				`INSERT INTO deployment_runbook.plan_part (release_id, part, hash)
				 SELECT $1, p.part, p.hash FROM jsonb_to_recordset($2::jsonb) AS p(part text, hash text)
				 ORDER BY p.part ON CONFLICT DO NOTHING`,
				[releaseId, JSON.stringify(parts)],
			);
			return await readPlan(releaseId);
		},
		readPlan,
		recordRefusal: async ({ releaseId, environment, code, message, person }) => {
			await session.query(
				'INSERT INTO deployment_runbook.refusal (release_id, environment, code, message, person) VALUES ($1, $2, $3, $4, $5)',
				[releaseId, environment, code, message, person],
			);
		},
		readRefusals: async (releaseId) =>
			await session.query<Refusal & { readonly at: Date }>(
				`SELECT release_id AS "releaseId", environment, code, message, person, at
				 FROM deployment_runbook.refusal WHERE release_id = $1 ORDER BY id`,
				[releaseId],
			),
		declareFreeze: async ({ environment, reason, declaredBy, from, until }) => {
			const [freeze] = await session.query<Freeze>(
				`INSERT INTO deployment_runbook.freeze (id, environment, reason, declared_by, from_at, until_at)
				 VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${FREEZE}`,
				[`freeze-${randomUUID().slice(0, 8)}`, environment, reason, declaredBy, from, until],
			);
			return freeze as Freeze;
		},
		liftFreeze: async (freezeId, liftedBy) => {
			const [freeze] = await session.query<Freeze>(
				`UPDATE deployment_runbook.freeze SET lifted_at = coalesce(lifted_at, now()), lifted_by = CASE WHEN lifted_at IS NULL THEN $2 ELSE lifted_by END
				 WHERE id = $1 RETURNING ${FREEZE}`,
				[freezeId, liftedBy],
			);
			if (!freeze) throw releaseErrors.FREEZE_UNKNOWN({ freezeId });
			return freeze;
		},
		listFreezes: async (environment) =>
			await session.query<Freeze>(
				`SELECT ${FREEZE} FROM deployment_runbook.freeze
				 WHERE environment = $1 AND lifted_at IS NULL AND (until_at IS NULL OR until_at > now()) ORDER BY from_at`,
				[environment],
			),
		startPhase: async (releaseId, phase) => {
			await session.query(
				`INSERT INTO deployment_runbook.phase (release_id, phase) VALUES ($1, $2)
				 ON CONFLICT (release_id, phase) DO UPDATE SET finished_at = NULL`,
				[releaseId, phase],
			);
		},
		finishPhase: async (releaseId, phase) => {
			await session.query(
				'UPDATE deployment_runbook.phase SET finished_at = now() WHERE release_id = $1 AND phase = $2',
				[releaseId, phase],
			);
		},
		readPhases: async (releaseId) =>
			await session.query<PhaseRecord>(
				`SELECT phase, started_at AS "startedAt", finished_at AS "finishedAt"
				 FROM deployment_runbook.phase WHERE release_id = $1 ORDER BY started_at`,
				[releaseId],
			),
		claimWarning: async (releaseId, clock) => {
			const sql =
				'INSERT INTO deployment_runbook.clock_warning (release_id, clock) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING clock';
			return (await session.query(sql, [releaseId, clock])).length === 1;
		},
		readEvents: async (releaseId) =>
			await session.query<LedgerEvent>(
				'SELECT sequence, at, kind, payload, hash FROM deployment_runbook.event WHERE release_id = $1 ORDER BY sequence',
				[releaseId],
			),
		readUsualDurations: async (environment) => {
			const rows = await session.query<{ stepKey: string; medianMs: number }>(
				`SELECT s.step_key AS "stepKey",
					percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.finished_at - s.started_at) * 1000)::float AS "medianMs"
				 FROM deployment_runbook.step s
				 WHERE s.state = 'passed' AND s.release_id IN (
					SELECT id FROM deployment_runbook.release WHERE environment = $1 AND NOT rehearsal ORDER BY started_at DESC LIMIT ${USUAL_RELEASES})
				 GROUP BY s.step_key`,
				[environment],
			);
			return new Map(rows.map(({ stepKey, medianMs }) => [stepKey, medianMs]));
		},
	};
}
