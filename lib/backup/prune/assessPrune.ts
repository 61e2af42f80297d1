import type { PruneDecision, PrunePolicy, StoredBackup } from './model';

/** No dump takes longer; whatever has no manifest by then is left by a run that died. */
const WRITTEN_WITHIN_MS = 48 * 3_600_000;

/**
 * Which backups may go, newest first. The newest verified ones stay, whatever their age, so there is always one that is known to restore; so does
 * whatever is younger than the newest verified one, since that is not yet its successor. Pure.
 */
export function assessPrune(
	backups: readonly StoredBackup[],
	{ keepLast, minimumAgeMs, pins }: PrunePolicy,
	now: Date,
): PruneDecision[] {
	const newestFirst = [...backups].sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
	const proven = newestFirst.filter((backup) => isProven(backup));
	const last = new Set(proven.slice(0, Math.max(1, keepLast)).map(({ backupId }) => backupId));
	const newestProven = proven[0];
	return newestFirst.map((backup): PruneDecision => {
		const ageMs = now.getTime() - backup.createdAt.getTime();
		const keep = (reason: string): PruneDecision => ({ backup, prune: false, reason });
		const prune = (reason: string): PruneDecision => ({ backup, prune: true, reason });
		if (backup.isExpiring) return prune('its pruning was begun');
		if (backup.isPinned || pins.includes(backup.backupId)) return keep('pinned');
		if (!backup.hasManifest)
			return ageMs > Math.max(WRITTEN_WITHIN_MS, minimumAgeMs)
				? prune('never finished')
				: keep('may still be being written');
		if (last.has(backup.backupId)) return keep(`among the last ${last.size} verified`);
		if (ageMs < minimumAgeMs) return keep('younger than the minimum age');
		if (!newestProven) return keep('no backup is verified');
		if (backup.createdAt >= newestProven.createdAt) return keep('newer than the last verified one');
		return prune(backup.isVerified ? 'newer verified ones are kept' : 'not verified, and a newer one is');
	});
}

/** One that is half deleted proves nothing any more. */
function isProven({ isVerified, hasManifest, isExpiring }: StoredBackup): boolean {
	return isVerified && hasManifest && !isExpiring;
}
