import type { PoolClient } from 'pg';
import { lockRelease, takeLock } from './environmentLock.client';
import { releaseErrors } from './errors';
import type { Takeover } from './ledger';
import type { Release } from './model';
import { refuseBelowFloor } from './schemaFloor.client';

/**
 * Makes the release the environment's holder whoever holds it now; a live one that is pre-empted ends in a person's hands.
 * @throws RunbookError RELEASE.UNKNOWN, MANUAL_RUN_NOT_ARMED, NOT_JOINABLE, NOT_LIVE, BELOW_SCHEMA_FLOOR
 */
export async function takeOver(client: PoolClient, releaseId: string, { reason, intent }: Takeover): Promise<Release> {
	const release = await lockRelease(client, releaseId);
	if (release.rehearsal)
		throw releaseErrors.MANUAL_RUN_NOT_ARMED({ stepKey: 'rollback', environment: release.environment });
	if (intent === 'continue' && release.finishedAt)
		throw releaseErrors.NOT_JOINABLE({ releaseId, state: release.state });
	if (intent === 'rollBack') {
		await refuseReplaced(client, release);
		await refuseBelowFloor(client, release);
	}
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
