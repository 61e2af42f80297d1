/** The signal, or a TimeoutError after `timeoutMs`, whichever comes first. Fractions are rounded up: Node's timers take whole milliseconds only. */
export function withTimeout(signal: AbortSignal, timeoutMs: number): AbortSignal {
	return AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(timeoutMs))]);
}
