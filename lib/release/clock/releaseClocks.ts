import { assessClock, type ClockAssessment, type ClockFacts } from './assessClock';
import { type ClockBudgets, DEFAULT_CLOCK_BUDGETS } from './clockBudgets';

export interface ReleaseTimes {
	/** The phases that were entered, in order. */
	readonly phases: ReadonlyArray<{
		/** E.g. `phase-1-pre-deployment`; the clock carries the same name. */
		readonly name: string;
		readonly budgetMs: number;
		readonly startedAt: Date;
		readonly finishedAt: Date | null;
	}>;
	/** Waits for a person at an approval gate, in any order; they may overlap each other and several phases. */
	readonly waits: ReadonlyArray<{
		readonly from: Date;
		/** Null while it waits. */
		readonly until: Date | null;
	}>;
	/** Null when nothing called for one. */
	readonly rollback: {
		/** When the breach or failure was first recorded. */
		readonly triggeredAt: Date;
		/** Null while nobody started it. */
		readonly startedAt: Date | null;
		/** When the old version served again; null before. */
		readonly finishedAt: Date | null;
	} | null;
}

const MINUTE_MS = 60_000;

/**
 * Every clock of a release: one for each phase, without the time in which it waited for a person; and, once something called for a
 * rollback, `rollback-start` (until it starts), `rollback` (from there to its end) and `time-to-restore` (from the trigger to its end).
 * Waits stop none of the latter, since users wait as well.
 */
export function releaseClocks(
	{ phases, waits, rollback }: ReleaseTimes,
	now: Date,
	budgets: ClockBudgets = DEFAULT_CLOCK_BUDGETS,
): ClockAssessment[] {
	const paused = phases.map((phase) => ({ ...phase, pausedMs: waitedMs(phase, waits, now) }));
	const clocks = [...paused, ...(rollback ? rollbackClocks(rollback, budgets) : [])];
	return clocks.map((clock) => assessClock(clock, now, budgets));
}

function rollbackClocks(
	{ triggeredAt, startedAt, finishedAt }: NonNullable<ReleaseTimes['rollback']>,
	budgets: ClockBudgets,
): ClockFacts[] {
	const clock = (name: string, minutes: number, from: Date, until: Date | null): ClockFacts => ({
		name,
		budgetMs: minutes * MINUTE_MS,
		startedAt: from,
		finishedAt: until,
		pausedMs: 0,
	});
	return [
		clock('rollback-start', budgets.rollbackStartMinutes, triggeredAt, startedAt),
		...(startedAt ? [clock('rollback', budgets.rollbackMinutes, startedAt, finishedAt)] : []),
		clock('time-to-restore', budgets.restoreMinutes, triggeredAt, finishedAt),
	];
}

/** How much of a phase was spent waiting; time in which two waits overlap counts once. */
function waitedMs(phase: ReleaseTimes['phases'][number], waits: ReleaseTimes['waits'], now: Date): number {
	const endMs = (phase.finishedAt ?? now).getTime();
	let countedToMs = phase.startedAt.getTime();
	let sumMs = 0;
	for (const { from, until } of waits.toSorted((one, other) => one.from.getTime() - other.from.getTime())) {
		const fromMs = Math.max(from.getTime(), countedToMs);
		const untilMs = Math.min((until ?? now).getTime(), endMs);
		if (untilMs <= fromMs) continue;
		sumMs += untilMs - fromMs;
		countedToMs = untilMs;
	}
	return sumMs;
}
