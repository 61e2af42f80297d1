import type { AlertLevel } from '../release/watchStore';

/**
 * Glossary. A *signal* is what is watched: health, error rate. A *look* measures every signal of one environment at one moment, and is
 * recorded in the ledger. A *judgement* is what all recorded looks of a signal say together. An *alert* is a judgement that people
 * are told of until it clears. An *act* is what the watch does about a release; each is claimed in the ledger before it is done.
 */
export type LimitLevel = Exclude<AlertLevel, 'unknown'>;
export interface Limit {
	readonly level: LimitLevel;
	/** A larger share of bad ones than this is a breach, 0 to 1. */
	readonly above: number;
	/** How long every look must have breached it, in milliseconds. */
	readonly heldForMs: number;
}

/** Stands for no signal, but for the decision that the watch leaves to a person. */
export const DECISION = 'decision';

/** How one signal is judged. */
export interface SignalRule {
	readonly signal: string;
	/** Time between two looks, in milliseconds. */
	readonly intervalMs: number;
	/** Least number of looks that a breach is held in. */
	readonly minimumSamples: number;
	/** Fewer than that many requests say nothing; 1 for health. */
	readonly minimumTotal: number;
	/** How long nothing may be breached before an alert clears, in milliseconds. */
	readonly clearAfterMs: number;
	/** From the lowest to the highest. */
	readonly limits: readonly Limit[];
}
