import type { Clock } from './clock';

/**
 * Monotonic times at which to look, the first one now, then every `intervalMs` on one grid. A look that takes longer than
 * the interval skips the times it missed, so looks never overlap and the skipped ones show as a gap. Ends only by `break` or
 * with the signal's reason.
 */
export async function* ticks(
	clock: Clock,
	{ intervalMs, signal }: { intervalMs: number; signal: AbortSignal },
): AsyncGenerator<number> {
	const startMs = clock.monotonicMs();
	for (;;) {
		signal.throwIfAborted();
		yield clock.monotonicMs();
		const slot = Math.floor((clock.monotonicMs() - startMs) / intervalMs) + 1;
		await clock.sleep(Math.max(0, startMs + slot * intervalMs - clock.monotonicMs()), signal);
	}
}
