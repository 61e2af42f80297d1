import type { PoolClient } from 'pg';
import type { Release } from './model';
import { COLUMNS, FROM, LIVE } from './releaseRows';

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

/** The environment's releases whose run has stopped, the first begun first. */
export async function stoppedIn(client: PoolClient, environment: string, staleAfterMs: number): Promise<Release[]> {
	const sql = `SELECT ${COLUMNS} ${FROM} WHERE r.environment = $1 AND ${STOPPED} ORDER BY r.started_at`;
	return (await client.query<Release>(sql, [environment, staleAfterMs])).rows;
}

/** The release, when its run has stopped. */
export async function stoppedAmong(client: PoolClient, releaseId: string, staleAfterMs: number): Promise<Release[]> {
	const sql = `SELECT ${COLUMNS} ${FROM} WHERE r.id = $1 AND ${STOPPED}`;
	return (await client.query<Release>(sql, [releaseId, staleAfterMs])).rows;
}
