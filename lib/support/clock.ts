import { setTimeout as delay } from 'node:timers/promises';

/** Time, injected so that tests decide it. */
export interface Clock {
	/** Wall-clock time, for records. */
	now(): Date;
	/** Milliseconds of a clock that never goes back, for durations and windows; on Linux CLOCK_MONOTONIC. */
	monotonicMs(): number;
	/** Resolves after `durationMs`; rejects with the signal's reason when it is aborted first. */
	sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: () => new Date(),
	monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
	sleep: async (durationMs, signal) => {
		await delay(durationMs, undefined, signal ? { signal } : {});
	},
};
