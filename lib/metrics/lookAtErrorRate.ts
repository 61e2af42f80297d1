import type { Clock } from '../support/clock';
import { assessRound, type RoundState } from './assessRound';
import { createCounterIncreases, type CounterReadings } from './counterIncreases';
import type { Sample } from './model';
import type { SeriesFilter } from './parseMatchers';
import type { PodScraper } from './podScraper';
import { scrapeRound } from './scrapeRound';

export interface LookAtErrorRateOptions {
	/** The counter of all requests, e.g. `http_requests_total`. */
	readonly metric: string;
	readonly isCounted: SeriesFilter;
	readonly isError: SeriesFilter;
	/** What the counters stood at when somebody looked before; undefined: this look is where counting begins. */
	readonly earlier: CounterReadings | undefined;
	/** Per scrape, in milliseconds. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

export interface ErrorRateLook {
	readonly round: RoundState;
	/** False where counting begins. */
	readonly comparable: boolean;
	readonly requests: number;
	readonly errors: number;
	/** To go on from; undefined when the pods could not be listed: the earlier ones stay. */
	readonly readings: CounterReadings | undefined;
}

/** Scrapes every pod once and counts from where the look before left off. @throws RunbookError METRICS.CLUSTER_REFUSED, CLUSTER_ANSWER; the signal's reason */
export async function lookAtErrorRate(scraper: PodScraper, options: LookAtErrorRateOptions): Promise<ErrorRateLook> {
	const { metric, isCounted, isError, earlier, ...scrape } = options;
	const isWanted = ({ name, labels }: Sample): boolean => name === metric && isCounted(labels);
	const increases = createCounterIncreases(isWanted, earlier);
	const round = await scrapeRound(scraper, { ...scrape, isWanted });
	const { comparable, series, lost } = increases.add(round);
	const total = (wanted: SeriesFilter): number =>
		series.reduce((sum, { labels, increase }) => (wanted(labels) ? sum + increase : sum), 0);
	return {
		round: assessRound(round, lost),
		comparable,
		requests: total(() => true),
		errors: total(isError),
		readings: round.listFailure === undefined ? increases.readings() : undefined,
	};
}
