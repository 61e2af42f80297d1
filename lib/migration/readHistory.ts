import type { RunbookError } from '../support/runbookError';
import { assessHistory, pendingNames } from './assessHistory';
import { describeMigration } from './describeMigration';
import { readHistoryRows, readInvalidIndexes, readLockHolder, readSchema } from './catalog.client';
import { migrationErrors } from './errors';
import { isAsleep } from './fence.client';
import { readInterrupted } from './interrupted.client';
import type { HistoryRow, LockHolder, Migration, MigrationHistory, MigrationsFolder } from './model';
import type { MigrationTarget } from './openTarget';
import { isSqlState, problemOf } from './sqlState';

/**
 * Reads the history of a database and judges it; takes no lock and changes nothing.
 * @throws RunbookError MIGRATION.HISTORY_UNREADABLE; the driver's error when the session is lost.
 */
export async function readHistory(target: MigrationTarget): Promise<MigrationHistory> {
	const { client, database, engine } = target;
	const [busyBefore, rows, diagnosis, schema, interrupted, invalidIndexes] = await Promise.all([
		readBusy(target),
		readRows(target),
		engine.diagnose().catch((error: unknown) => {
			throw unreadable(target, error);
		}),
		readSchema(client, database.schema),
		readInterrupted(client),
		readInvalidIndexes(client),
	]);
	const busy = busyBefore ?? (await readBusy(target)) ?? null;
	const { relationCount, mayCreate } = schema ?? { relationCount: 0, mayCreate: false };
	const pending = await readPending(target.folder, pendingNames({ diagnosis, interrupted }));
	return assessHistory({ pending, diagnosis, rows, busy, relationCount, mayCreate, interrupted, invalidIndexes });
}

async function readPending(folder: MigrationsFolder, names: readonly string[]): Promise<Migration[]> {
	return await Promise.all(folder.migrations.filter(({ name }) => names.includes(name)).map(describeMigration));
}

/** Who migrates; an older holder that sleeps does not. */
async function readBusy({ client, fence }: MigrationTarget): Promise<LockHolder | undefined> {
	const holder = await readLockHolder(client);
	return holder && fence && (await isAsleep(client, fence, holder)) ? undefined : holder;
}

async function readRows(target: MigrationTarget): Promise<HistoryRow[]> {
	try {
		return await readHistoryRows(target.client);
	} catch (error) {
		if (isSqlState(error, '42P01')) return [];
		if (!isSqlState(error, '42')) throw error;
		throw unreadable(target, error);
	}
}

function unreadable({ database: { name, schema, user } }: MigrationTarget, error: unknown): RunbookError {
	return migrationErrors.HISTORY_UNREADABLE({ database: name, schema, user, problem: problemOf(error) });
}
