/** First pause, and the longest, in milliseconds. The pager asks for pauses that grow to minutes. */
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/** True for answers that may change by waiting: throttled, or the pager's own failure. */
export function isRetryableStatus(status: number): boolean {
	return status === 429 || status >= 500;
}

/** How long to wait before the next attempt: what the pager asks for, else doubling. Milliseconds. `retryAfter` may be empty. */
export function retryDelayMs(attempt: number, { retryAfter, now }: { retryAfter: string; now: Date }): number {
	const growing = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
	if (/^\d+$/.test(retryAfter)) return Math.max(Number(retryAfter) * 1000, FIRST_DELAY_MS);
	const date = retryAfter === '' ? Number.NaN : Date.parse(retryAfter);
	return Number.isNaN(date) ? growing : Math.max(date - now.getTime(), FIRST_DELAY_MS);
}
