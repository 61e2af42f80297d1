import type { Clock } from '../support/clock';
import type { Verdict } from '../support/verdict';
import { describeTarget } from './checkHttp';
import type { HttpTarget, HttpTargetResult, ProbeOutcome } from './model';
import { probeHttp, type HttpProbe } from './probeHttp';

export interface SampleOptions {
	/** A target that must answer for a failed sample to count: proof that we ourselves can get out. Absent: not asked. */
	readonly canary?: HttpTarget;
	/** Per probe, in milliseconds. */
	readonly timeoutMs: number;
	readonly followRedirects: boolean;
	readonly headers: Readonly<Record<string, string>>;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

export interface HttpSample {
	/** `ok` when every target answered well. */
	readonly outcome: ProbeOutcome;
	readonly probes: readonly HttpProbe[];
	/** Whether the canary answered; undefined when there is none. */
	readonly canaryAnswered: boolean | undefined;
}

/**
 * Asks all targets once, and the canary with them. A certificate whose time is over, and a provider that fails, make a gap: samples decide about a
 * version, and going back to another cannot help. @throws only the signal's reason.
 */
export async function sampleHttp(
	targets: readonly HttpTarget[],
	{ canary, headers, ...rest }: SampleOptions,
): Promise<HttpSample> {
	const [canaryProbe, ...probes] = await Promise.all([
		canary ? probeHttp(canary, { ...rest, headers: {} }) : undefined,
		...targets.map(async (target) => await probeHttp(target, { ...rest, headers })),
	]);
	const measured = probes
		.filter((probe) => probe !== undefined)
		.map((probe, index): HttpProbe => {
			const isOffPath = probe.dated === true || targets[index]?.external === true;
			return isOffPath && probe.outcome === 'failed' ? { ...probe, outcome: 'gap' } : probe;
		});
	const canaryAnswered = canaryProbe && canaryProbe.outcome === 'ok';
	const outcomes = measured.map(({ outcome }) => outcome);
	if (outcomes.every((outcome) => outcome === 'ok')) return { outcome: 'ok', probes: measured, canaryAnswered };
	if (canaryProbe && canaryAnswered === false) {
		const reason = `the canary target did not answer either: ${canaryProbe.reason}`;
		return {
			outcome: 'gap',
			canaryAnswered,
			probes: measured.map((probe) => (probe.outcome === 'ok' ? probe : { ...probe, outcome: 'gap', reason })),
		};
	}
	return { outcome: outcomes.includes('failed') ? 'failed' : 'gap', probes: measured, canaryAnswered };
}

/** Each target as its latest probe found it: while the whole is failed or inconclusive, one that answered well is still shown as passed. */
export function describeLatest(
	targets: readonly HttpTarget[],
	{ probes, verdict }: { readonly probes: readonly HttpProbe[]; readonly verdict: Verdict },
): HttpTargetResult[] {
	return targets.map((target, index) => {
		const probe = probes[index];
		if (probe === undefined) return describeTarget(target, [], 'inconclusive');
		const own: Verdict = probe.outcome === 'ok' ? 'passed' : probe.outcome === 'gap' ? 'inconclusive' : verdict;
		return { ...describeTarget(target, [probe], own), reason: probe.reason };
	});
}
