import type { PoolClient } from 'pg';
import { releaseErrors } from './errors';
import { lockEnvironment } from './ledgerSession.client';
import type { Release } from './model';
import { COLUMNS, FROM } from './releaseRows';

/** The release, its environment's row held until the transaction ends. @throws RunbookError RELEASE.UNKNOWN */
export async function lockRelease(client: PoolClient, releaseId: string): Promise<Release> {
	await lockEnvironment(client, releaseId);
	const found = await client.query<Release>(`SELECT ${COLUMNS} ${FROM} WHERE r.id = $1`, [releaseId]);
	const release = found.rows[0];
	if (!release) throw releaseErrors.UNKNOWN({ releaseId });
	return release;
}

/** Makes the release the environment's holder, under a higher token than any before. */
export async function takeLock(client: PoolClient, releaseId: string, environment: string): Promise<Release> {
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
