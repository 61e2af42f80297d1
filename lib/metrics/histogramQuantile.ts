/** One bucket: how many observations were at most `upperBound`. */
export interface Bucket {
	/** Infinity for the last one. */
	readonly upperBound: number;
	readonly count: number;
}

/** `atLeast`: the quantile lies above the highest finite bucket, only that much is known of it. */
export type Quantile =
	{ readonly kind: 'value' | 'atLeast'; readonly value: number } | { readonly kind: 'none'; readonly reason: string };

/**
 * Prometheus' histogram_quantile over cumulative buckets: linear within the bucket, from 0 in the first one. Counts that fall
 * are lifted to the one before (scrapes are not atomic). Without an infinite bucket or without observations there is none.
 */
export function histogramQuantile(quantile: number, buckets: readonly Bucket[]): Quantile {
	const sorted = [...buckets].sort((a, b) => a.upperBound - b.upperBound);
	if (sorted.at(-1)?.upperBound !== Infinity || sorted.length < 2)
		return { kind: 'none', reason: 'the histogram has no +Inf bucket or no other' };
	const rising = makeRising(sorted);
	const total = rising.at(-1)?.count ?? 0;
	if (!(total > 0)) return { kind: 'none', reason: 'nothing was observed' };
	const rank = quantile * total;
	const index = rising.findIndex(({ count }) => count >= rank);
	const bucket = rising[index];
	const below = rising[index - 1];
	if (bucket === undefined || bucket.upperBound === Infinity)
		return { kind: 'atLeast', value: rising.at(-2)?.upperBound ?? 0 };
	if (below === undefined && bucket.upperBound <= 0) return { kind: 'value', value: bucket.upperBound };
	const lower = below?.upperBound ?? 0;
	const inBucket = bucket.count - (below?.count ?? 0);
	return { kind: 'value', value: lower + (bucket.upperBound - lower) * ((rank - (below?.count ?? 0)) / inBucket) };
}

function makeRising(buckets: readonly Bucket[]): Bucket[] {
	let highest = 0;
	return buckets.map(({ upperBound, count }) => {
		highest = Math.max(highest, count);
		return { upperBound, count: highest };
	});
}
