import type { Verdict } from '../../support/verdict';
import type { DatabaseIdentity, DeployUpTo, HistoryProblem, ScriptTransaction } from '../model';
import type { RuleId } from './rules';

/**
 * Glossary. A statement *expands* when the version that serves now can go on unharmed; it *contracts* when it takes away or narrows
 * something that this version may still read or write. *Unknown*: nobody can tell by looking at it. *Work* is what Postgres does while it
 * holds the lock: `catalog` = nothing that grows with the table, `scan` = reads all of it, `rewrite` = writes all of it anew,
 * `rows` = changes the rows that the statement names. The *risk card* is what a release shows its approvers of all that.
 */
export type Phase = 'expand' | 'contract' | 'unknown';

export type Work = 'catalog' | 'scan' | 'rewrite' | 'rows';

/** Table locks, from the weakest on that DDL takes. From SHARE on writers wait; ACCESS EXCLUSIVE lets nobody read. */
export type TableLock =
	'ROW EXCLUSIVE' | 'SHARE UPDATE EXCLUSIVE' | 'SHARE' | 'SHARE ROW EXCLUSIVE' | 'EXCLUSIVE' | 'ACCESS EXCLUSIVE';

/** One thing that a statement does. */
export interface Effect {
	readonly rule: RuleId;
	readonly phase: Phase;
	/** Null when it locks no table that anybody uses. */
	readonly lock: TableLock | null;
	readonly work: Work;
	/** As `schema.name`; null when it is about no table. */
	readonly table: string | null;
	/** A sentence for people. */
	readonly text: string;
}

/** An effect at its place. */
export interface Risk extends Effect {
	readonly migration: string;
	readonly line: number;
	/** Size of the table before it is migrated, in bytes; null when there is none, or it is new. */
	readonly tableBytes: number | null;
}

export interface MigrationRisk {
	readonly name: string;
	readonly checksum: string;
	readonly transaction: ScriptTransaction;
	/** The worst of its statements, or what its author declared. */
	readonly phase: Phase;
	/** What its first comment says about it; null when it says nothing. */
	readonly declared: DeclaredPhase | null;
	readonly statements: number;
	/** What is worth a look; at most fifty. */
	readonly risks: readonly Risk[];
	/** Why it could not be parsed; null when it was. */
	readonly unreadable: string | null;
}

export type DeclaredPhase = 'expand' | 'contract';

export interface RiskProblem {
	readonly kind:
		| 'contract-needed'
		| 'behind-contract'
		| 'unreadable'
		| 'unknown'
		| 'blocks'
		| 'impossible-script'
		| 'enum-value-used';
	readonly severity: 'failed' | 'inconclusive';
	readonly names: readonly string[];
	readonly text: string;
}

export interface RiskCard {
	/** passed = may be deployed while the previous version serves. */
	readonly verdict: Verdict;
	readonly migrations: readonly MigrationRisk[];
	/** True when the previous version may serve on what is pending as a whole, the held back included. */
	readonly previousVersionMayServe: boolean;
	/** What a deployment applies. */
	readonly deploys: ReadonlyArray<Pick<MigrationRisk, 'name' | 'checksum'>>;
	/** Names of what it leaves pending: contractions, which run in a release of their own once the previous version is gone. */
	readonly heldBack: readonly string[];
	readonly problems: readonly RiskProblem[];
}

export interface LintedMigrations extends RiskCard {
	/** Null when it could not be reached. */
	readonly database: DatabaseIdentity | null;
	/** What the history itself has to say. */
	readonly history: readonly HistoryProblem[];
}

export interface LintLimits {
	readonly upTo: DeployUpTo;
	/** A table up to this size, in bytes, is scanned or rewritten in a moment. */
	readonly smallTableBytes: number;
}

export interface ColumnFacts {
	/** As Postgres writes it, e.g. `character varying(20)`. */
	readonly type: string;
	readonly isRequired: boolean;
	readonly hasDefault: boolean;
}

/** What is known of the database before the first pending statement. */
export interface SchemaFacts {
	/** Where a name without a schema is found. */
	readonly schema: string;
	/** e.g. 15. */
	readonly serverVersion: number;
	/** Bytes by `schema.table`. */
	readonly tableBytes: ReadonlyMap<string, number>;
	/** By `schema.table.column`. */
	readonly columns: ReadonlyMap<string, ColumnFacts>;
	/** Of each index, by `schema.index`: its table. */
	readonly indexTables: ReadonlyMap<string, string>;
	/** Functions whose value differs from row to row. */
	readonly volatileFunctions: ReadonlySet<string>;
}
