import { backupKeys } from '../backupKeys';
import type { ArchiveStore, BackupLocation } from '../model';
import { isVerified } from '../isVerified';
import type { StoredBackup } from './model';

const ID = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-[0-9a-f]{12}$/;
/** What a key of ours looks like behind the prefix; `rest` says what it is. */
const KEY =
	/^(?<id>\d{8}T\d{6}Z-[0-9a-f]{12})(?<rest>\.manifest\.json|\.verified\.json|\.pinned|\.expiring\.json|\/[^/]+)$/;

/** The key of the mark that a backup is being pruned. */
export function expiringKey(prefix: string, backupId: string): string {
	return backupKeys(prefix, backupId).manifest.replace(/\.manifest\.json$/, '.expiring.json');
}

/** Every backup under the prefix, by the keys that have exactly our form. Everything else is not looked at. @throws the store's error */
export async function listBackups(
	store: ArchiveStore,
	location: BackupLocation,
	signal: AbortSignal,
): Promise<StoredBackup[]> {
	const { bucket, prefix } = location;
	const folder = prefix
		.split('/')
		.filter((part) => part !== '')
		.map((part) => `${part}/`)
		.join('');
	const found = new Map<string, Array<{ key: string; rest: string }>>();
	for (const key of await store.listKeys(bucket, folder, signal)) {
		const { id, rest } = KEY.exec(key.slice(folder.length))?.groups ?? {};
		if (id === undefined || rest === undefined || dateOf(id) === undefined) continue;
		found.set(id, [...(found.get(id) ?? []), { key, rest }]);
	}
	const backups: StoredBackup[] = [];
	for (const [backupId, parts] of found) {
		const has = (rest: string): boolean => parts.some((part) => part.rest === rest);
		backups.push({
			backupId,
			createdAt: dateOf(backupId) ?? new Date(Number.NaN),
			hasManifest: has('.manifest.json'),
			isVerified: has('.verified.json') && (await isVerified(store, location, { backupId, signal })),
			isPinned: has('.pinned'),
			isExpiring: has('.expiring.json'),
			keys: parts.filter(({ rest }) => rest !== '.expiring.json').map(({ key }) => key),
		});
	}
	return backups;
}

/** Undefined for a thirteenth month: that was not written by us. */
function dateOf(backupId: string): Date | undefined {
	const [, year, month, day, hour, minute, second] = ID.exec(backupId) ?? [];
	const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
	const date = new Date(text);
	return Number.isNaN(date.getTime()) || date.toISOString() !== text ? undefined : date;
}
