/** The moment as the API writes it: RFC 3339, UTC, whole seconds. */
export function timestamp(atMs: number = Date.now()): string {
	return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** Milliseconds since the epoch of a wire timestamp; NaN when it is absent. */
export function timestampMs(text: string | undefined): number {
	return text === undefined ? Number.NaN : Date.parse(text);
}
