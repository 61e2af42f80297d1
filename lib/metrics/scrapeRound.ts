import type { Clock } from '../support/clock';
import { classifyNetworkFailure, isTlsFailure } from '../support/networkFailure';
import { RunbookError } from '../support/runbookError';
import { withTimeout } from '../support/withTimeout';
import { metricsErrors } from './errors';
import type { PodScrape, Sample, ScrapeRound, ScrapeTarget } from './model';
import { parseExposition } from './parseExposition';
import type { MetricsPage, PodScraper } from './podScraper';

export interface ScrapeOptions {
	/** For listing, and again for each scrape, in milliseconds. */
	readonly timeoutMs: number;
	/** The counters that will be counted: a page on which one of them is no count is no reading. */
	isWanted(sample: Sample): boolean;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/** Lists the pods and scrapes them side by side. @throws RunbookError METRICS.CLUSTER_REFUSED, CLUSTER_ANSWER; the signal's reason */
export async function scrapeRound(
	scraper: PodScraper,
	{ timeoutMs, isWanted, clock, signal }: ScrapeOptions,
): Promise<ScrapeRound> {
	const atMs = clock.monotonicMs();
	const bounded = (): AbortSignal => withTimeout(signal, timeoutMs);
	let targets: readonly ScrapeTarget[];
	try {
		targets = await scraper.listTargets(bounded());
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof RunbookError && !error.retryable) throw error;
		const reason = error instanceof RunbookError ? error.message : classifyNetworkFailure(error).reason;
		return { atMs, pods: [], listFailure: reason };
	}
	const pods = await Promise.all(
		targets.map(async (target) => await scrape(scraper, target, { bounded, isWanted, signal })),
	);
	return { atMs, pods };
}

async function scrape(
	scraper: PodScraper,
	target: ScrapeTarget,
	{ bounded, isWanted, signal }: { bounded: () => AbortSignal } & Pick<ScrapeOptions, 'isWanted' | 'signal'>,
): Promise<PodScrape> {
	let page: MetricsPage;
	try {
		page = await scraper.readPage(target, bounded());
	} catch (error) {
		signal.throwIfAborted();
		const failure = classifyNetworkFailure(error);
		const isAway = failure.kind === 'failed' && !isTlsFailure(failure);
		return { target, outcome: isAway ? 'unreachable' : 'gap', reason: failure.reason };
	}
	if (page.refusedByCluster) {
		throw metricsErrors.CLUSTER_REFUSED({
			action: 'read a pod’s metrics',
			status: page.status,
			verb: 'get pods/proxy',
			namespace: 'of the pods',
		});
	}
	return readPage(target, page, isWanted);
}

function readPage(
	target: ScrapeTarget,
	{ status, contentType, body }: MetricsPage,
	isWanted: ScrapeOptions['isWanted'],
): PodScrape {
	if (status >= 500) return { target, outcome: 'unreachable', reason: `HTTP ${status}` };
	if (status !== 200) return { target, outcome: 'unreadable', reason: `HTTP ${status}` };
	if (body === undefined) return { target, outcome: 'unreadable', reason: 'the metrics page is larger than 8 MiB' };
	if (contentType === 'text/html')
		return { target, outcome: 'unreadable', reason: 'an HTML page where metrics were expected' };
	try {
		const samples = parseExposition(body);
		// Left out, NaN would look like no errors now and like a burst of them when the number is back.
		const wrong = samples.find((sample) => isWanted(sample) && !(sample.value >= 0 && sample.value < Infinity));
		return wrong
			? { target, outcome: 'unreadable', reason: `the counter ${wrong.name} is ${wrong.value}` }
			: { target, outcome: 'read', samples };
	} catch (error) {
		if (!(error instanceof RunbookError)) throw error;
		return { target, outcome: 'unreadable', reason: error.message };
	}
}
