import type { ArchiveStore, BackupLocation, BackupRun } from '../model';
import { megabytes } from '../logProgress';
import { assessPrune } from './assessPrune';
import type { PrunePolicy, StoredBackup } from './model';
import { expiringKey, readStored } from './readStored';

export interface PrunedBackup {
	readonly backupId: string;
	readonly reason: string;
	readonly objects: number;
	readonly sizeBytes: number;
}

export interface Pruning {
	readonly dryRun: boolean;
	/** What went, or would go. */
	readonly pruned: readonly PrunedBackup[];
	readonly kept: ReadonlyArray<{ readonly backupId: string; readonly reason: string }>;
	/** Bytes that were freed, or would be. */
	readonly freedBytes: number;
}

export interface PruneOptions extends Pick<BackupRun, 'signal' | 'clock' | 'log'> {
	readonly location: BackupLocation;
	readonly policy: PrunePolicy;
	readonly dryRun: boolean;
}

/**
 * Removes backups that the policy lets go. Each is marked first, so that a run after a kill goes on with it; then its manifest goes, and from
 * then on it is no backup that anybody could choose; then everything else; its mark goes last.
 * @throws the store's error: what was not removed is removed by the next run
 */
export async function pruneBackups(store: ArchiveStore, options: PruneOptions): Promise<Pruning> {
	const { location, policy, dryRun, signal, clock, log } = options;
	const decisions = assessPrune(await readStored(store, location, signal), policy, clock.now());
	const pruned: PrunedBackup[] = [];
	for (const { backup, reason } of decisions.filter(({ prune }) => prune)) {
		signal.throwIfAborted();
		const { backupId, keys } = backup;
		const sizeBytes = await measure(store, location, { keys, signal });
		if (!dryRun) await remove(store, backup, options);
		log(`${dryRun ? 'would prune' : 'pruned'} ${backupId}: ${reason}, ${megabytes(sizeBytes)}`);
		pruned.push({ backupId, reason, objects: keys.length, sizeBytes });
	}
	return {
		dryRun,
		pruned,
		kept: decisions
			.filter(({ prune }) => !prune)
			.map(({ backup, reason }) => ({ backupId: backup.backupId, reason })),
		freedBytes: pruned.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
	};
}

async function measure(
	store: ArchiveStore,
	{ bucket }: BackupLocation,
	{ keys, signal }: { keys: readonly string[]; signal: AbortSignal },
): Promise<number> {
	let sum = 0;
	for (const key of keys) sum += (await store.readSize({ bucket, key }, signal)) ?? 0;
	return sum;
}

async function remove(
	store: ArchiveStore,
	{ backupId, keys }: StoredBackup,
	{ location: { bucket, prefix }, clock, signal }: PruneOptions,
): Promise<void> {
	const mark = expiringKey(prefix, backupId);
	await store.putText(
		{ bucket, key: mark },
		`${JSON.stringify({ backupId, since: clock.now().toISOString() })}\n`,
		signal,
	);
	const isManifest = (key: string): boolean => key.endsWith('.manifest.json');
	for (const key of [...keys.filter(isManifest), ...keys.filter((one) => !isManifest(one))]) {
		signal.throwIfAborted();
		await store.remove({ bucket, key });
	}
	await store.remove({ bucket, key: mark });
}
