import type { Clock } from '../../support/clock';
import { ticks } from '../../support/ticks';
import type { Verdict } from '../../support/verdict';
import { assessQuery } from './assessQuery';
import type { QueryAssessment, QueryRule, QuerySource, TimedMeasurement } from './model';

export interface WatchedQuery extends QueryAssessment {
	readonly verdict: Verdict;
	/** How long was asked, in milliseconds. */
	readonly watchedMs: number;
	readonly measurements: readonly TimedMeasurement[];
}

/** Asks at the rule's interval until the answers can be judged. @throws RunbookError METRICS.QUERY_REFUSED; the signal's reason */
export async function watchQuery(
	source: QuerySource,
	{ rule, clock, signal }: { readonly rule: QueryRule; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<WatchedQuery> {
	const measurements: TimedMeasurement[] = [];
	for await (const atMs of ticks(clock, { intervalMs: rule.intervalMs, signal })) {
		measurements.push({ atMs, measurement: await source.measure(signal) });
		const { verdict, ...assessment } = assessQuery(measurements, rule);
		if (verdict === undefined) continue;
		const watchedMs = Math.round(atMs - (measurements[0]?.atMs ?? atMs));
		return { ...assessment, verdict, watchedMs, measurements };
	}
	throw new Error('unreachable: ticks end only by the signal');
}
