import { assessHeldFor, isGap, type HeldForRule } from '../support/heldFor';
import type { Verdict } from '../support/verdict';
import { giveUpAfterMs, type HealthSample } from './assessHeld';

export interface WatchRule {
	/** When a breach counts as held. */
	readonly breach: HeldForRule;
	/** How long the targets are watched at least, in milliseconds. 0: until the first healthy sample. */
	readonly windowMs: number;
}

export interface WatchedHealth {
	/** Undefined while watching should go on. */
	readonly verdict: Verdict | undefined;
	/** For how long it has been watched without a gap, in milliseconds. */
	readonly watchedMs: number;
	/** Samples that failed, and looks that could not be made. */
	readonly failed: number;
	readonly gaps: number;
}

const OUTCOMES = { ok: 'clear', failed: 'breached', gap: 'gap' } as const;

/**
 * Judges a service that shall stay healthy for a while: a breach that holds = failed, at once; a whole window without a gap and
 * without a breach that stands at its end = passed. A gap begins the window anew; twice the window without a result = inconclusive.
 */
export function assessWatched(samples: readonly HealthSample[], { breach, windowMs }: WatchRule): WatchedHealth {
	const counts = {
		watchedMs: unbrokenMs(samples, breach),
		failed: samples.filter(({ outcome }) => outcome === 'failed').length,
		gaps: samples.filter(({ outcome }) => outcome === 'gap').length,
	};
	const held = assessHeldFor(
		samples.map(({ atMs, outcome }) => ({ atMs, outcome: OUTCOMES[outcome] })),
		breach,
	);
	if (held.state === 'held') return { verdict: 'failed', ...counts };
	if (samples.at(-1)?.outcome === 'ok' && counts.watchedMs >= windowMs) return { verdict: 'passed', ...counts };
	const sinceMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
	return { verdict: sinceMs >= longestWatchMs({ breach, windowMs }) ? 'inconclusive' : undefined, ...counts };
}

/** Longest time that watching takes, in milliseconds. */
export function longestWatchMs({ breach, windowMs }: WatchRule): number {
	return 2 * windowMs + giveUpAfterMs(breach);
}

/** From the first sample behind the last gap to the latest sample. */
function unbrokenMs(samples: readonly HealthSample[], breach: HeldForRule): number {
	let sinceMs: number | undefined;
	let lastMs = 0;
	for (const { atMs, outcome } of samples) {
		if (sinceMs !== undefined && isGap(lastMs, atMs, breach)) sinceMs = undefined;
		if (outcome === 'gap') continue;
		sinceMs ??= atMs;
		lastMs = atMs;
	}
	return sinceMs === undefined ? 0 : lastMs - sinceMs;
}
