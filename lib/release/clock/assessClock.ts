import type { Verdict } from '../../support/verdict';

export interface ClockFacts {
	readonly name: string;
	readonly budgetMs: number;
	readonly startedAt: Date;
	/** Null while it runs. */
	readonly finishedAt: Date | null;
	/** Part of that time that does not count, such as waiting for a person at an approval gate. */
	readonly pausedMs: number;
}

/** `warning`: the share at which it warns is used up. `over`: the whole budget is. */
export type ClockStanding = 'in-time' | 'warning' | 'over';

export interface ClockAssessment {
	readonly name: string;
	readonly budgetMs: number;
	/** Time that counts; never negative. */
	readonly elapsedMs: number;
	/** Elapsed time as a share of the budget: 0.8 is 80 %, above 1 is over it. */
	readonly share: number;
	readonly standing: ClockStanding;
	/** Null while it runs and can still end in time. Inconclusive when it ended before it began: the clock went back. */
	readonly verdict: Verdict | null;
}

/** Share of a budget from which on a clock warns, unless configured otherwise. */
export const WARN_AT = 0.8;

/**
 * How a clock stands against its budget. The budget's last instant is over it already ("under 5 minutes" does not hold 5 minutes).
 * A clock that went back counts nothing.
 */
export function assessClock(
	{ name, budgetMs, startedAt, finishedAt, pausedMs }: ClockFacts,
	now: Date,
	{ warnAt = WARN_AT }: { readonly warnAt?: number } = {},
): ClockAssessment {
	const lastedMs = (finishedAt ?? now).getTime() - startedAt.getTime();
	const elapsedMs = Math.max(0, lastedMs - Math.max(0, pausedMs));
	const share = elapsedMs / budgetMs;
	const standing = share >= 1 ? 'over' : share >= warnAt ? 'warning' : 'in-time';
	return { name, budgetMs, elapsedMs, share, standing, verdict: judge() };

	function judge(): Verdict | null {
		if (standing === 'over') return 'failed';
		if (finishedAt === null) return null;
		return lastedMs < 0 ? 'inconclusive' : 'passed';
	}
}
