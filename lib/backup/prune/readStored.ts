import { backupKeys } from '../backupKeys';
import { findObjects } from '../findObjects';
import { isVerified } from '../isVerified';
import type { ArchiveStore, BackupLocation } from '../model';
import type { StoredBackup } from './model';

/** The key of the mark that a backup is being pruned. */
export function expiringKey(prefix: string, backupId: string): string {
	return backupKeys(prefix, backupId).manifest.replace(/\.manifest\.json$/, '.expiring.json');
}

/** Every backup under the prefix, with what pruning goes by. @throws the store's error */
export async function readStored(
	store: ArchiveStore,
	location: BackupLocation,
	signal: AbortSignal,
): Promise<StoredBackup[]> {
	const backups: StoredBackup[] = [];
	for (const { backupId, createdAt, objects, has } of await findObjects(store, location, signal))
		backups.push({
			backupId,
			createdAt,
			hasManifest: has('.manifest.json'),
			isVerified: has('.verified.json') && (await isVerified(store, location, { backupId, signal })),
			isPinned: has('.pinned'),
			isExpiring: has('.expiring.json'),
			keys: objects.filter(({ rest }) => rest !== '.expiring.json').map(({ key }) => key),
		});
	return backups;
}
