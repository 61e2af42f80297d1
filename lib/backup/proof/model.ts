import type { Verdict } from '../../support/verdict';
import type { SourceIdentity } from '../model';

/**
 * Glossary. The *proof class* of a backup says how far it is known to restore. A: dumped, restored, compared (Verify). B: *continuous backup*,
 * base backups and an archive of write-ahead log, with a restore drill on record. C: a *clone* that was started and queried. D: nothing;
 * no token says D.
 */
export type ReportTool = 'pgbackrest' | 'walg' | 'barman';

/** What a tool's own report says about one cluster. */
export interface ContinuousBackup {
	/** Decimal text; null when the report names none. */
	readonly systemIdentifier: string | null;
	/** The newest base backup that is complete; null when there is none. */
	readonly base: { readonly label: string; readonly finishedAt: Date } | null;
	/** What the tool itself complains about. */
	readonly complaints: readonly string[];
}

/** What production says about its archiving, in one reading by its own clock. */
export interface Archiving {
	readonly source: SourceIdentity;
	readonly now: Date;
	readonly enabled: boolean;
	/** Null before the first. */
	readonly lastArchivedAt: Date | null;
	/** Null when none failed. */
	readonly lastFailedAt: Date | null;
}

/** The last time somebody restored from this continuous backup, and how long it took. */
export interface DrillRecord {
	readonly restoredAt: Date;
	readonly minutes: number;
}

export interface ContinuousPolicy {
	readonly maxBackupAgeHours: number;
	readonly maxArchiveLagMinutes: number;
	readonly maxDrillAgeDays: number;
	readonly maxRestoreMinutes: number;
}

export interface ProofReason {
	readonly code: string;
	readonly message: string;
}

/** What the migration step asks for, like that of a verified backup. */
export interface ProofToken {
	/** The tool's label of the base backup, or the clone's name. */
	readonly backupId: string;
	/** Of the report, or empty for a clone. */
	readonly sha256: string;
	readonly source: SourceIdentity;
	/** ISO 8601. */
	readonly verifiedAt: string;
	readonly proofClass: 'B' | 'C';
}

export interface Proof {
	readonly verdict: Verdict;
	readonly reasons: readonly ProofReason[];
	readonly token: ProofToken | null;
}
