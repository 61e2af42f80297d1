/** The text of whatever was thrown or given as the reason of an abort. */
export function describeReason(reason: unknown): string {
	const message = (reason as { message?: unknown } | null | undefined)?.message;
	return typeof message === 'string' && message !== '' ? message : String(reason);
}

/** True when an abort came from `AbortSignal.timeout`, not from a person. */
export function isTimeout(reason: unknown): boolean {
	return (reason as { name?: unknown } | null | undefined)?.name === 'TimeoutError';
}
