import { ticks } from '../support/ticks';
import type { Verdict } from '../support/verdict';
import type { HealthSample } from './assessHeld';
import { assessWatched, type WatchedHealth, type WatchRule } from './assessWatched';
import type { HttpTarget, HttpTargetResult } from './model';
import { describeLatest, sampleHttp, type SampleOptions } from './sampleHttp';

/** `timeoutMs` is never longer than the interval, or a silent target would look like a gap. */
export interface WatchHttpOptions extends SampleOptions {
	readonly rule: WatchRule;
	log?(message: string): void;
}

export interface WatchedHttp extends Omit<WatchedHealth, 'verdict'> {
	readonly verdict: Verdict;
	readonly targets: readonly HttpTargetResult[];
	/** How many samples were taken. */
	readonly sampled: number;
}

/** Samples the targets for a whole window: passed when it ends well, failed as soon as a breach holds. @throws only the signal's reason. */
export async function watchHttp(targets: readonly HttpTarget[], options: WatchHttpOptions): Promise<WatchedHttp> {
	const { rule, clock, signal } = options;
	const { intervalMs } = rule.breach;
	const samples: HealthSample[] = [];
	const timeoutMs = Math.min(options.timeoutMs, intervalMs);
	for await (const atMs of ticks(clock, { intervalMs, signal })) {
		const { outcome, probes } = await sampleHttp(targets, { ...options, timeoutMs });
		if (outcome !== (samples.at(-1)?.outcome ?? 'ok')) options.log?.(`the targets are ${outcome} now`);
		samples.push({ atMs, outcome });
		const { verdict, ...watched } = assessWatched(samples, rule);
		if (verdict === undefined) continue;
		return {
			...watched,
			watchedMs: Math.round(watched.watchedMs),
			verdict,
			targets: describeLatest(targets, { probes, verdict }),
			sampled: samples.length,
		};
	}
	throw new Error('unreachable: ticks end only by the signal');
}
