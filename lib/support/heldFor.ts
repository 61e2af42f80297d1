/** One look at the world. `gap` = the look itself could not be made: it neither counts for nor against. */
export interface HeldSample {
	/** Monotonic time of the look, in milliseconds. */
	readonly atMs: number;
	readonly outcome: 'breached' | 'clear' | 'gap';
}

/** When a breach counts as held. */
export interface HeldForRule {
	/** How long every sample must have been breached, in milliseconds. */
	readonly heldForMs: number;
	/** Time between two samples, in milliseconds. */
	readonly intervalMs: number;
	/** Least number of breached samples. */
	readonly minimumSamples: number;
}

export interface HeldFor {
	/**
	 * `held`: the breach stands. `pending`: breached, but not for long enough yet. `interrupted`: too long a gap, nothing can be
	 * said. `clear`: the latest measured sample was fine. `unknown`: nothing was measured yet.
	 */
	readonly state: 'held' | 'pending' | 'interrupted' | 'clear' | 'unknown';
	/** From the first to the latest sample of the present unbroken breach, in milliseconds; 0 when there is none. */
	readonly forMs: number;
	/** Breached samples in it. */
	readonly samples: number;
}

/** More than two intervals without a measured sample is a gap: one missed look is tolerated, two are not. */
const GAP_INTERVALS = 2;
/** Timers fire late on a busy machine; without this one missed look would already count as two. In intervals. */
const TIMER_TOLERANCE = 0.1;

interface Streak {
	readonly firstMs: number;
	readonly lastMs: number;
	readonly samples: number;
}

/**
 * Judges whether a breach has been held: every measured sample breached from the first to the latest, at least so many of
 * them, no gap longer than two intervals. A gap starts the count again and clears nothing. A clock that goes back is a gap.
 */
export function assessHeldFor(samples: readonly HeldSample[], rule: HeldForRule): HeldFor {
	let streak: Streak | undefined;
	let interrupted = false;
	let measured = false;
	for (const { atMs, outcome } of samples) {
		if (outcome === 'gap') continue;
		measured = true;
		const broken = streak !== undefined && isGap(streak.lastMs, atMs, rule);
		interrupted = outcome === 'breached' && (interrupted || broken);
		if (outcome === 'clear') streak = undefined;
		else if (streak === undefined || broken) streak = { firstMs: atMs, lastMs: atMs, samples: 1 };
		else streak = { ...streak, lastMs: atMs, samples: streak.samples + 1 };
	}
	const latestMs = samples.at(-1)?.atMs;
	if (streak === undefined) return { state: measured ? 'clear' : 'unknown', forMs: 0, samples: 0 };
	const found = { forMs: streak.lastMs - streak.firstMs, samples: streak.samples };
	if (latestMs !== undefined && isGap(streak.lastMs, latestMs, rule)) return { state: 'interrupted', ...found };
	if (found.forMs >= rule.heldForMs && found.samples >= rule.minimumSamples) return { state: 'held', ...found };
	return { state: interrupted ? 'interrupted' : 'pending', ...found };
}

/** True when two measured samples, in milliseconds, are too far apart for anything to be said of the time between. A clock that goes back is a gap. */
export function isGap(fromMs: number, toMs: number, { intervalMs }: HeldForRule): boolean {
	return toMs < fromMs || toMs - fromMs > (GAP_INTERVALS + TIMER_TOLERANCE) * intervalMs;
}
