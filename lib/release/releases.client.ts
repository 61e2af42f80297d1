import type { PoolClient } from 'pg';
import { releaseErrors } from './errors';
import { findStanding } from './findStanding.client';
import { lockRelease, takeLock } from './environmentLock.client';
import type { NewRelease, ReleaseStore } from './ledger';
import { HOLDS, type LedgerSession } from './ledgerSession.client';
import type { Release } from './model';
import { COLUMNS, FROM, LIVE } from './releaseRows';
import { raiseSchemaFloor } from './schemaFloor.client';
import { stoppedAmong, stoppedIn } from './stoppedReleases.client';
import { takeOver } from './takeOver.client';

/** Releases and locks in Postgres. Times are the ledger's own, so that no host's clock decides. */
export function createReleaseStore(session: LedgerSession): ReleaseStore {
	const select = async (condition: string, values: readonly unknown[]): Promise<Release[]> =>
		await session.query<Release>(`SELECT ${COLUMNS} ${FROM} WHERE ${condition}`, values);

	return {
		acceptDelivery: async (deliveryId) => {
			const sql = 'INSERT INTO deployment_runbook.delivery (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id';
			return (await session.query(sql, [deliveryId])).length === 1;
		},
		beginRelease: async (release) =>
			await session.transaction(async (client) => {
				await client.query(
					'INSERT INTO deployment_runbook.environment (name) VALUES ($1) ON CONFLICT DO NOTHING',
					[release.environment],
				);
				await client.query('SELECT 1 FROM deployment_runbook.environment WHERE name = $1 FOR UPDATE', [
					release.environment,
				]);
				const standing = release.rehearsal ? undefined : await findStanding(client, release);
				return standing ?? { release: await insertRelease(client, release), outcome: 'started' as const };
			}),
		resumeRelease: async (releaseId, { executionId, staleAfterMs }) =>
			await session.transaction(async (client) => {
				const release = await lockRelease(client, releaseId);
				const [stopped] = await stoppedAmong(client, releaseId, staleAfterMs);
				const problem =
					whyNotResumable(release) ?? (stopped ? undefined : 'its run gave a sign of life a moment ago');
				if (problem) throw releaseErrors.NOT_RESUMABLE({ releaseId, state: release.state, problem });
				await client.query(
					`UPDATE deployment_runbook.release SET state = 'running', waiting_until = NULL, execution_id = $2, resumes = resumes + 1,
						former_executions = former_executions || execution_id
					 WHERE id = $1`,
					[releaseId, executionId],
				);
				return await takeLock(client, releaseId, release.environment);
			}),
		readRelease: async (releaseId) => (await select('r.id = $1', [releaseId]))[0],
		readReleaseByExecution: async (executionId) =>
			(
				await select(
					'r.execution_id = $1 OR $1 = ANY (r.former_executions) ORDER BY r.started_at DESC LIMIT 1',
					[executionId],
				)
			)[0],
		listLiveReleases: async (environment) =>
			await select(`${LIVE} AND ($1::text IS NULL OR r.environment = $1) ORDER BY r.started_at`, [
				environment ?? null,
			]),
		listReleases: async (environment, limit) =>
			await select('r.environment = $1 ORDER BY r.started_at DESC LIMIT $2', [environment, limit]),
		listStopped: async (environment, staleAfterMs) =>
			await session.transaction(async (client) => await stoppedIn(client, environment, staleAfterMs)),
		readLastStable: async (environment) =>
			(
				await select("r.environment = $1 AND r.state = 'succeeded' ORDER BY r.finished_at DESC LIMIT 1", [
					environment,
				])
			)[0],
		readLastSwitched: async (environment) =>
			(
				await select(
					`r.environment = $1 AND NOT r.rehearsal
					 AND EXISTS (SELECT 1 FROM deployment_runbook.step s WHERE s.release_id = r.id AND s.step_key = '3.2/switch-traffic')
					 ORDER BY r.started_at DESC LIMIT 1`,
					[environment],
				)
			)[0],
		raiseSchemaFloor: async (release) => await raiseSchemaFloor(session, release),
		takeOver: async (releaseId, takeover) =>
			await session.transaction(async (client) => await takeOver(client, releaseId, takeover)),
		enterWatching: async (release, watchForMs) =>
			await session.whileHeld<Release>(
				release,
				`UPDATE deployment_runbook.release r SET state = 'watching', watch_until = now() + $3 * interval '1 millisecond'
				 WHERE r.id = $1 AND r.finished_at IS NULL AND ${HOLDS} RETURNING ${COLUMNS}`,
				[watchForMs],
			),
		finishRelease: async (release, state, reason) => {
			const finished = await session.whileHeld<Release>(
				release,
				`WITH r AS (
					UPDATE deployment_runbook.release SET state = $3, finished_at = now(), waiting_until = NULL, reason = $4
					WHERE id = $1 AND finished_at IS NULL AND ${HOLDS} RETURNING *
				), freed AS (
					UPDATE deployment_runbook.environment SET holder = NULL, heartbeat_at = NULL
					WHERE holder = (SELECT id FROM r) AND token = $2
				)
				SELECT ${COLUMNS} FROM r`,
				[state, reason],
			);
			// The statement itself still sees the lock that it frees.
			return { ...finished, heartbeatAt: null };
		},
		stopWaiting: async (releaseId, executionId) => {
			await session.query(
				`UPDATE deployment_runbook.release SET state = 'running', waiting_until = NULL
				 WHERE id = $1 AND execution_id = $2 AND state = 'waiting'`,
				[releaseId, executionId],
			);
		},
		beat: async (release) => {
			// A beat never waits for whoever has the environment's row: beats that pile up would take every session of the pool.
			await session.query(
				`UPDATE deployment_runbook.environment e SET heartbeat_at = now()
				 FROM (SELECT name, cell FROM deployment_runbook.environment WHERE holder = $1 AND token = $2 FOR UPDATE SKIP LOCKED) free
				 WHERE e.name = free.name AND e.cell = free.cell`,
				[release.id, release.token],
			);
		},
		close: async () => await session.close(),
	};
}

function whyNotResumable(release: Release): string | undefined {
	if (release.finishedAt) return 'it has finished';
	if (release.rehearsal) return 'a rehearsal changes nothing';
	if (release.rollingBackAt) return 'its rollback has begun';
	if (release.state === 'watching') return 'its deployment is done and it is being watched';
	return undefined;
}

async function insertRelease(client: PoolClient, release: NewRelease): Promise<Release> {
	const {
		id,
		environment,
		version,
		commit,
		images,
		startedBy,
		authors,
		rehearsal,
		contracts,
		deliveryId,
		executionId,
		override,
	} = release;
	const inserted = await client.query<Release>(
		`INSERT INTO deployment_runbook.release AS r (id, environment, version, commit, images, started_by, authors, state, rehearsal, delivery_id, execution_id, override, contracts)
		 VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7::jsonb, 'running', $8, $9, $10, $11::jsonb, $12) RETURNING ${COLUMNS}`,
		[
			id,
			environment,
			version,
			commit,
			JSON.stringify(images),
			startedBy,
			JSON.stringify(authors),
			rehearsal,
			deliveryId,
			executionId,
			override && JSON.stringify(override),
			contracts,
		],
	);
	return rehearsal ? (inserted.rows[0] as Release) : await takeLock(client, id, environment);
}
