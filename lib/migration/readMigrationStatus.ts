import type { PostgresConnection } from '../support/postgres.client';
import { RunbookError } from '../support/runbookError';
import type { DatabaseIdentity, MigrationFence, MigrationHistory, MigrationsFolder, SessionSettings } from './model';
import { openTarget, type MigrationTarget } from './openTarget';
import { readHistory } from './readHistory';
import { problemOf } from './sqlState';

export interface MigrationStatus extends MigrationHistory {
	/** Null when it could not be reached. */
	readonly database: DatabaseIdentity | null;
}

/**
 * What a deployment would do and whether it would be safe. What cannot be read is inconclusive; a wrong address, login or
 * schema is the operator's to correct and thrown.
 * @throws RunbookError MIGRATION.POOLER, ACCESS_REFUSED, SCHEMA_MISSING
 */
export async function readMigrationStatus(
	connection: PostgresConnection,
	folder: MigrationsFolder,
	{ settings, signal, fence }: { settings: SessionSettings; signal: AbortSignal; fence?: MigrationFence | undefined },
): Promise<MigrationStatus> {
	let target: MigrationTarget | undefined;
	try {
		target = await openTarget(connection, folder, { settings, signal, fence });
		return { ...(await readHistory(target)), database: target.database };
	} catch (error) {
		if (!isMeasurementError(error)) throw error;
		return unreadable(error, target?.database ?? null);
	} finally {
		await target?.end();
	}
}

/** Whether it says that nothing could be measured, rather than that something is configured wrongly. */
export function isMeasurementError(error: unknown): boolean {
	return (
		!(error instanceof RunbookError) ||
		['MIGRATION.DATABASE_UNREACHABLE', 'MIGRATION.HISTORY_UNREADABLE'].includes(error.code)
	);
}

function unreadable(error: unknown, database: DatabaseIdentity | null): MigrationStatus {
	const nothing = { pending: [], applied: [], failed: [], edited: [], missing: [], outOfOrder: [] };
	const text = problemOf(error);
	return {
		...nothing,
		verdict: 'inconclusive',
		problems: [{ kind: 'unreadable', severity: 'inconclusive', names: [], text }],
		database,
	};
}
