/** Response times in milliseconds; percentiles by nearest rank, null without a single time. */
export interface Percentiles {
	readonly p50Ms: number | null;
	readonly p95Ms: number | null;
	readonly p99Ms: number | null;
	readonly maximumMs: number | null;
}

/** The percentiles of measured times: each is one that was measured, nothing is interpolated. */
export function summarizeTimes(timesMs: readonly number[]): Percentiles {
	const sorted = [...timesMs].sort((a, b) => a - b);
	const at = (quantile: number): number | null =>
		sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? null;
	return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maximumMs: sorted.at(-1) ?? null };
}
