import type { PodReport, ScrapeRound } from './model';
import type { SeriesIncrease } from './counterIncreases';

interface Counts {
	scrapes: number;
	failure: string;
	requests: number;
	errors: number;
}

/** Adds up, pod by pod, what the rounds brought. */
export interface PodReports {
	add(round: ScrapeRound, requests: readonly SeriesIncrease[], errors?: readonly SeriesIncrease[]): void;
	/** In the order in which the pods appeared. `errors` only where they were counted. */
	list(): readonly PodReport[];
}

export function createPodReports({ withErrors }: { withErrors: boolean }): PodReports {
	const pods = new Map<string, Counts>();
	const countsOf = (pod: string): Counts => {
		const counts = pods.get(pod) ?? { scrapes: 0, failure: '', requests: 0, errors: 0 };
		pods.set(pod, counts);
		return counts;
	};
	return {
		add: (round, requests, errors = []) => {
			for (const pod of round.pods) {
				const counts = countsOf(pod.target.name);
				if (pod.outcome === 'read') counts.scrapes += 1;
				else counts.failure = pod.reason;
			}
			for (const { pod, increase } of requests) countsOf(pod).requests += increase;
			for (const { pod, increase } of errors) countsOf(pod).errors += increase;
		},
		list: () =>
			[...pods].map(([pod, { scrapes, failure, requests, errors }]) => ({
				pod,
				scrapes,
				failure,
				requests,
				...(withErrors ? { errors } : {}),
			})),
	};
}
