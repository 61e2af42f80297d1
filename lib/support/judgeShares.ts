import type { HeldSample } from './heldFor';

/** What one look counted: how many there were, and how many of them were bad. */
export interface ShareSample {
	/** Monotonic time of the look, in milliseconds. */
	readonly atMs: number;
	/** `unavailable`: nothing answered, which is as bad as it gets. `gap`: the look could not be made, or says nothing. */
	readonly state: 'measured' | 'unavailable' | 'gap';
	readonly total: number;
	readonly bad: number;
	/** True where not all was counted: what was can be bad, and is never known to be calm. Absent: all was. */
	readonly partial?: boolean;
}

export interface ShareLimit {
	/** A larger share than this is a breach, 0 to 1. */
	readonly above: number;
	/** Fewer than that many in all say nothing. */
	readonly minimumTotal: number;
	/** Where one look counted too few, at most so many looks are added up, itself among them. */
	readonly span: number;
}

/**
 * What each look says about the limit. One that counted nothing is a gap, however bad the ones before were; one that counted too few
 * borrows from those before it.
 */
export function judgeShares(samples: readonly ShareSample[], limit: ShareLimit): HeldSample[] {
	return samples.map((_, index) => judgeLatest(samples.slice(Math.max(0, index + 1 - limit.span), index + 1), limit));
}

function judgeLatest(samples: readonly ShareSample[], { above, minimumTotal }: ShareLimit): HeldSample {
	const latest = samples.at(-1);
	const atMs = latest?.atMs ?? 0;
	if (latest?.state === 'unavailable') return { atMs, outcome: 'breached' };
	if (latest?.state !== 'measured' || latest.total === 0) return { atMs, outcome: 'gap' };
	let total = 0;
	let bad = 0;
	for (const sample of samples.toReversed()) {
		if (sample.state !== 'measured') continue;
		total += sample.total;
		bad += sample.bad;
		if (total < minimumTotal) continue;
		if (bad / total > above) return { atMs, outcome: 'breached' };
		return { atMs, outcome: latest.partial === true ? 'gap' : 'clear' };
	}
	return { atMs, outcome: 'gap' };
}
