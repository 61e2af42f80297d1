import { assessHeldFor, type HeldFor, type HeldForRule } from '../support/heldFor';
import type { Verdict } from '../support/verdict';
import type { ProbeOutcome } from './model';

export interface HealthSample {
	/** Monotonic time at which the probes were sent, in milliseconds. */
	readonly atMs: number;
	readonly outcome: ProbeOutcome;
}

export interface HeldHealth extends HeldFor {
	/** Undefined while watching should go on. */
	readonly verdict: Verdict | undefined;
}

const OUTCOMES = { ok: 'clear', failed: 'breached', gap: 'gap' } as const;

/**
 * Judges a service by samples: the latest one healthy = passed; every sample failed for as long as the rule says = failed;
 * neither by the time of giving up (twice that long, so that a gap at the start leaves time to be sure) = inconclusive.
 */
export function assessHeld(samples: readonly HealthSample[], rule: HeldForRule): HeldHealth {
	const held = assessHeldFor(
		samples.map(({ atMs, outcome }) => ({ atMs, outcome: OUTCOMES[outcome] })),
		rule,
	);
	return { ...held, verdict: decide(samples, { held, rule }) };
}

function decide(
	samples: readonly HealthSample[],
	{ held, rule }: { held: HeldFor; rule: HeldForRule },
): Verdict | undefined {
	if (samples.at(-1)?.outcome === 'ok') return 'passed';
	if (held.state === 'held') return 'failed';
	const watchedMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
	return watchedMs >= giveUpAfterMs(rule) ? 'inconclusive' : undefined;
}

/** Longest time that watching takes, in milliseconds. */
export function giveUpAfterMs({ heldForMs, intervalMs, minimumSamples }: HeldForRule): number {
	return 2 * Math.max(heldForMs, minimumSamples * intervalMs) + 2 * intervalMs;
}
