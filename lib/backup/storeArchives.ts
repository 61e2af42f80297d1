import type { BackupKeys } from './backupKeys';
import { inParallel } from './inParallel';
import { logProgress, megabytes } from './logProgress';
import type { ArchiveStore, DatabaseContent, StoredArchive } from './model';
import { planArchives, type PlannedArchive } from './planArchives';
import { storeArchive, type BackupWork } from './storeArchive';

/** A clean-up does not hold a failed backup for longer than this; what it leaves is no backup, and is removed by the next attempt. */
const CLEAN_UP_TIMEOUT_MS = 30_000;

/**
 * Dumps all archives of a backup and hashes every table, side by side on the one snapshot; either failing ends the other.
 */
export async function storeArchives(
	work: BackupWork,
	keys: BackupKeys,
	certificates: string | undefined,
): Promise<{ readonly archives: readonly StoredArchive[]; readonly content: DatabaseContent }> {
	const { snapshot, failed, options } = work;
	const { jobs, signal } = options;
	const measured = snapshot.readContent(
		jobs,
		logProgress(options, (rows) => `${rows} rows hashed`),
	);
	const onBytes = logProgress(options, (bytes) => `${megabytes(bytes)} dumped`);
	const planned = planArchives(snapshot.tables, { jobs, smallestBytes: options.smallestArchiveBytes }).map(
		(archive, index) => ({
			archive,
			key: `${keys.folder}${archiveName(archive, index)}.dump`,
		}),
	);
	const stored = inParallel(
		planned,
		{ limit: jobs, signal },
		async ({ archive, key }, running) =>
			await storeArchive(work, archive, { key, certificates, signal: running, onBytes }),
	);
	for (const part of [measured, stored]) part.catch((error: unknown) => failed.abort(error));
	const [content, archives] = await Promise.allSettled([measured, stored]);
	if (content.status === 'fulfilled' && archives.status === 'fulfilled' && !signal.aborted)
		return { content: content.value, archives: archives.value };
	throw signal.reason;
}

/** Removes every object of a folder. @returns their keys */
export async function removeFolder(store: ArchiveStore, bucket: string, folder: string): Promise<string[]> {
	const keys = await store.listKeys(bucket, folder, AbortSignal.timeout(CLEAN_UP_TIMEOUT_MS));
	for (const key of keys) await store.remove({ bucket, key });
	return keys;
}

function archiveName({ kind }: PlannedArchive, index: number): string {
	return kind === 'tables' ? `tables-${String(index).padStart(4, '0')}` : kind;
}
