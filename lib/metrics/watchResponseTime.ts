import type { Clock } from '../support/clock';
import { ticks } from '../support/ticks';
import type { Verdict } from '../support/verdict';
import { assessResponseTime, type ResponseTimeAssessment, type ResponseTimeFacts } from './assessResponseTime';
import { assessRound } from './assessRound';
import { createCounterIncreases, type SeriesIncrease } from './counterIncreases';
import type { Bucket } from './histogramQuantile';
import type { PodReport, Sample } from './model';
import type { SeriesFilter } from './parseMatchers';
import { createPodReports } from './podReports';
import type { PodScraper } from './podScraper';
import type { ThresholdPolicy } from './policy';
import { scrapeRound } from './scrapeRound';

export interface WatchResponseTimeOptions {
	readonly policy: ThresholdPolicy;
	/** The histogram's name without `_bucket`, e.g. `http_request_duration_seconds`. */
	readonly metric: string;
	/** Which of its series count. */
	readonly isCounted: SeriesFilter;
	/** Per scrape, in milliseconds; never longer than the sampling interval. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

export interface WatchedResponseTime extends ResponseTimeAssessment {
	readonly verdict: Verdict;
	readonly pods: readonly PodReport[];
	/** How long was watched, in milliseconds. */
	readonly watchedMs: number;
}

/** Scrapes every pod at the policy's interval until the quantile can be judged. @throws RunbookError METRICS.CLUSTER_REFUSED, CLUSTER_ANSWER; the signal's reason */
export async function watchResponseTime(
	scraper: PodScraper,
	options: WatchResponseTimeOptions,
): Promise<WatchedResponseTime> {
	const { policy, metric, isCounted, clock, signal } = options;
	const intervalMs = policy.sampling.intervalSeconds * 1000;
	const isWanted = ({ name, labels }: Sample): boolean =>
		name === `${metric}_bucket` && 'le' in labels && isCounted(labels);
	const increases = createCounterIncreases(isWanted);
	const pods = createPodReports({ withErrors: false });
	const buckets = createBucketSums();
	const rounds: Array<ResponseTimeFacts['rounds'][number]> = [];
	const startMs = clock.monotonicMs();
	for await (const atMs of ticks(clock, { intervalMs, signal })) {
		const timeoutMs = Math.min(options.timeoutMs, intervalMs);
		const round = await scrapeRound(scraper, { timeoutMs, isWanted, clock, signal });
		const { comparable, series, lost } = increases.add(round);
		const observed = series.filter(({ labels }) => boundOf(labels) === Infinity);
		pods.add(round, observed);
		buckets.add(series);
		rounds.push({
			round: assessRound(round, lost),
			comparable,
			requests: observed.reduce((sum, { increase }) => sum + increase, 0),
		});
		const { verdict, ...assessment } = assessResponseTime({ rounds, buckets: buckets.list() }, policy);
		if (verdict !== undefined)
			return { ...assessment, verdict, pods: pods.list(), watchedMs: Math.round(atMs - startMs) };
	}
	throw new Error('unreachable: ticks end only by the signal');
}

/** Sums by upper bound; undefined once two pods were seen with different bounds, whose sums would mean nothing. */
function createBucketSums(): { add(series: readonly SeriesIncrease[]): void; list(): readonly Bucket[] | undefined } {
	const sums = new Map<number, number>();
	const bounds = new Map<string, Set<number>>();
	return {
		add: (series) => {
			for (const { pod, labels, increase } of series) {
				const upperBound = boundOf(labels);
				sums.set(upperBound, (sums.get(upperBound) ?? 0) + increase);
				bounds.set(pod, (bounds.get(pod) ?? new Set()).add(upperBound));
			}
		},
		list: () => {
			const same = [...bounds.values()].every((own) => own.size === sums.size);
			return same ? [...sums].map(([upperBound, count]) => ({ upperBound, count })) : undefined;
		},
	};
}

function boundOf({ le }: SeriesIncrease['labels']): number {
	if (le === undefined) return Number.NaN;
	return le === '+Inf' ? Infinity : Number(le);
}
