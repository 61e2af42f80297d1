import type { PoolClient } from 'pg';
import { releaseErrors } from './errors';
import type { NewRelease, ReleaseStore, Start, StartOutcome } from './ledger';
import { HOLDS, lockEnvironment, type LedgerSession } from './ledgerSession.client';
import type { Release } from './model';

const COLUMNS = `r.id, r.environment, r.version, r.commit, r.images, r.started_by AS "startedBy", r.authors, r.state, r.token::int AS token,
	r.rehearsal, r.delivery_id AS "deliveryId", r.execution_id AS "executionId", r.override, r.resumes, r.started_at AS "startedAt",
	r.waiting_until AS "waitingUntil", r.watch_until AS "watchUntil", r.rolling_back_at AS "rollingBackAt",
	r.no_return AS "pointOfNoReturn", r.finished_at AS "finishedAt", r.reason,
	(SELECT e.heartbeat_at FROM deployment_runbook.environment e WHERE e.holder = r.id) AS "heartbeatAt"`;
const FROM = 'FROM deployment_runbook.release r';
const LIVE = 'r.finished_at IS NULL AND NOT r.rehearsal';

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
		takeOver: async (releaseId, { reason, intent }) =>
			await session.transaction(async (client) => {
				const release = await lockRelease(client, releaseId);
				if (release.rehearsal)
					throw releaseErrors.MANUAL_RUN_NOT_ARMED({ stepKey: 'rollback', environment: release.environment });
				if (intent === 'continue' && release.finishedAt)
					throw releaseErrors.NOT_JOINABLE({ releaseId, state: release.state });
				if (intent === 'rollBack') await refuseReplaced(client, release);
				await client.query(
					`UPDATE deployment_runbook.release SET state = 'needs-human', finished_at = now(), reason = $3
					 WHERE environment = $1 AND id <> $2 AND finished_at IS NULL AND NOT rehearsal`,
					[release.environment, releaseId, `pre-empted by ${releaseId}: ${reason}`],
				);
				// One that had finished is open again until its rollback ends it anew: nothing else begins meanwhile.
				await client.query(
					`UPDATE deployment_runbook.release SET state = 'running', finished_at = NULL, waiting_until = NULL, reason = $2,
						rolling_back_at = CASE WHEN $3 THEN coalesce(rolling_back_at, now()) ELSE rolling_back_at END
					 WHERE id = $1`,
					[releaseId, reason, intent === 'rollBack'],
				);
				return await takeLock(client, releaseId, release.environment);
			}),
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

async function lockRelease(client: PoolClient, releaseId: string): Promise<Release> {
	await lockEnvironment(client, releaseId);
	const found = await client.query<Release>(`SELECT ${COLUMNS} ${FROM} WHERE r.id = $1`, [releaseId]);
	const release = found.rows[0];
	if (!release) throw releaseErrors.UNKNOWN({ releaseId });
	return release;
}

/** Its traffic went to a later release that was not rolled back: whatever the id was meant to be, this one does not serve. */
async function refuseReplaced(client: PoolClient, { id: releaseId, environment }: Release): Promise<void> {
	const found = await client.query<{ id: string; version: string }>(
		`SELECT n.id, n.version FROM deployment_runbook.release r
		 JOIN deployment_runbook.release n ON n.environment = r.environment AND n.id <> r.id AND NOT n.rehearsal
		 JOIN deployment_runbook.step moved ON moved.release_id = n.id AND moved.step_key = '3.2/switch-traffic' AND moved.state = 'passed'
		 WHERE r.id = $1 AND n.state NOT LIKE 'rolled-back-%'
			AND NOT EXISTS (SELECT 1 FROM deployment_runbook.step back WHERE back.release_id = n.id AND back.step_key = 'rollback/switch-back')
			AND moved.finished_at > coalesce((SELECT own.finished_at FROM deployment_runbook.step own
				WHERE own.release_id = r.id AND own.step_key = '3.2/switch-traffic'), r.started_at)
		 ORDER BY moved.finished_at DESC LIMIT 1`,
		[releaseId],
	);
	const live = found.rows[0];
	if (live) throw releaseErrors.NOT_LIVE({ releaseId, environment, liveId: live.id, version: live.version });
}

/** Stands in the way: a live release, the delivery's first one, or the same version that already serves. */
async function findStanding(client: PoolClient, release: NewRelease): Promise<Start | undefined> {
	const found = await client.query<Release>(
		`SELECT ${COLUMNS} ${FROM}
		 WHERE (r.environment = $1 AND ${LIVE}) OR (r.delivery_id = $2 AND $2 <> '')
			OR r.id = (SELECT l.id FROM deployment_runbook.release l WHERE l.environment = $1 AND l.state = 'succeeded' AND l.version = $3
				AND NOT EXISTS (SELECT 1 FROM deployment_runbook.release n WHERE n.environment = $1 AND NOT n.rehearsal AND n.finished_at > l.finished_at
					AND EXISTS (SELECT 1 FROM deployment_runbook.step s WHERE s.release_id = n.id AND s.step_key = '3.2/switch-traffic'))
				ORDER BY l.finished_at DESC LIMIT 1)
		 ORDER BY (r.delivery_id = $2 AND $2 <> '') DESC, r.finished_at IS NULL DESC LIMIT 1`,
		[release.environment, release.deliveryId, release.version],
	);
	const standing = found.rows[0];
	return standing && { release: standing, outcome: whyStanding(standing, release) };
}

function whyStanding(standing: Release, release: NewRelease): StartOutcome {
	if (release.deliveryId !== '' && standing.deliveryId === release.deliveryId) return 'known-delivery';
	return standing.version === release.version ? 'known-version' : 'locked';
}

function whyNotResumable(release: Release): string | undefined {
	if (release.finishedAt) return 'it has finished';
	if (release.rehearsal) return 'a rehearsal changes nothing';
	if (release.rollingBackAt) return 'its rollback has begun';
	if (release.state === 'watching') return 'its deployment is done and it is being watched';
	return undefined;
}

/** The watchdog wakes an execution that has not looked at a vote, before it counts as dead: a tick a minute, and half a minute of patience. */
const UNSEEN = "now() - $2 * interval '1 millisecond' - interval '90 seconds'";
/** A run that should give signs of life and gives none, a wait that is over and that nobody ended, or one at which nobody waits any more. */
const STOPPED = `${LIVE} AND (
	(r.state = 'running' AND EXISTS (SELECT 1 FROM deployment_runbook.environment e
		WHERE e.holder = r.id AND e.heartbeat_at < now() - $2 * interval '1 millisecond'))
	OR (r.state = 'waiting' AND r.waiting_until < now() - $2 * interval '1 millisecond')
	OR (r.state = 'waiting' AND EXISTS (SELECT 1 FROM deployment_runbook.gate g WHERE g.release_id = r.id AND g.decided_at IS NULL AND (
		(g.looked_at IS NULL AND g.opened_at < ${UNSEEN})
		OR EXISTS (SELECT 1 FROM deployment_runbook.vote v WHERE v.release_id = g.release_id AND v.gate = g.gate
			AND v.evidence_hash = g.evidence_hash AND v.voted_at >= g.looked_at AND v.voted_at < ${UNSEEN})))))`;

async function stoppedIn(client: PoolClient, environment: string, staleAfterMs: number): Promise<Release[]> {
	const sql = `SELECT ${COLUMNS} ${FROM} WHERE r.environment = $1 AND ${STOPPED} ORDER BY r.started_at`;
	return (await client.query<Release>(sql, [environment, staleAfterMs])).rows;
}

async function stoppedAmong(client: PoolClient, releaseId: string, staleAfterMs: number): Promise<Release[]> {
	const sql = `SELECT ${COLUMNS} ${FROM} WHERE r.id = $1 AND ${STOPPED}`;
	return (await client.query<Release>(sql, [releaseId, staleAfterMs])).rows;
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
		deliveryId,
		executionId,
		override,
	} = release;
	const inserted = await client.query<Release>(
		`INSERT INTO deployment_runbook.release AS r (id, environment, version, commit, images, started_by, authors, state, rehearsal, delivery_id, execution_id, override)
		 VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7::jsonb, 'running', $8, $9, $10, $11::jsonb) RETURNING ${COLUMNS}`,
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
		],
	);
	return rehearsal ? (inserted.rows[0] as Release) : await takeLock(client, id, environment);
}

async function takeLock(client: PoolClient, releaseId: string, environment: string): Promise<Release> {
	const taken = await client.query<{ token: number }>(
		`UPDATE deployment_runbook.environment SET token = token + 1, holder = $1, heartbeat_at = now() WHERE name = $2 RETURNING token::int AS token`,
		[releaseId, environment],
	);
	const held = await client.query<Release>(
		`UPDATE deployment_runbook.release r SET token = $2 WHERE r.id = $1 RETURNING ${COLUMNS}`,
		[releaseId, taken.rows[0]?.token],
	);
	return held.rows[0] as Release;
}
