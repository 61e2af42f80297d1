import { assessClock, type ClockAssessment } from '../../../../lib/release/clock/assessClock';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-11-23T20:00:00Z');

/** Minutes after the start; null for "not yet". */
function at(minutes: number): Date {
	return new Date(START + minutes * MINUTE_MS);
}

interface Row {
	readonly finished: number | null;
	readonly now: number;
	readonly pausedMinutes?: number;
	readonly warnAt?: number;
}
type Expected = readonly [minutes: number, standing: ClockAssessment['standing'], verdict: ClockAssessment['verdict']];

it.each<[string, Row, Expected]>([
	['just begun', { finished: null, now: 0 }, [0, 'in-time', null]],
	['running, in time', { finished: null, now: 7.99 }, [7.99, 'in-time', null]],
	['running, at 80 %', { finished: null, now: 8 }, [8, 'warning', null]],
	['running, the budget about to end', { finished: null, now: 9.999 }, [9.999, 'warning', null]],
	['running, the budget used up', { finished: null, now: 10 }, [10, 'over', 'failed']],
	['running, long over', { finished: null, now: 600 }, [600, 'over', 'failed']],
	['ended in time, however late it is now', { finished: 3, now: 600 }, [3, 'in-time', 'passed']],
	['ended late, yet in time', { finished: 9, now: 20 }, [9, 'warning', 'passed']],
	['ended at the last instant', { finished: 10, now: 20 }, [10, 'over', 'failed']],
	['ended too late', { finished: 11, now: 20 }, [11, 'over', 'failed']],
	['ended at once', { finished: 0, now: 20 }, [0, 'in-time', 'passed']],
	['a pause does not count', { finished: 30, now: 40, pausedMinutes: 25 }, [5, 'in-time', 'passed']],
	['a pause under way does not count', { finished: null, now: 30, pausedMinutes: 22 }, [8, 'warning', null]],
	['a pause longer than the time itself', { finished: 3, now: 20, pausedMinutes: 9 }, [0, 'in-time', 'passed']],
	['a negative pause adds nothing', { finished: 3, now: 20, pausedMinutes: -9 }, [3, 'in-time', 'passed']],
	['ended before it began', { finished: -1, now: 20 }, [0, 'in-time', 'inconclusive']],
	['now is before it began', { finished: null, now: -5 }, [0, 'in-time', null]],
	['another share to warn at', { finished: null, now: 5, warnAt: 0.5 }, [5, 'warning', null]],
	['never warned', { finished: null, now: 9.9, warnAt: 1 }, [9.9, 'in-time', null]],
])('%s', (_, { finished, now, pausedMinutes = 0, warnAt }, [minutes, standing, verdict]) => {
	const budgetMs = 10 * MINUTE_MS;
	const clock = {
		name: 'phase-2-migration',
		budgetMs,
		startedAt: at(0),
		finishedAt: finished === null ? null : at(finished),
		pausedMs: pausedMinutes * MINUTE_MS,
	};
	expect(assessClock(clock, at(now), warnAt === undefined ? {} : { warnAt })).toEqual({
		name: 'phase-2-migration',
		budgetMs,
		elapsedMs: Math.round(minutes * MINUTE_MS),
		share: Math.round(minutes * MINUTE_MS) / budgetMs,
		standing,
		verdict,
	});
});
