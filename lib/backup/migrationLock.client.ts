import type { Client } from 'pg';
import { backupErrors } from './errors';

/** The advisory lock of every tool that migrates with Prisma. */
export const MIGRATION_LOCK = 72707369;

/**
 * Shares the lock that migrations take alone, until the session's transaction ends: no migration runs, and none begins while the dump
 * keeps its tables locked. Several backups share it.
 * @throws RunbookError BACKUP.MIGRATION_RUNS, the driver's error
 */
export async function shareMigrationLock(client: Client, database: string): Promise<void> {
	const { rows } = await client.query<{ shared: boolean }>(
		`SELECT pg_try_advisory_xact_lock_shared(${MIGRATION_LOCK}) AS shared`,
	);
	if (rows[0]?.shared !== true) throw backupErrors.MIGRATION_RUNS({ database });
}
