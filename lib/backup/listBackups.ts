import { backupKeys } from './backupKeys';
import { findObjects } from './findObjects';
import { inParallel } from './inParallel';
import { parseManifest } from './manifest';
import type { ArchiveStore, BackupLocation } from './model';
import { summarizeBackup, type BackupSummary } from './summarizeBackup';
import { readVerifiedRecord } from './verifiedRecord';

export interface ListedBackup extends BackupSummary {
	/** ISO 8601, by the source server's clock. */
	readonly snapshotAt: string;
	readonly databaseName: string;
	readonly serverVersion: string;
	/** Null: never verified, or verified when it had another manifest. */
	readonly verifiedAt: string | null;
}

export interface BackupList {
	/** The newest first. */
	readonly backups: readonly ListedBackup[];
	/** Ids of manifests that cannot be used, each with the reason. */
	readonly unusable: ReadonlyArray<{ readonly backupId: string; readonly problem: string }>;
	/** Ids of archives without a manifest: being written, or left by a run that was killed. */
	readonly unfinished: readonly string[];
	/** Backups there are that were not read because of `limit`. */
	readonly omitted: number;
}

const PARALLEL_CALLS = 8;

/** The newest `limit` backups at a location, and what is there besides. @throws the store's error */
export async function listBackups(
	store: ArchiveStore,
	location: BackupLocation,
	{ limit, signal }: { limit: number; signal: AbortSignal },
): Promise<BackupList> {
	const found = await findObjects(store, location, signal);
	const finished = found.filter(({ has }) => has('.manifest.json')).map(({ backupId }) => backupId);
	const unfinished = found.filter(({ objects, has }) => !has('.manifest.json') && objects.some(isArchive));
	const read = await inParallel(finished.slice(0, limit), { limit: PARALLEL_CALLS, signal }, async (id) => {
		return await readListed(store, location, { id, signal });
	});
	return {
		backups: read.flatMap((entry) => ('problem' in entry ? [] : [entry])),
		unusable: read.flatMap((entry) => ('problem' in entry ? [entry] : [])),
		unfinished: unfinished.map(({ backupId }) => backupId),
		omitted: Math.max(0, finished.length - limit),
	};
}

function isArchive({ rest }: { readonly rest: string }): boolean {
	return rest.startsWith('/');
}

async function readListed(
	store: ArchiveStore,
	location: BackupLocation,
	{ id, signal }: { id: string; signal: AbortSignal },
): Promise<ListedBackup | { backupId: string; problem: string }> {
	const { bucket, prefix } = location;
	const text = await store.readText({ bucket, key: backupKeys(prefix, id).manifest }, signal);
	if (text === undefined) return { backupId: id, problem: 'it was removed meanwhile' };
	const parsed = parseManifest(text);
	if ('problem' in parsed) return { backupId: id, problem: parsed.problem };
	const { manifest } = parsed;
	if (manifest.id !== id) return { backupId: id, problem: 'it belongs to another backup' };
	const verified = await readVerifiedRecord(store, { location, backupId: id, signal });
	return {
		...summarizeBackup(manifest, location),
		snapshotAt: manifest.snapshotAt,
		databaseName: manifest.source.databaseName,
		serverVersion: manifest.serverVersion,
		verifiedAt: verified?.sha256 === manifest.sha256 ? verified.verifiedAt : null,
	};
}
