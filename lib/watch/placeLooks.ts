import type { Instant } from '../release/watchStore';

/** Longer than any gap that is tolerated, in intervals: what elapsed is not known. */
const UNKNOWN_INTERVALS = 3;
/** By so much the two clocks may differ before the longer one counts, in intervals: a write to the ledger may be slow. */
const DISAGREEMENT_INTERVALS = 2;

/**
 * Puts looks on one line of time, in milliseconds from the first. Within one boot of one host the monotonic clock decides: the wall
 * clock may jump. Between boots or hosts only the ledger's time can tell. A clock that went back, or a host that slept (its
 * monotonic clock stood still, the ledger's went on), makes a gap.
 */
export function placeLooks(looks: readonly Instant[], intervalMs: number): number[] {
	let atMs = 0;
	return looks.map((look, index) => {
		const before = looks[index - 1];
		if (before) atMs += elapsedMs(before, look, intervalMs);
		return atMs;
	});
}

function elapsedMs(before: Instant, after: Instant, intervalMs: number): number {
	const ledgerMs = after.recordedAtMs - before.recordedAtMs;
	const unknownMs = UNKNOWN_INTERVALS * intervalMs;
	if (before.bootId === '' || before.bootId !== after.bootId) return ledgerMs < 0 ? unknownMs : ledgerMs;
	const monotonicMs = after.monotonicMs - before.monotonicMs;
	if (monotonicMs < 0) return unknownMs;
	return ledgerMs - monotonicMs > DISAGREEMENT_INTERVALS * intervalMs ? ledgerMs : monotonicMs;
}
