import type { Clock } from '../support/clock';
import type { HeldForRule } from '../support/heldFor';
import { ticks } from '../support/ticks';
import type { Verdict } from '../support/verdict';
import { assessHeld, type HealthSample, type HeldHealth } from './assessHeld';
import { describeTarget } from './checkHttp';
import type { HttpTarget, HttpTargetResult, ProbeOutcome } from './model';
import { probeHttp, type HttpProbe } from './probeHttp';

export interface HoldHttpOptions {
	readonly rule: HeldForRule;
	/** A target that must answer for a failed sample to count: proof that we ourselves can get out. Absent: not asked. */
	readonly canary?: HttpTarget;
	/** Per probe, in milliseconds; never longer than the interval, or a silent target would look like a gap. */
	readonly timeoutMs: number;
	readonly followRedirects: boolean;
	readonly headers: Readonly<Record<string, string>>;
	readonly clock: Clock;
	readonly signal: AbortSignal;
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
	for await (const atMs of ticks(clock, { intervalMs: rule.intervalMs, signal })) {
		const { outcome, probes } = await takeSample(targets, options);
		samples.push({ atMs, outcome });
		const { verdict, state, forMs, samples: counted } = assessHeld(samples, rule);
		if (verdict === undefined) continue;
		const results = targets.map((target, index) => describeLatest(target, { probe: probes[index], verdict }));
		return {
			verdict,
			targets: results,
			held: { state, forMs: Math.round(forMs), samples: counted },
			sampled: samples.length,
		};
	}
	throw new Error('unreachable: ticks end only by the signal');
}

async function takeSample(
	targets: readonly HttpTarget[],
	{ canary, rule, timeoutMs, headers, ...rest }: HoldHttpOptions,
): Promise<{ outcome: ProbeOutcome; probes: readonly HttpProbe[] }> {
	const options = { ...rest, timeoutMs: Math.min(timeoutMs, rule.intervalMs) };
	const [canaryProbe, ...probes] = await Promise.all([
		canary ? probeHttp(canary, { ...options, headers: {} }) : undefined,
		...targets.map(async (target) => await probeHttp(target, { ...options, headers })),
	]);
	const measured = probes.filter((probe) => probe !== undefined);
	const outcomes = measured.map(({ outcome }) => outcome);
	if (outcomes.every((outcome) => outcome === 'ok')) return { outcome: 'ok', probes: measured };
	if (canaryProbe && canaryProbe.outcome !== 'ok') {
		const reason = `the canary target did not answer either: ${canaryProbe.reason}`;
		return {
			outcome: 'gap',
			probes: measured.map((probe) => (probe.outcome === 'ok' ? probe : { ...probe, outcome: 'gap', reason })),
		};
	}
	return { outcome: outcomes.includes('failed') ? 'failed' : 'gap', probes: measured };
}

/** While the whole is failed or inconclusive, a target that answered well is still shown as passed. */
function describeLatest(
	target: HttpTarget,
	{ probe, verdict }: { probe: HttpProbe | undefined; verdict: Verdict },
): HttpTargetResult {
	if (probe === undefined) return describeTarget(target, [], 'inconclusive');
	const own: Verdict = probe.outcome === 'ok' ? 'passed' : probe.outcome === 'gap' ? 'inconclusive' : verdict;
	return { ...describeTarget(target, [probe], own), reason: probe.reason };
}
