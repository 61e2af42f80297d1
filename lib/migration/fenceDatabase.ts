import { connectPostgres, type PostgresConnection } from '../support/postgres.client';
import { readIdentity } from './catalog.client';
import { findNewerHolder, isFenceMissing, raiseFence } from './fence.client';
import type { MigrationFence } from './model';

/**
 * Raises the fence of a database that is about to serve: one that comes out of a backup carries the fence of its time, and an older holder
 * would pass it. @throws RunbookError MIGRATION.FENCED_OUT, FENCE_UNAVAILABLE; the driver's error
 */
export async function fenceDatabase(connection: PostgresConnection, fence: MigrationFence): Promise<void> {
	const client = await connectPostgres(connection);
	try {
		await raiseFence(client, fence, await readIdentity(client, connection, 'public'));
	} finally {
		await client.end();
	}
}

/** Refuses when a newer holder was in the database. @throws RunbookError MIGRATION.FENCED_OUT; the driver's error */
export async function refuseNewerHolder(connection: PostgresConnection, fence: MigrationFence): Promise<void> {
	const client = await connectPostgres(connection);
	try {
		if (await isFenceMissing(client)) return;
		const newer = await findNewerHolder(client, { fence, database: connection.database });
		if (newer) throw newer;
	} finally {
		await client.end();
	}
}
