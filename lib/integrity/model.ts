import type { Verdict } from '../support/verdict';

/**
 * Glossary. An *assertion* is a query that the operators wrote, with what its result must be. The *structure checks* need no query: they
 * look for what a sound database never has. A *record* is what was counted before the migration, to compare with afterwards.
 */
export interface Assertion {
	readonly name: string;
	/** One SELECT. It runs in a read-only transaction, with the rights of a reader where the role may take them. */
	readonly sql: string;
	/**
	 * `empty`: it must give no row. `between`: it must give one number inside the bounds. `unchanged`: it must give the one value that was
	 * recorded before.
	 */
	readonly expect: 'empty' | 'between' | 'unchanged';
	/** Lower bound; absent: none. */
	readonly min?: number | undefined;
	/** Upper bound; absent: none. */
	readonly max?: number | undefined;
}

/** What a measured thing gave: a value, or why there is none. */
export type Measured<Value> =
	| { readonly value: Value; readonly problem?: never; readonly isDamage?: never }
	/** `isDamage`: the server itself says that the data are damaged. */
	| { readonly value?: never; readonly problem: string; readonly isDamage: boolean };

export interface AssertionResult {
	/** Rows that it gave; counting ends at a thousand. */
	readonly rows: number;
	/** As text; null for SQL's null, or when there is not exactly one row of one column. */
	readonly value: string | null;
	/** True when it gave exactly one row of one column. */
	readonly isSingle: boolean;
}

/** What the structure checks found, each with its measurement. `count`: rows that break it. */
export interface StructureFacts {
	readonly constraintsNotValid: readonly string[];
	readonly orphans: ReadonlyArray<{ readonly constraint: string; readonly count: Measured<number> }>;
	readonly checksBroken: ReadonlyArray<{ readonly constraint: string; readonly count: Measured<number> }>;
	readonly sequences: ReadonlyArray<{ readonly column: string; readonly behind: Measured<boolean> }>;
	readonly invalidIndexes: readonly string[];
	/** Null when the extension amcheck is not installed. */
	readonly indexChecks: ReadonlyArray<{ readonly index: string; readonly sound: Measured<true> }> | null;
}

export type Counts = ReadonlyMap<string, Measured<number>>;

/** What was there before the migration. */
export interface IntegrityRecord {
	/** Rows by `schema.table`. */
	readonly counts: Readonly<Record<string, number>>;
	/** Values of the `unchanged` assertions by name; null for SQL's null. */
	readonly values: Readonly<Record<string, string | null>>;
}

export interface IntegrityFacts {
	readonly assertions: ReadonlyArray<{ readonly assertion: Assertion; readonly result: Measured<AssertionResult> }>;
	readonly structure: StructureFacts;
	readonly counts: Counts;
	/** Undefined when nothing is compared. */
	readonly before: IntegrityRecord | undefined;
}

export type CheckName =
	| 'assertion'
	| 'constraint-not-valid'
	| 'orphaned-rows'
	| 'check-violated'
	| 'sequence-behind'
	| 'invalid-index'
	| 'corrupt-index'
	| 'count'
	| 'table-missing'
	| 'rows-lost'
	| 'unreachable';

/** One thing that is not as it should be. Warnings do not change the verdict. */
export interface Violation {
	readonly check: CheckName;
	readonly severity: 'failed' | 'inconclusive' | 'warning';
	/** The assertion, constraint, column, index or table. */
	readonly name: string;
	/** A sentence for people. Holds no rows. */
	readonly text: string;
}

export interface IntegrityReport {
	readonly verdict: Verdict;
	/** All of them, not the first. */
	readonly violations: readonly Violation[];
	readonly counts: Readonly<Record<string, number>>;
	/** How many assertions and structure checks were made. */
	readonly checked: number;
	/** `checked`: every b-tree was. `not-installed`: the extension amcheck is missing. */
	readonly amcheck: 'checked' | 'not-installed';
}

export interface IntegrityLimits {
	/** Largest share of its rows, from 0 to 1, that a table may have lost since the record. */
	readonly largestLoss: number;
}

export interface IntegritySettings {
	/** Longest time for one query, in milliseconds. */
	readonly statementTimeoutMs: number;
	readonly signal: AbortSignal;
}
