import type { PoolClient } from 'pg';
import type { NewRelease, Start, StartOutcome } from './ledger';
import type { Release } from './model';
import { COLUMNS, FROM, LIVE } from './releaseRows';

/** Stands in the way: a live release, the delivery's first one, or the same version that already serves, which is what contracts. */
export async function findStanding(client: PoolClient, release: NewRelease): Promise<Start | undefined> {
	const found = await client.query<Release>(
		`SELECT ${COLUMNS} ${FROM}
		 WHERE (r.environment = $1 AND ${LIVE}) OR (r.delivery_id = $2 AND $2 <> '')
			OR NOT $4 AND r.id = (SELECT l.id FROM deployment_runbook.release l WHERE l.environment = $1 AND l.state = 'succeeded' AND l.version = $3
				AND NOT EXISTS (SELECT 1 FROM deployment_runbook.release n WHERE n.environment = $1 AND NOT n.rehearsal AND n.finished_at > l.finished_at
					AND EXISTS (SELECT 1 FROM deployment_runbook.step s WHERE s.release_id = n.id AND s.step_key = '3.2/switch-traffic'))
				ORDER BY l.finished_at DESC LIMIT 1)
		 ORDER BY (r.delivery_id = $2 AND $2 <> '') DESC, r.finished_at IS NULL DESC LIMIT 1`,
		[release.environment, release.deliveryId, release.version, release.contracts],
	);
	const standing = found.rows[0];
	return standing && { release: standing, outcome: whyStanding(standing, release) };
}

function whyStanding(standing: Release, release: NewRelease): StartOutcome {
	if (release.deliveryId !== '' && standing.deliveryId === release.deliveryId) return 'known-delivery';
	return standing.version === release.version ? 'known-version' : 'locked';
}
