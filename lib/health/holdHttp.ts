import type { HeldForRule } from '../support/heldFor';
import { ticks } from '../support/ticks';
import type { Verdict } from '../support/verdict';
import { assessHeld, type HealthSample, type HeldHealth } from './assessHeld';
import type { HttpTarget, HttpTargetResult } from './model';
import { describeLatest, sampleHttp, type SampleOptions } from './sampleHttp';

/** `timeoutMs` is never longer than the interval, or a silent target would look like a gap. */
export interface HoldHttpOptions extends SampleOptions {
	readonly rule: HeldForRule;
}

export interface HeldHttp {
	readonly verdict: Verdict;
	readonly targets: readonly HttpTargetResult[];
	readonly held: Pick<HeldHealth, 'state' | 'forMs' | 'samples'>;
	/** How many samples were taken. */
	readonly sampled: number;
}

/**
 * Samples the targets until one sample is healthy (passed), or every one has failed for long enough (failed), or neither can
 * be said any more (inconclusive). @throws only the signal's reason.
 */
export async function holdHttp(targets: readonly HttpTarget[], options: HoldHttpOptions): Promise<HeldHttp> {
	const { rule, clock, signal } = options;
	const samples: HealthSample[] = [];
	const timeoutMs = Math.min(options.timeoutMs, rule.intervalMs);
	for await (const atMs of ticks(clock, { intervalMs: rule.intervalMs, signal })) {
		const { outcome, probes } = await sampleHttp(targets, { ...options, timeoutMs });
		samples.push({ atMs, outcome });
		const { verdict, state, forMs, samples: counted } = assessHeld(samples, rule);
		if (verdict === undefined) continue;
		return {
			verdict,
			targets: describeLatest(targets, { probes, verdict }),
			held: { state, forMs: Math.round(forMs), samples: counted },
			sampled: samples.length,
		};
	}
	throw new Error('unreachable: ticks end only by the signal');
}
