import { backupKeys } from './backupKeys';
import { inParallel } from './inParallel';
import { parseManifest } from './manifest';
import type { ArchiveStore, BackupLocation } from './model';
import { removeFolder } from './storeArchives';
import { summarizeBackup, type BackupSummary } from './summarizeBackup';

/** A call for each archive; one after the other would add up. */
const PARALLEL_CALLS = 8;

/**
 * The first of these backups that exists: its manifest, which is written last, is there and is its own, and its archives have the
 * sizes that it says. Undefined when none does: what an interrupted run left without a manifest is no backup.
 * @throws the store's RunbookError when it cannot be read
 */
export async function findFinished(
	store: ArchiveStore,
	location: BackupLocation,
	{ backupIds, signal }: { backupIds: readonly string[]; signal: AbortSignal },
): Promise<BackupSummary | undefined> {
	const { bucket, prefix } = location;
	for (const id of backupIds) {
		const keys = backupKeys(prefix, id);
		const text = await store.readText({ bucket, key: keys.manifest }, signal);
		const parsed = text === undefined ? undefined : parseManifest(text);
		if (!parsed || 'problem' in parsed) continue;
		const { manifest } = parsed;
		if (manifest.id !== id) continue;
		const sizes = await inParallel(manifest.archives, { limit: PARALLEL_CALLS, signal }, async ({ key }) => {
			return await store.readSize({ bucket, key }, signal);
		});
		if (manifest.archives.every(({ sizeBytes }, index) => sizeBytes === sizes[index]))
			return summarizeBackup(manifest, location);
	}
	return undefined;
}

/** Removes the archives that earlier attempts left without a manifest. They are no backups, and only cost space. */
export async function discardUnfinished(
	store: ArchiveStore,
	{ bucket, prefix }: BackupLocation,
	{ backupIds, signal }: { backupIds: readonly string[]; signal: AbortSignal },
): Promise<string[]> {
	const discarded: string[] = [];
	for (const id of backupIds) {
		const keys = backupKeys(prefix, id);
		if ((await store.readSize({ bucket, key: keys.manifest }, signal)) !== undefined) continue;
		discarded.push(...(await removeFolder(store, bucket, keys.folder)));
	}
	return discarded;
}
