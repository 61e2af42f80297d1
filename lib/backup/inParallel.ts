/**
 * Runs `act` on every entry, at most `limit` at once and begun in the order given; results are in that order too. The first failure aborts
 * the signal of those that run and keeps the others from beginning; it is rethrown once all that were begun have ended, so that nothing
 * runs on behind the caller's back.
 */
export async function inParallel<Entry, Result>(
	entries: readonly Entry[],
	{ limit, signal }: { limit: number; signal: AbortSignal },
	act: (entry: Entry, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
	const failed = new AbortController();
	const running = AbortSignal.any([signal, failed.signal]);
	const results = new Map<number, Result>();
	// Shared: each worker takes the next entry that nobody has.
	const waiting = entries.entries();
	const work = async (): Promise<void> => {
		for (const [index, entry] of waiting) {
			if (running.aborted) return;
			try {
				results.set(index, await act(entry, running));
			} catch (error) {
				failed.abort(error);
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(limit, entries.length) }, work));
	failed.signal.throwIfAborted();
	signal.throwIfAborted();
	return [...results.entries()].sort(([left], [right]) => left - right).map(([, result]) => result);
}
