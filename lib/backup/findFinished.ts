import { backupKeys } from './backupKeys';
import type { ArchiveStore, BackupLocation } from './model';
import { parseManifest } from './parseManifest';
import { summarizeBackup, type BackupSummary } from './summarizeBackup';

/**
 * The first of these backups that exists: its manifest, which is written last, is there and is its own, and its archive has the size
 * that it says. Undefined when none does: what an interrupted run left without a manifest is no backup.
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
		if (manifest.id !== id || manifest.archive.key !== keys.archive) continue;
		const sizeBytes = await store.readSize({ bucket, key: keys.archive }, signal);
		if (sizeBytes === manifest.archive.sizeBytes) return summarizeBackup(manifest, location);
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
		if ((await store.readSize({ bucket, key: keys.archive }, signal)) === undefined) continue;
		if ((await store.readSize({ bucket, key: keys.manifest }, signal)) !== undefined) continue;
		await store.remove({ bucket, key: keys.archive });
		discarded.push(keys.archive);
	}
	return discarded;
}
