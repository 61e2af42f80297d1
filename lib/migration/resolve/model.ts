/**
 * Glossary. To *resolve* a failed migration is to write into the history what became of it: `applied`, all of it is there, or `rolled-back`,
 * nothing of it is. A *trace* is an object that a statement of it makes or drops, by which the catalogs tell whether the statement took effect.
 */
export type Resolution = 'applied' | 'rolled-back';

/** What one statement leaves behind. */
export interface Trace {
	/** Of its script; the first line is 1. */
	readonly line: number;
	/** e.g. `column public.cases.priority`. */
	readonly object: string;
	/** False when the statement takes it away. */
	readonly isMade: boolean;
}

/** What a script leaves behind. */
export interface Traces {
	readonly told: readonly Trace[];
	/** Lines of statements that leave nothing that can be looked for, such as UPDATE, or that could not be told apart. */
	readonly untold: readonly number[];
}

/**
 * Why a resolution is believed. `one-transaction`: the server reported the failure of a script that is one transaction, so that nothing was left.
 * `catalogs`: every statement was looked for and found so. `person`: what can be looked for was found so, and a person compared the rest.
 */
export type ResolutionProof = 'one-transaction' | 'catalogs' | 'person';

export interface ResolvedMigration {
	readonly migration: string;
	readonly resolution: Resolution;
	/** True when the history said so before. */
	readonly alreadyDone: boolean;
	/** Null when it was already done. */
	readonly proof: ResolutionProof | null;
	/** Who compared what cannot be looked for; empty when nobody had to. */
	readonly comparedBy: string;
	/** What was found, e.g. `there: table public.cases (line 3)`. */
	readonly findings: readonly string[];
}
