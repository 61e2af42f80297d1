/**
 * Glossary. A backup is *expiring* from the moment its mark is written until its last object is gone. It is *unfinished* while it has archives
 * and no manifest: it is being written, or its run died. *Pinned*: kept whatever its age.
 */
export interface StoredBackup {
	readonly backupId: string;
	/** When its id was made; the id holds it. */
	readonly createdAt: Date;
	readonly hasManifest: boolean;
	/** A verification record that names this very backup stands beside its manifest. */
	readonly isVerified: boolean;
	readonly isPinned: boolean;
	readonly isExpiring: boolean;
	/** Its manifest, records and archives; not its mark. What was written for people is not among them. */
	readonly keys: readonly string[];
}

export interface PrunePolicy {
	/** Newest verified backups that are kept; at least 1. */
	readonly keepLast: number;
	/** Nothing younger is pruned. */
	readonly minimumAgeMs: number;
	/** Ids that are kept. */
	readonly pins: readonly string[];
}

export interface PruneDecision {
	readonly backup: StoredBackup;
	readonly prune: boolean;
	/** A few words for people. */
	readonly reason: string;
}
