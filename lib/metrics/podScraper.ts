import type { ScrapeTarget } from './model';

/** What came back from a metrics page. */
export interface MetricsPage {
	readonly status: number;
	/** Media type without parameters, lower case; empty when none was named. */
	readonly contentType: string;
	/** Undefined when it was larger than the cap. */
	readonly body: string | undefined;
	/** True when the answer is the cluster's own refusal, not the pod's. */
	readonly refusedByCluster: boolean;
}

/** Reaches the pods that are measured; each way of reaching them is one implementation. */
export interface PodScraper {
	/** What is measured, for people: `pods app=backend in production`. */
	readonly description: string;
	/** The pods that run now. @throws RunbookError METRICS.CLUSTER_REFUSED, CLUSTER_ANSWER, CLUSTER_UNAVAILABLE, PARAMETER.INVALID; the network's error */
	listTargets(signal: AbortSignal): Promise<readonly ScrapeTarget[]>;
	/** One metrics page. @throws the network's error, the signal's reason */
	readPage(target: ScrapeTarget, signal: AbortSignal): Promise<MetricsPage>;
	close(): Promise<void>;
}

/** A page larger than this has a label explosion; parsing it would stop n8n. */
export const MAXIMUM_PAGE_BYTES = 8 * 1024 * 1024;

/** The text format that the parser reads; without asking for it some targets answer OpenMetrics or protobuf. */
export const ACCEPT_TEXT_FORMAT = 'text/plain;version=0.0.4;q=1,*/*;q=0.1';
