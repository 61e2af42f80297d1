import type { Verdict } from '../support/verdict';

/**
 * Glossary. A *migration* is one folder with a migration.sql. The *history* is the table `_prisma_migrations` compared with
 * the migrations folder: *pending* is on disk and not applied; *failed* began and neither finished nor was rolled back;
 * *edited* was changed on disk after it was applied; *missing* was applied and is not on disk (the database is ahead);
 * *out of order* is pending and sorts before one that is already applied.
 */
export interface MigrationsFolder {
	/** Absolute path on the n8n host. */
	readonly path: string;
	/** Text of migration_lock.toml. */
	readonly lockFile: string;
	/** In the order in which they are applied (by name). */
	readonly migrations: readonly MigrationFile[];
}

export interface MigrationFile {
	readonly name: string;
	readonly script: string;
	/** SHA-256 (hex) of the script; the same that Prisma stores. */
	readonly checksum: string;
	/** Text of the down.sql beside it, which undoes it; absent when there is none. */
	readonly down?: string;
}

/** A migration whose script was parsed. */
export interface Migration extends MigrationFile {
	readonly transaction: ScriptTransaction;
	/** True when something may be sent in front of the script, in its own transaction. SET TRANSACTION must come first in its own. */
	readonly isAtomic: boolean;
}

/**
 * How Postgres runs a script that is sent whole. `one`: in a single transaction, so a failure leaves nothing behind. `own`: it
 * commits by itself in between, so a failure may leave a part behind. `impossible`: it holds a statement that Postgres only
 * runs alone, beside others.
 */
export type ScriptTransaction = 'one' | 'own' | 'impossible';

/** Which database this is. */
export interface DatabaseIdentity {
	readonly host: string;
	readonly port: number;
	readonly name: string;
	readonly schema: string;
	readonly user: string;
	readonly serverVersion: string;
	/** Of the server's data directory; null when the role may not read it. A standby and a physical copy share it. */
	readonly systemIdentifier: string | null;
	readonly databaseOid: number;
}

/** A session that holds Prisma's migration lock. */
export interface LockHolder {
	readonly pid: number;
	/** ISO time; null when the role may not see the session. */
	readonly since: string | null;
	/** Its application_name; null when the role may not see the session. */
	readonly application: string | null;
}

/** What the engine says when it compares the folder with the database. */
export interface Diagnosis {
	readonly hasMigrationsTable: boolean;
	readonly pending: readonly string[];
	readonly failed: readonly string[];
	readonly edited: readonly string[];
	readonly missing: readonly string[];
}

/** A row of `_prisma_migrations`. */
export interface HistoryRow {
	readonly name: string;
	/** ISO time. */
	readonly startedAt: string;
	/** ISO time; null while it runs and when it failed. */
	readonly finishedAt: string | null;
	/** ISO time; null unless it was marked as rolled back. */
	readonly rolledBackAt: string | null;
}

/** A script that was sent and neither finished nor failed: its run was killed, or lost its session. */
export interface InterruptedScript {
	/** Of its row in `_prisma_migrations`. */
	readonly id: string;
	readonly name: string;
	/** True when its transaction was committed, so that all of it is there; otherwise nothing of it is. */
	readonly wasCommitted: boolean;
}

/** The release on whose behalf is migrated; a database that carries a higher token for the environment refuses it. */
export interface MigrationFence {
	readonly environment: string;
	readonly release: string;
	readonly token: number;
}

/** Everything that is read before it is judged. */
export interface HistoryFacts {
	/** What is to run, in order. */
	readonly pending: readonly Migration[];
	readonly diagnosis: Diagnosis;
	readonly rows: readonly HistoryRow[];
	/** Who migrates at this moment; null when nobody does. */
	readonly busy: LockHolder | null;
	/** Tables and views of the schema, the history's own table not counted. */
	readonly relationCount: number;
	/** Scripts whose run ended in the middle, of which it is certain what they left. */
	readonly interrupted: readonly InterruptedScript[];
	/** Indexes that Postgres does not use because a concurrent build failed or still runs. */
	readonly invalidIndexes: readonly string[];
	/** False when the role may not create objects in the schema. */
	readonly mayCreate: boolean;
}

export type ProblemKind =
	| 'failed'
	| 'edited'
	| 'missing'
	| 'not-baselined'
	| 'impossible-script'
	| 'not-permitted'
	| 'busy'
	| 'unreadable'
	| 'out-of-order'
	| 'invalid-index'
	| 'interrupted';

/** One finding. Warnings do not change the verdict. */
export interface HistoryProblem {
	readonly kind: ProblemKind;
	readonly severity: 'failed' | 'inconclusive' | 'warning';
	/** The migrations or indexes it is about. */
	readonly names: readonly string[];
	/** A sentence for people. */
	readonly text: string;
}

export interface MigrationHistory {
	/** passed = deploying is safe. */
	readonly verdict: Verdict;
	readonly pending: ReadonlyArray<Pick<Migration, 'name' | 'checksum' | 'transaction'>>;
	readonly applied: readonly string[];
	readonly failed: readonly string[];
	readonly edited: readonly string[];
	readonly missing: readonly string[];
	readonly outOfOrder: readonly string[];
	readonly problems: readonly HistoryProblem[];
}

/** Limits of the pinned session. */
export interface SessionSettings {
	/** The schema that holds `_prisma_migrations`, as in Prisma's `?schema=`. */
	readonly schema: string;
	/** Longest wait for a lock, in milliseconds. */
	readonly lockTimeoutMs: number;
	/** Longest time for one script, in milliseconds; 0 = no limit. */
	readonly statementTimeoutMs: number;
}

/** `lastExpand`: the contractions at the end stay pending. `all`: they run too, for no previous version is left. */
export type DeployUpTo = 'lastExpand' | 'all';

/** What a verified backup says about the database it was taken from. */
export interface BackupSource {
	readonly systemIdentifier: string;
	readonly databaseOid: number;
}

/** How often a script that did not get its lock is tried again. */
export interface LockRetry {
	/** Runs of one script in all, the first included. */
	readonly attempts: number;
	/** Pause after the first failure, in milliseconds; doubled each time, at most 15 s. */
	readonly firstPauseMs: number;
}
