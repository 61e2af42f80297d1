import { CronExpressionParser } from 'cron-parser';
import type { ChangeWindow } from './changeCalendarSchema';
import type { Span } from './model';

const MINUTE_MS = 60_000;
/**
 * How long before the earliest start of interest to begin. Only forwards, since cron-parser 5.10 going backwards forgets a start
 * that summer time moved and gives one of the repeated hour twice; and from well before, since beginning inside the repeated hour gives
 * that hour's start again.
 */
const RUN_UP_MS = 48 * 60 * MINUTE_MS;

/**
 * Every time the window is in force between two instants, in order; they may touch or overlap. The schedule is read on the clocks of its
 * time zone: a start that summer time skips happens that much later (02:30 becomes 03:30), one in the repeated hour happens the first
 * time only, unless the schedule starts every hour. The duration is elapsed time.
 */
export function windowSpans(window: ChangeWindow, { fromMs, untilMs }: Span): Span[] {
	const durationMs = window.durationMinutes * MINUTE_MS;
	const starts = CronExpressionParser.parse(window.schedule, {
		currentDate: new Date(fromMs - durationMs - RUN_UP_MS),
		// One minute more: a start at the very end counts.
		endDate: new Date(untilMs + MINUTE_MS),
		tz: window.timeZone,
	});
	return Array.from(starts, (start) => start.getTime())
		.map((startMs) => ({ fromMs: startMs, untilMs: startMs + durationMs }))
		.filter((span) => span.untilMs > fromMs);
}
