import type { Archiving, ContinuousBackup, ContinuousPolicy, DrillRecord, ProofReason } from './model';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Why a continuous backup does not prove that this database could be brought back; nothing when it does. Everything is measured by
 * production's own clock.
 */
export function assessContinuous(
	{ backup, archiving, drill }: { backup: ContinuousBackup; archiving: Archiving; drill: DrillRecord | undefined },
	policy: ContinuousPolicy,
): ProofReason[] {
	return [
		...assessReport(backup, archiving, policy),
		...assessArchiving(archiving, policy),
		...assessDrill(drill, archiving.now, policy),
	];
}

function assessReport(
	{ systemIdentifier, base, complaints }: ContinuousBackup,
	{ source, now }: Archiving,
	{ maxBackupAgeHours }: ContinuousPolicy,
): ProofReason[] {
	const reasons: ProofReason[] = [];
	if (systemIdentifier !== source.systemIdentifier) {
		const message = `the report is of the system ${systemIdentifier ?? '(none)'}, the database of ${source.systemIdentifier}`;
		reasons.push({ code: 'OTHER_SYSTEM', message });
	}
	for (const complaint of complaints) reasons.push({ code: 'TOOL_COMPLAINS', message: complaint });
	if (!base) return [...reasons, { code: 'BASE_MISSING', message: 'there is no complete base backup' }];
	const ageMs = now.getTime() - base.finishedAt.getTime();
	if (ageMs > maxBackupAgeHours * HOUR_MS) {
		const message = `the base backup ${base.label} is ${(ageMs / HOUR_MS).toFixed(1)} hours old, more than ${maxBackupAgeHours}`;
		reasons.push({ code: 'BASE_TOO_OLD', message });
	}
	return reasons;
}

function assessArchiving(
	{ enabled, lastArchivedAt, lastFailedAt, now }: Archiving,
	{ maxArchiveLagMinutes }: ContinuousPolicy,
): ProofReason[] {
	if (!enabled) return [{ code: 'ARCHIVING_OFF', message: 'archive_mode is off' }];
	if (!lastArchivedAt)
		return [{ code: 'ARCHIVE_LAGS', message: 'nothing was archived since the statistics were reset' }];
	if (lastFailedAt && lastFailedAt >= lastArchivedAt)
		return [
			{
				code: 'ARCHIVING_FAILS',
				message: `the last attempt to archive failed, at ${lastFailedAt.toISOString()}`,
			},
		];
	const lagMs = now.getTime() - lastArchivedAt.getTime();
	if (lagMs <= maxArchiveLagMinutes * MINUTE_MS) return [];
	const message = `the last write-ahead log was archived ${(lagMs / MINUTE_MS).toFixed(1)} minutes ago, more than ${maxArchiveLagMinutes}; what was written since could not be brought back (archive_timeout bounds this)`;
	return [{ code: 'ARCHIVE_LAGS', message }];
}

function assessDrill(
	drill: DrillRecord | undefined,
	now: Date,
	{ maxDrillAgeDays, maxRestoreMinutes }: ContinuousPolicy,
): ProofReason[] {
	if (!drill) return [{ code: 'DRILL_MISSING', message: 'no restore drill is on record' }];
	const ageMs = now.getTime() - drill.restoredAt.getTime();
	const reasons: ProofReason[] = [];
	if (ageMs < -HOUR_MS)
		reasons.push({ code: 'DRILL_IN_FUTURE', message: 'the restore drill is dated in the future' });
	if (ageMs > maxDrillAgeDays * DAY_MS) {
		const message = `the last restore drill was ${Math.floor(ageMs / DAY_MS)} days ago, more than ${maxDrillAgeDays}`;
		reasons.push({ code: 'DRILL_TOO_OLD', message });
	}
	if (drill.minutes > maxRestoreMinutes) {
		const message = `the last restore took ${drill.minutes} minutes, more than ${maxRestoreMinutes}`;
		reasons.push({ code: 'RESTORE_TOO_SLOW', message });
	}
	return reasons;
}
