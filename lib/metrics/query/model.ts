import type { HeldFor } from '../../support/heldFor';
import type { Verdict } from '../../support/verdict';

/**
 * Glossary. A *query* is asked of a *source* and gives one number. A *measurement* is what came of asking once: the number; `no-data`, when there is
 * none to judge; or an `error`, when the source could not be asked or gave something else.
 */
export type Measurement =
	| { readonly kind: 'value'; readonly value: number }
	| { readonly kind: 'no-data' | 'error'; readonly reason: string };

/** Something that answers the query; each provider is one implementation. */
export interface QuerySource {
	/** Asks once. @throws RunbookError METRICS.QUERY_REFUSED; the signal's reason */
	measure(signal: AbortSignal): Promise<Measurement>;
	close(): Promise<void>;
}

export interface QueryRule {
	/** Which side of the limits is fine. */
	readonly direction: 'atMost' | 'atLeast';
	/** On its fine side the number passes. */
	readonly pass: number;
	/** Beyond it the number is a breach; between the two nobody can tell. */
	readonly fail: number;
	/** How long every measurement must be a breach, in milliseconds. */
	readonly heldForMs: number;
	/** Between two measurements, in milliseconds. */
	readonly intervalMs: number;
	readonly minimumSamples: number;
	/** So many measurements in a row that are no number end the gate. */
	readonly errorLimit: number;
}

export interface TimedMeasurement {
	/** Monotonic time, in milliseconds. */
	readonly atMs: number;
	readonly measurement: Measurement;
}

export interface QueryAssessment {
	/** Undefined while asking should go on. */
	readonly verdict: Verdict | undefined;
	/** The latest number; null when there was none. */
	readonly value: number | null;
	/** Measurements that were a number, and that were not. */
	readonly samples: number;
	readonly errors: number;
	readonly held: HeldFor;
	readonly reason: string;
}
