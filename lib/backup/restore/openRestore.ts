import type { Client } from 'pg';
import type { PostgresConnection } from '../../support/postgres.client';
import { RunbookError } from '../../support/runbookError';
import { describeReason } from '../describeReason';
import { backupErrors } from '../errors';
import type { BackupLocation, BackupRun } from '../model';
import { errorCode, isDiskFull, isServerError, openSession } from '../session.client';
import { VerificationStop } from '../verification';
import { assessRestoreState } from './assessRestoreState';
import { allNames, lockRestores, readDatabases } from './databases.client';
import { restoreErrors } from './errors';
import type { Endpoint, RestoreState, SwapNames, Waiver } from './model';
import { restoreId, restoreNames } from './restoreNames';

/** What the operations on a restore have in common. The connection leads to the database that is replaced. */
export interface RestoreOptions extends BackupRun {
	readonly location: BackupLocation;
	readonly backupId: string;
	/** Tells apart two restores of one backup, e.g. a release's id; empty for none. */
	readonly label: string;
	/** Another database of the same server, from which the databases are renamed. */
	readonly maintenanceDatabase: string;
	/** How clients reach the database. */
	readonly endpoints: readonly Endpoint[];
	readonly waivers: readonly Waiver[];
	/** Of the disk that the live database is on. Absent: nobody said, so its room is not looked at. */
	readonly diskBytes?: number | undefined;
	/** Who asks and why; stays with the kept database. */
	readonly reason: string;
}

/** One restore while it is worked on. */
export interface OpenRestore {
	/** In the maintenance database; holds the lock. */
	readonly client: Client;
	readonly maintenance: PostgresConnection;
	readonly live: PostgresConnection;
	readonly names: SwapNames;
	readonly id: string;
	/** The databases as they are now. */
	readState(): Promise<RestoreState>;
}

/**
 * Opens the session that the whole restore works from and takes the lock of the database's restores.
 * @throws RunbookError RESTORE.BUSY, DATABASE_UNREACHABLE; whatever `action` throws, as one of the restore's errors
 */
export async function withRestore<T>(
	live: PostgresConnection,
	options: RestoreOptions,
	action: (restore: OpenRestore) => Promise<T>,
): Promise<T> {
	const maintenance = { ...live, database: options.maintenanceDatabase };
	try {
		const session = await openSession(maintenance, options.signal);
		try {
			if (!(await lockRestores(session.client, live.database)))
				throw restoreErrors.BUSY({ database: live.database });
			const id = restoreId(options.backupId, { database: live.database, label: options.label });
			const names = restoreNames(live.database, id);
			const readState = async (): Promise<RestoreState> => {
				const databases = await readDatabases(session.client, allNames(names));
				return assessRestoreState(names, { databases, restoreId: id });
			};
			return await action({ client: session.client, maintenance, live, names, id, readState });
		} finally {
			await session.close();
		}
	} catch (error) {
		throw explain(error, live, options);
	}
}

function explain(error: unknown, { host, port, database, user }: PostgresConnection, options: RestoreOptions): unknown {
	const { backupId, signal } = options;
	if (signal.aborted) return backupErrors.INTERRUPTED({ reason: describeReason(signal.reason) }, error);
	if (error instanceof RunbookError) return error;
	if (error instanceof VerificationStop) {
		const problem = error.message;
		if (error.reasons.some(({ code }) => code === 'SCRATCH_DISK_FULL'))
			return restoreErrors.DISK_FULL({ host, port, backupId, problem }, error);
		return error.verdict === 'failed'
			? restoreErrors.BACKUP_UNUSABLE({ backupId, problem }, error)
			: restoreErrors.BACKUP_UNREADABLE({ backupId, problem }, error);
	}
	const sqlstate = errorCode(error) ?? '';
	if (isDiskFull(error))
		return restoreErrors.DISK_FULL({ host, port, backupId, problem: describeReason(error) }, error);
	if (isServerError(error) && sqlstate === '42501')
		return restoreErrors.NOT_PERMITTED({ user, action: 'do this', sqlstate }, error);
	return restoreErrors.DATABASE_UNREACHABLE({ host, port, database, problem: describeReason(error) }, error);
}
