/** The text of an abort's reason. */
export function describeAbort(reason: unknown): string {
	const message = (reason as { message?: unknown } | null | undefined)?.message;
	return typeof message === 'string' && message !== '' ? message : String(reason);
}
