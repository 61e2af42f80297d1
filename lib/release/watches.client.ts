import type { LedgerSession } from './ledgerSession.client';
import { DEPLOY_MIGRATIONS_STEP, OLD_CODE_STEP } from './rollbackProof';
import type { RecordedRelease, Standing, WatchStore } from './watchStore';

/** Looks that belong to no release are kept for so long. */
const FORGET_AFTER = "interval '1 day'";
const MILLISECONDS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** As isRollbackProven judges, of the release `r`. */
const ROLLBACK_PROVEN = `NOT EXISTS (SELECT 1 FROM deployment_runbook.step d WHERE d.release_id = r.id AND d.step_key = '${DEPLOY_MIGRATIONS_STEP}')
	OR EXISTS (SELECT 1 FROM deployment_runbook.step o WHERE o.release_id = r.id AND o.step_key = '${OLD_CODE_STEP}' AND o.state = 'passed')`;
/** The live release of `e.name`, as the watch needs it. */
const RELEASE = `SELECT jsonb_build_object('id', r.id, 'token', r.token, 'version', r.version, 'state', r.state,
		'switchedAtMs', ${MILLISECONDS('s.started_at')}, 'watchUntilMs', ${MILLISECONDS('r.watch_until')},
		'silentMs', ${MILLISECONDS('now() - h.heartbeat_at')}, 'rollingBack', r.rolling_back_at IS NOT NULL,
		'rollbackProven', ${ROLLBACK_PROVEN}) AS facts, s.started_at AS switched_at
	FROM deployment_runbook.release r
	LEFT JOIN deployment_runbook.step s ON s.release_id = r.id AND s.step_key = '3.2/switch-traffic' AND s.item_key = ''
	LEFT JOIN deployment_runbook.environment h ON h.holder = r.id
	WHERE r.environment = e.name AND r.finished_at IS NULL AND NOT r.rehearsal LIMIT 1`;
const LOOKS = `SELECT jsonb_agg(jsonb_build_object('recordedAtMs', ${MILLISECONDS('l.recorded_at')}, 'monotonicMs', l.monotonic_ms,
		'bootId', l.boot_id, 'signals', l.signals) ORDER BY l.recorded_at) AS list
	FROM deployment_runbook.look l
	WHERE l.environment = e.name AND l.watcher = $2
		AND l.recorded_at > least(now(), coalesce(release.switched_at, now())) - $3 * interval '1 millisecond'`;
const MEMORY = `SELECT jsonb_build_object('recordedAtMs', ${MILLISECONDS('m.recorded_at')}, 'monotonicMs', m.monotonic_ms,
		'bootId', m.boot_id, 'counters', m.counters) AS facts
	FROM deployment_runbook.counter_memory m WHERE m.environment = e.name AND m.watcher = $2`;
const ALERTS = `SELECT jsonb_agg(jsonb_build_object('signal', a.signal, 'level', a.level, 'pagedAtMs', ${MILLISECONDS('a.paged_at')},
		'acknowledged', a.acknowledged_at IS NOT NULL)) AS list
	FROM deployment_runbook.alert a WHERE a.environment = e.name`;

/** What the watch remembers, in Postgres. */
export function createWatchStore(session: LedgerSession): WatchStore {
	return {
		readStandings: async (environments, { watcher, horizonMs }) =>
			await session.query<Standing>(
				`SELECT e.name AS environment, ${MILLISECONDS('now()')} AS "nowMs", release.facts AS release,
					coalesce(looks.list, '[]') AS looks, memory.facts AS memory, coalesce(alerts.list, '[]') AS alerts
				 FROM unnest($1::text[]) AS e(name)
				 LEFT JOIN LATERAL (${RELEASE}) release ON true
				 LEFT JOIN LATERAL (${LOOKS}) looks ON true
				 LEFT JOIN LATERAL (${MEMORY}) memory ON true
				 LEFT JOIN LATERAL (${ALERTS}) alerts ON true`,
				[environments, watcher, horizonMs],
			),
		readRecorded: async (environment, { watcher, limit }) =>
			await session.query<RecordedRelease>(
				`SELECT r.id, r.version, r.state, ${MILLISECONDS('s.started_at')} AS "switchedAtMs", looks.list AS looks
				 FROM deployment_runbook.release r
				 LEFT JOIN deployment_runbook.step s ON s.release_id = r.id AND s.step_key = '3.2/switch-traffic' AND s.item_key = ''
				 CROSS JOIN LATERAL (
					SELECT jsonb_agg(jsonb_build_object('recordedAtMs', ${MILLISECONDS('l.recorded_at')}, 'monotonicMs', l.monotonic_ms,
						'bootId', l.boot_id, 'signals', l.signals) ORDER BY l.recorded_at) AS list
					FROM deployment_runbook.look l WHERE l.release_id = r.id AND l.watcher = $2) looks
				 WHERE r.environment = $1 AND looks.list IS NOT NULL ORDER BY r.started_at DESC LIMIT $3`,
				[environment, watcher, limit],
			),
		recordLooks: async (looks) =>
			await session.transaction(async (client) => {
				const given = JSON.stringify(looks);
				const { rows } = await client.query<{ at: Date; atMs: number }>(
					`SELECT t.at, ${MILLISECONDS('t.at')} AS "atMs" FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS at) t`,
				);
				const at = rows[0] as { at: Date; atMs: number };
				await client.query(
					`INSERT INTO deployment_runbook.look (environment, watcher, release_id, taken_at, recorded_at, monotonic_ms, boot_id, signals)
					 SELECT l.environment, l.watcher, l."releaseId", l."takenAt", $2, l."monotonicMs", l."bootId", l.signals
					 FROM jsonb_to_recordset($1::jsonb) AS l(environment text, watcher text, "releaseId" text, "takenAt" timestamptz,
						"monotonicMs" double precision, "bootId" text, signals jsonb)`,
					[given, at.at],
				);
				await client.query(
					`INSERT INTO deployment_runbook.counter_memory AS m (environment, watcher, recorded_at, monotonic_ms, boot_id, counters)
					 SELECT l.environment, l.watcher, $2, l."monotonicMs", l."bootId", l.counters
					 FROM jsonb_to_recordset($1::jsonb) AS l(environment text, watcher text, "monotonicMs" double precision, "bootId" text, counters jsonb)
					 WHERE l.counters IS NOT NULL AND l.counters <> 'null' ORDER BY l.environment
					 ON CONFLICT (environment, cell, watcher) DO UPDATE SET recorded_at = EXCLUDED.recorded_at,
						monotonic_ms = EXCLUDED.monotonic_ms, boot_id = EXCLUDED.boot_id, counters = EXCLUDED.counters
					 WHERE m.boot_id <> EXCLUDED.boot_id OR m.monotonic_ms < EXCLUDED.monotonic_ms`,
					[given, at.at],
				);
				if (looks.some(({ samples }) => samples.length > 0))
					await client.query(
						`INSERT INTO deployment_runbook.sample (release_id, step_key, metric, target, value, problem, taken_at, monotonic_ms, boot_id)
						 SELECT l."releaseId", 'watch/look', s.metric, s.target, s.value, s.problem, s."takenAt", s."monotonicMs", s."bootId"
						 FROM jsonb_to_recordset($1::jsonb) AS l("releaseId" text, samples jsonb),
							jsonb_to_recordset(l.samples) AS s(metric text, target text, value double precision, problem text,
								"takenAt" timestamptz, "monotonicMs" double precision, "bootId" text)
						 WHERE l."releaseId" IS NOT NULL`,
						[given],
					);
				await client.query(
					`DELETE FROM deployment_runbook.look WHERE release_id IS NULL AND recorded_at < now() - ${FORGET_AFTER}`,
				);
				return at.atMs;
			}),
		raiseAlerts: async (alerts) => {
			if (alerts.length === 0) return;
			await session.query(
				`INSERT INTO deployment_runbook.alert (environment, signal, level, reason)
				 SELECT a.environment, a.signal, a.level, a.reason
				 FROM jsonb_to_recordset($1::jsonb) AS a(environment text, signal text, level text, reason text) ORDER BY a.environment, a.signal
				 ON CONFLICT (environment, cell, signal) DO UPDATE SET level = EXCLUDED.level, reason = EXCLUDED.reason, paged_at = now(),
					acknowledged_at = NULL, acknowledged_by = ''`,
				[JSON.stringify(alerts)],
			);
		},
		resolveAlert: async (environment, signal) => {
			await session.query('DELETE FROM deployment_runbook.alert WHERE environment = $1 AND signal = $2', [
				environment,
				signal,
			]);
		},
		acknowledgeAlerts: async (environment, person) => {
			const rows = await session.query<{ signal: string }>(
				`UPDATE deployment_runbook.alert SET acknowledged_by = CASE WHEN acknowledged_at IS NULL THEN $2 ELSE acknowledged_by END,
					acknowledged_at = coalesce(acknowledged_at, now())
				 WHERE environment = $1 RETURNING signal`,
				[environment, person],
			);
			return rows.map(({ signal }) => signal).sort();
		},
		claimAct: async ({ releaseId, act, watcher, reason, reclaimAfterMs }) => {
			const rows = await session.query(
				`INSERT INTO deployment_runbook.watch_act AS w (release_id, act, watcher, reason)
				 SELECT r.id, $2, $3, $4 FROM deployment_runbook.release r
				 WHERE r.id = $1 AND r.finished_at IS NULL AND r.rolling_back_at IS NULL AND NOT r.rehearsal
				 ON CONFLICT (release_id, act) DO UPDATE SET watcher = EXCLUDED.watcher, reason = EXCLUDED.reason, claimed_at = now(),
					attempts = w.attempts + 1
				 WHERE w.claimed_at < now() - $5 * interval '1 millisecond'
				 RETURNING release_id`,
				[releaseId, act, watcher, reason, reclaimAfterMs],
			);
			return rows.length === 1;
		},
	};
}
