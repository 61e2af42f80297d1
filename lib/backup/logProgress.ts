import type { BackupRun } from './model';

/** Often enough to see that a long dump lives, seldom enough not to fill a log. */
const PROGRESS_INTERVAL_MS = 10_000;

/** Adds up what it is given and logs the sum, at most every ten seconds. */
export function logProgress(
	{ clock, log }: Pick<BackupRun, 'clock' | 'log'>,
	describe: (total: number) => string,
): (amount: number) => void {
	let total = 0;
	let loggedAt = clock.monotonicMs();
	return (amount) => {
		total += amount;
		if (clock.monotonicMs() - loggedAt < PROGRESS_INTERVAL_MS) return;
		loggedAt = clock.monotonicMs();
		log(describe(total));
	};
}

/** `12.3 MB`, decimal megabytes. */
export function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(1)} MB`;
}
