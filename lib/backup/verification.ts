import type { Verdict } from '../support/verdict';
import type { ContentDifference } from './compareContent';
import type { KeptScratch } from './drillRestore';
import type { SourceIdentity } from './model';

/** Why a backup is not verified. The first group damns the backup, the second says that it could not be judged. */
export type FailureCode =
	| 'MANIFEST_MISSING'
	| 'MANIFEST_INVALID'
	| 'MANIFEST_OF_ANOTHER_BACKUP'
	| 'RECORD_MISMATCH'
	| 'ARCHIVE_MISSING'
	| 'SIZE_MISMATCH'
	| 'CHECKSUM_MISMATCH'
	| 'RESTORE_FAILED'
	| 'CONTENT_DIFFERS';
export type ObstacleCode =
	| 'STORAGE_UNAVAILABLE'
	| 'SCRATCH_UNAVAILABLE'
	| 'SCRATCH_DISK_SHORT'
	| 'SCRATCH_DISK_FULL'
	| 'SCRATCH_OLDER'
	| 'SCRATCH_EXTENSION_MISSING'
	| 'SCRATCH_LOCALE_MISSING'
	| 'SCRATCH_ROLE_MISSING'
	| 'TOOL_UNSUITABLE'
	| 'HOST_DISK_UNAVAILABLE'
	| 'RESTORE_INTERRUPTED'
	| 'DEADLINE';

export interface VerificationReason {
	readonly code: FailureCode | ObstacleCode;
	readonly message: string;
}

/** What the migration step asks for. */
export interface BackupToken {
	readonly backupId: string;
	readonly sha256: string;
	readonly source: SourceIdentity;
	/** ISO 8601, when the comparison ended. */
	readonly verifiedAt: string;
	/** A: dumped, restored, compared. */
	readonly proofClass: 'A';
}

export interface BackupVerification {
	readonly verdict: Verdict;
	readonly reasons: readonly VerificationReason[];
	/** At most 20; `differenceCount` has them all. */
	readonly differences: readonly ContentDifference[];
	readonly differenceCount: number;
	readonly backupId: string;
	readonly bucket: string;
	readonly folder: string;
	readonly manifestKey: string;
	/** Bytes of all archives as read back from storage, or as found there when one has another size than it should; 0 before that. */
	readonly sizeBytes: number;
	/** Of the manifest; empty unless every archive was read to its end and matched it. */
	readonly sha256: string;
	/** Tables compared; 0 when it did not come to that. */
	readonly tables: number;
	readonly rows: number;
	/** The scratch database with what was restored; null unless it was to be kept and the verdict is passed. */
	readonly scratch: KeptScratch | null;
	/** Null unless the verdict is passed. */
	readonly token: BackupToken | null;
}

/** A finding that ends the verification early; caught by verifyBackup, never shown as an error. */
export class VerificationStop extends Error {
	readonly verdict: Exclude<Verdict, 'passed'>;
	readonly reasons: readonly VerificationReason[];

	constructor(verdict: Exclude<Verdict, 'passed'>, reasons: readonly VerificationReason[]) {
		super(reasons.map(({ message }) => message).join('; '));
		this.verdict = verdict;
		this.reasons = reasons;
	}
}

/** The backup is bad. */
export function fail(code: FailureCode, message: string): VerificationStop {
	return new VerificationStop('failed', [{ code, message }]);
}

/** The backup could not be judged. */
export function obstruct(code: ObstacleCode, message: string): VerificationStop {
	return new VerificationStop('inconclusive', [{ code, message }]);
}
