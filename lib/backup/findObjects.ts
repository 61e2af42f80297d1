import type { ArchiveStore, BackupLocation } from './model';

/** What is stored under one backup's id. */
export interface BackupObjects {
	readonly backupId: string;
	/** When its id was made; the id holds it. */
	readonly createdAt: Date;
	/** What each key has behind the id: `.manifest.json`, `.verified.json`, `.pinned`, `.expiring.json`, or an archive (`/rest.dump.zst`). */
	readonly objects: ReadonlyArray<{ readonly key: string; readonly rest: string }>;
	/** Whether there is an object with just that behind the id. */
	has(rest: string): boolean;
}

const ID = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-[0-9a-f]{12}$/;
const KEY =
	/^(?<id>\d{8}T\d{6}Z-[0-9a-f]{12})(?<rest>\.manifest\.json|\.verified\.json|\.pinned|\.expiring\.json|\/[^/]+)$/;

/** Every backup under the prefix, the newest first, by the keys that have exactly our form. Everything else is not looked at. @throws the store's error */
export async function findObjects(
	store: ArchiveStore,
	{ bucket, prefix }: BackupLocation,
	signal: AbortSignal,
): Promise<BackupObjects[]> {
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
	// Ids begin with their time, so their order is that of time.
	return [...found.entries()]
		.sort(([one], [other]) => (one < other ? 1 : -1))
		.map(([backupId, objects]) => ({
			backupId,
			createdAt: dateOf(backupId) ?? new Date(Number.NaN),
			objects,
			has: (rest) => objects.some((object) => object.rest === rest),
		}));
}

/** Undefined for a thirteenth month: that was not written by us. */
function dateOf(backupId: string): Date | undefined {
	const [, year, month, day, hour, minute, second] = ID.exec(backupId) ?? [];
	const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
	const date = new Date(text);
	return Number.isNaN(date.getTime()) || date.toISOString() !== text ? undefined : date;
}
