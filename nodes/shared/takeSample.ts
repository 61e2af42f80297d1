import type { Sample } from '../../lib/release/model';
import { bootId } from '../../lib/support/bootId';
import type { Clock } from '../../lib/support/clock';

/** A measurement as the ledger keeps it. `atMs` is the clock's monotonic time of it; absent: now. */
export function takeSample(
	clock: Clock,
	{
		atMs = clock.monotonicMs(),
		...measured
	}: Pick<Sample, 'metric' | 'target' | 'value' | 'problem'> & { atMs?: number },
): Sample {
	const takenAt = new Date(clock.now().getTime() - (clock.monotonicMs() - atMs)).toISOString();
	return { ...measured, takenAt, monotonicMs: atMs, bootId: bootId() };
}
