import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';

const POLL_MS = 500;

/**
 * Reads again while the API cannot be reached, until the time is over: what was written has to be judged, and one lost answer says nothing
 * about it. @throws what the last try threw; the signal's reason when aborted
 */
export async function readPatiently<T>(
	read: () => Promise<T>,
	{ timeoutMs, clock, signal }: { timeoutMs: number; clock: Clock; signal: AbortSignal },
): Promise<T> {
	const startedAt = clock.monotonicMs();
	for (;;) {
		try {
			return await read();
		} catch (error) {
			const unreached = error instanceof RunbookError && error.code === 'ROLLOUT.UNREACHABLE';
			if (!unreached || clock.monotonicMs() - startedAt >= timeoutMs) throw error;
		}
		await clock.sleep(POLL_MS, signal);
	}
}
