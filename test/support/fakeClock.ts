import type { Clock } from '../../lib/support/clock';

/** A clock that only moves when somebody sleeps on it or `advance` is called; `slept` lists the pauses in milliseconds. */
export interface FakeClock extends Clock {
	readonly slept: number[];
	advance(durationMs: number): void;
}

export function createFakeClock(startedAt = new Date('2026-11-23T20:00:00Z')): FakeClock {
	let elapsedMs = 0;
	const slept: number[] = [];
	return {
		slept,
		now: () => new Date(startedAt.getTime() + elapsedMs),
		monotonicMs: () => elapsedMs,
		advance: (durationMs) => void (elapsedMs += durationMs),
		sleep: async (durationMs, signal) => {
			signal?.throwIfAborted();
			slept.push(durationMs);
			elapsedMs += durationMs;
			// Lets sockets and timers of the real world move on.
			await new Promise((resolve) => setImmediate(resolve));
		},
	};
}
