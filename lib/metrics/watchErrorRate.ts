import type { Clock } from '../support/clock';
import { ticks } from '../support/ticks';
import type { Verdict } from '../support/verdict';
import { assessErrorRate, type ErrorRateAssessment, type ErrorRateSample } from './assessErrorRate';
import { assessRound } from './assessRound';
import { createCounterIncreases } from './counterIncreases';
import type { PodReport, Sample } from './model';
import type { SeriesFilter } from './parseMatchers';
import { createPodReports } from './podReports';
import type { PodScraper } from './podScraper';
import type { ThresholdPolicy } from './policy';
import { scrapeRound } from './scrapeRound';

export interface WatchErrorRateOptions {
	readonly policy: ThresholdPolicy;
	/** The counter of all requests, e.g. `http_requests_total`. */
	readonly metric: string;
	/** Which of its series count at all, and which of those are errors. */
	readonly isCounted: SeriesFilter;
	readonly isError: SeriesFilter;
	/** Per scrape, in milliseconds; never longer than the sampling interval. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

export interface WatchedErrorRate extends ErrorRateAssessment {
	readonly verdict: Verdict;
	readonly pods: readonly PodReport[];
	/** How long was watched, in milliseconds. */
	readonly watchedMs: number;
	/** What each reading found, in order. */
	readonly readings: readonly ErrorRateSample[];
}

/** Scrapes every pod at the policy's interval until the error rate can be judged. @throws RunbookError METRICS.CLUSTER_REFUSED, CLUSTER_ANSWER; the signal's reason */
export async function watchErrorRate(scraper: PodScraper, options: WatchErrorRateOptions): Promise<WatchedErrorRate> {
	const { policy, metric, isCounted, isError, clock, signal } = options;
	const intervalMs = policy.sampling.intervalSeconds * 1000;
	const isWanted = ({ name, labels }: Sample): boolean => name === metric && isCounted(labels);
	const increases = createCounterIncreases(isWanted);
	const pods = createPodReports({ withErrors: true });
	const samples: ErrorRateSample[] = [];
	for await (const atMs of ticks(clock, { intervalMs, signal })) {
		const timeoutMs = Math.min(options.timeoutMs, intervalMs);
		const round = await scrapeRound(scraper, { timeoutMs, isWanted, clock, signal });
		const { comparable, series, lost } = increases.add(round);
		const failed = series.filter(({ labels }) => isError(labels));
		pods.add(round, series, failed);
		samples.push({
			atMs,
			round: assessRound(round, lost),
			comparable,
			requests: total(series),
			errors: total(failed),
		});
		const { verdict, ...assessment } = assessErrorRate(samples, policy);
		if (verdict === undefined) continue;
		const watchedMs = Math.round(atMs - (samples[0]?.atMs ?? atMs));
		return { ...assessment, verdict, pods: pods.list(), watchedMs, readings: samples };
	}
	throw new Error('unreachable: ticks end only by the signal');
}

function total(series: ReadonlyArray<{ readonly increase: number }>): number {
	return series.reduce((sum, { increase }) => sum + increase, 0);
}
