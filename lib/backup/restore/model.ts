/**
 * Glossary. The *live* database is the one that is to be replaced. A backup is restored beside it into the *restored* database; the *swap*
 * gives that one the live one's name, and the live one becomes the *broken* database, which is kept. A *note* is our record on a database,
 * kept as its comment, so that it moves with a rename and is committed with it. A *hazard* is what a swap would do to somebody else.
 */
export interface SwapNames {
	readonly live: string;
	/** `<live>_restore_<id>`. */
	readonly restored: string;
	/** `<live>_broken_<id>`. */
	readonly broken: string;
}

/** What stands in the comment of a database that we made or replaced. */
export interface RestoreNote {
	/** `restored`: compared with its manifest and ready. `replaced`: out of use since a swap. `taken-back`: was live until a swap back. */
	readonly state: 'restored' | 'replaced' | 'taken-back';
	readonly restoreId: string;
	readonly backupId: string;
	/** ISO 8601, of the backup. */
	readonly snapshotAt: string;
	/** ISO 8601, by the server's clock: when it became what `state` says. */
	readonly at: string;
	/** Who asked and why; empty when nobody said. */
	readonly reason: string;
	/** OID of the database that took its name; absent before a swap. */
	readonly replacedBy?: number;
	/** The transaction that renamed both, as decimal text: rows of the restored database that are younger came after it. Absent before a swap. */
	readonly swapTransaction?: string;
	/** The comment that the database had before; null when it had none. */
	readonly comment: string | null;
}

export interface NamedDatabase {
	readonly name: string;
	readonly oid: number;
	readonly owner: string;
	/** True when the session's role is its owner, or may act as it. */
	readonly isOurs: boolean;
	readonly allowsConnections: boolean;
	/** Absent when it has none of ours. */
	readonly note?: RestoreNote;
	/** Null when it has none, or when the comment is our note. */
	readonly comment: string | null;
}

/** How far an earlier run came, told from the names and notes alone. */
export type RestoreState =
	| { readonly kind: 'not-begun'; readonly live: NamedDatabase }
	/** Begun and not finished: it is dropped and made again. */
	| { readonly kind: 'unfinished'; readonly live: NamedDatabase; readonly restored: NamedDatabase }
	| { readonly kind: 'ready'; readonly live: NamedDatabase; readonly restored: NamedDatabase }
	| { readonly kind: 'swapped'; readonly live: NamedDatabase; readonly broken: NamedDatabase }
	| { readonly kind: 'unsure'; readonly problem: string };

/** The exact words by which an operator accepts a hazard. */
export const WAIVERS = ['standby', 'logicalSlot', 'subscription', 'scheduledJob', 'session', 'foreignBackup'] as const;
export type Waiver = (typeof WAIVERS)[number];

/** One address by which clients reach the database. */
export interface Endpoint {
	readonly host: string;
	readonly port: number;
	/** Absent: the live database's name; a pooler may know it under another one. */
	readonly database?: string;
}

/** What a fresh connection through an endpoint found. */
export interface EndpointAnswer {
	/** `host:port/database`. */
	readonly endpoint: string;
	/** Null when it did not answer. */
	readonly databaseOid: number | null;
	readonly systemIdentifier: string | null;
	readonly isStandby: boolean;
	/** True when a pooler answered instead of Postgres itself. */
	readonly isPooler: boolean;
	/** Empty when it answered. */
	readonly problem: string;
}

/** Everything that is read before a swap is judged. */
export interface SwapFacts {
	readonly database: string;
	readonly databaseOid: number;
	readonly systemIdentifier: string | null;
	/** Why the role may not swap; empty when it may. */
	readonly rights: string;
	/** Physical replicas that stream now; `slot` is null for those without one. */
	readonly standbys: ReadonlyArray<{
		readonly application: string;
		readonly address: string;
		readonly slot: string | null;
	}>;
	readonly slots: ReadonlyArray<{
		readonly name: string;
		readonly kind: 'physical' | 'logical';
		readonly active: boolean;
	}>;
	readonly subscriptions: ReadonlyArray<{ readonly name: string; readonly enabled: boolean }>;
	readonly preparedTransactions: ReadonlyArray<{
		readonly id: string;
		readonly owner: string;
		readonly preparedAt: string;
	}>;
	/** Of pg_cron, for this database; null when the role may not see them. */
	readonly scheduledJobs: ReadonlyArray<{ readonly id: number; readonly schedule: string }> | null;
	/** Other clients' sessions in the database, grouped. */
	readonly sessions: ReadonlyArray<{
		readonly application: string;
		readonly user: string;
		readonly count: number;
		readonly inTransaction: number;
	}>;
	readonly endpoints: readonly EndpointAnswer[];
	/** True while somebody migrates with Prisma. */
	readonly isMigrating: boolean;
}

/** What a swap would do to somebody else, and how it is handled. */
export interface Hazard {
	readonly kind: Waiver | 'physicalSlot' | 'pooler' | 'preparedTransaction' | 'migration' | 'rights' | 'endpoint';
	/** The names it is about. */
	readonly names: readonly string[];
	/** A sentence for people: what happens at a swap. */
	readonly text: string;
	/** What to do about it. */
	readonly remedy: string;
	/** `handled`: the swap deals with it. `waived`: accepted by its word. `open`: it stands in the way. */
	readonly standing: 'handled' | 'waived' | 'open';
}
