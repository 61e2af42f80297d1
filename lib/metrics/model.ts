/**
 * Glossary. A *scrape* reads one pod's metrics page. A *round* is one scrape of every pod. A *series* is one metric name with
 * one set of labels. The *increase* of a counter is what it rose by between two rounds, restarts taken into account.
 */
export interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	/** May be NaN or infinite. */
	readonly value: number;
}

/** A pod, or a URL that stands for one. */
export interface ScrapeTarget {
	/** Changes when the pod is replaced, even under the same name. */
	readonly id: string;
	readonly name: string;
	/** Container port where the pod declares the wanted one by name; absent for a URL and for the first declared port. */
	readonly port?: number;
}

/**
 * `read`: samples came. `unreachable`: the target refused, timed out or said 5xx. `unreadable`: it answered something that is
 * not metrics, or too large. `gap`: we could not ask.
 */
export type PodScrape =
	| { readonly target: ScrapeTarget; readonly outcome: 'read'; readonly samples: readonly Sample[] }
	| {
			readonly target: ScrapeTarget;
			readonly outcome: 'unreachable' | 'unreadable' | 'gap';
			readonly reason: string;
	  };

export interface ScrapeRound {
	/** Monotonic time at which it began, in milliseconds. */
	readonly atMs: number;
	/** Empty when there is no pod, or when they could not be listed. */
	readonly pods: readonly PodScrape[];
	/** Why the pods could not be listed; absent when they were. */
	readonly listFailure?: string;
}

/** How far a number is from fine, by the policy. `above-pass`: no longer fine, not yet a warning. */
export type Level = 'pass' | 'above-pass' | 'warning' | 'critical' | 'rollback' | 'unknown';

/** One pod's part of the measurement. */
export interface PodReport {
	readonly pod: string;
	/** How many times it was read, and why it was not the last time it was not; empty when it always was. */
	readonly scrapes: number;
	readonly failure: string;
	readonly requests: number;
	/** Absent where only durations are measured. */
	readonly errors?: number;
}
