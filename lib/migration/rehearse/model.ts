import type { Verdict } from '../../support/verdict';
import type { DatabaseIdentity, HistoryProblem } from '../model';

/** A table lock that a script took, as Postgres showed it while its transaction was open. */
export interface ObservedLock {
	/** As `schema.name`. */
	readonly table: string;
	/** e.g. `ACCESS EXCLUSIVE`. */
	readonly lock: string;
	/** From when it was first seen to the end of the transaction, in milliseconds; a lower bound, by at most the sampling interval. */
	readonly heldMs: number;
}

/** A table whose rows were written anew. */
export interface RewrittenTable {
	readonly table: string;
	readonly rows: number;
	/** Of the table afterwards, indexes included. */
	readonly bytes: number;
}

export interface RehearsedMigration {
	readonly name: string;
	/** SHA-256 (hex) of the script that ran. */
	readonly checksum: string;
	readonly durationMs: number;
	/** At most fifty, the longest first. */
	readonly locks: readonly ObservedLock[];
	readonly rewritten: readonly RewrittenTable[];
	/** How much the database grew, in bytes; negative when it shrank. */
	readonly growthBytes: number;
	/** At least so long on production, in milliseconds: the duration times the ratio of the sizes where production is larger. */
	readonly atLeastMs: number;
	/** Why it failed; null when it did not. */
	readonly failure: string | null;
	/** Null when there is no down.sql beside it, and when it failed itself. */
	readonly down: DownTest | null;
}

/** What the down.sql beside a migration did right after it. */
export interface DownTest {
	/** `undoes` = the schema was what it was before; `differs` = not quite; `not-tested` = it commits in between. */
	readonly state: 'undoes' | 'differs' | 'failed' | 'not-tested';
	/** At most ten; why, when it failed or was not tested. */
	readonly differences: readonly string[];
	/** True when it takes data away, or may. */
	readonly dropsData: boolean;
}

export interface RehearsalProblem {
	readonly kind: 'failed' | 'lock-too-long' | 'not-the-state' | 'unreadable';
	readonly severity: 'failed' | 'inconclusive';
	readonly names: readonly string[];
	readonly text: string;
}

export interface Rehearsal {
	/** passed = every migration that will be deployed ran, and none kept others waiting for too long. */
	readonly verdict: Verdict;
	readonly migrations: readonly RehearsedMigration[];
	readonly problems: readonly RehearsalProblem[];
	/** What the history of the scratch database has to say. */
	readonly history: readonly HistoryProblem[];
	/** Size of production over that of the scratch database; null when production did not tell. */
	readonly sizeRatio: number | null;
	/** The scratch database; null when it could not be reached. */
	readonly database: DatabaseIdentity | null;
}

export interface RehearsalLimits {
	/** Longest time, in milliseconds, for which a script may hold a lock behind which writers wait. */
	readonly longestLockMs: number;
}
