import { windowSpans } from '../../../../lib/release/calendar/windowSpans';
import type { ChangeWindow } from '../../../../lib/release/calendar/changeCalendarSchema';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function windowOf(schedule: string, durationMinutes: number, timeZone = 'Europe/Berlin'): ChangeWindow {
	return { name: 'window', kind: 'deny', schedule, durationMinutes, timeZone };
}

function spansBetween(window: ChangeWindow, from: string, until: string): string[] {
	return windowSpans(window, { fromMs: Date.parse(from), untilMs: Date.parse(until) }).map((span) =>
		[span.fromMs, span.untilMs].map((ms) => new Date(ms).toISOString().slice(0, 16)).join('/'),
	);
}

it.each<[string, ChangeWindow, string, string, string[]]>([
	[
		'the start that summer time skips comes an hour later, and is not forgotten',
		windowOf('30 2 * * *', 60),
		'2026-03-28T12:00Z',
		'2026-03-30T12:00Z',
		['2026-03-29T01:30/2026-03-29T02:30', '2026-03-30T00:30/2026-03-30T01:30'],
	],
	[
		'an evening keeps its place on the clock when summer time begins',
		windowOf('0 20 * * *', 60),
		'2026-03-28T12:00Z',
		'2026-03-29T23:00Z',
		['2026-03-28T19:00/2026-03-28T20:00', '2026-03-29T18:00/2026-03-29T19:00'],
	],
	[
		'a start in the repeated hour comes once, the first time',
		windowOf('30 2 * * *', 30),
		'2026-10-24T12:00Z',
		'2026-10-26T12:00Z',
		['2026-10-25T00:30/2026-10-25T01:00', '2026-10-26T01:30/2026-10-26T02:00'],
	],
	[
		'an hourly start comes in both of the repeated hours',
		windowOf('30 * * * *', 10),
		'2026-10-25T00:00Z',
		'2026-10-25T02:15Z',
		['2026-10-25T00:30/2026-10-25T00:40', '2026-10-25T01:30/2026-10-25T01:40'],
	],
	[
		'the duration is elapsed time: a day’s window ends an hour late on the clock in spring',
		windowOf('0 0 * * 0', 1440),
		'2026-03-28T12:00Z',
		'2026-03-30T12:00Z',
		['2026-03-28T23:00/2026-03-29T23:00'],
	],
	[
		'… and an hour early in autumn',
		windowOf('0 0 * * 0', 1440),
		'2026-10-24T12:00Z',
		'2026-10-26T12:00Z',
		['2026-10-24T22:00/2026-10-25T22:00'],
	],
	[
		'where midnight itself is skipped, the day starts at one',
		windowOf('0 0 * * *', 60, 'America/Santiago'),
		'2026-09-05T12:00Z',
		'2026-09-07T01:00Z',
		['2026-09-06T04:00/2026-09-06T05:00'],
	],
	[
		'one that began before is there as long as it lasts',
		windowOf('0 0 * * 1', 10_080),
		'2026-11-29T22:59Z',
		'2026-11-29T23:00Z',
		['2026-11-22T23:00/2026-11-29T23:00', '2026-11-29T23:00/2026-12-06T23:00'],
	],
	[
		'one that ends at the first instant is over',
		windowOf('0 20 * * *', 60),
		'2026-11-23T20:00Z',
		'2026-11-23T21:00Z',
		[],
	],
	[
		'the last day of the month, whatever its length',
		windowOf('0 22 L * *', 240, 'UTC'),
		'2028-02-01T02:00Z',
		'2028-05-01T00:00Z',
		['2028-02-29T22:00/2028-03-01T02:00', '2028-03-31T22:00/2028-04-01T02:00', '2028-04-30T22:00/2028-05-01T02:00'],
	],
	['29 February in a year without one', windowOf('0 0 29 2 *', 60), '2027-01-01T00:00Z', '2027-12-31T00:00Z', []],
])('%s', (_, window, from, until, expected) => {
	expect(spansBetween(window, from, until)).toEqual(expected);
});

it.each([
	['30 2 * * *', 'Europe/Berlin', '2026-03-29T01:00Z'],
	['30 2 * * *', 'Europe/Berlin', '2026-10-25T01:00Z'],
	['0 2,3 * * *', 'Europe/Berlin', '2026-10-25T01:00Z'],
	['0 * * * *', 'Europe/Berlin', '2026-10-25T01:00Z'],
	['0 0 * * *', 'America/Santiago', '2026-09-06T04:00Z'],
	['30 23 * * *', 'America/Santiago', '2026-04-05T03:00Z'],
])('%s in %s is the same whenever it is asked around the change of %s', (schedule, timeZone, change) => {
	const window = windowOf(schedule, 45, timeZone);
	const changeMs = Date.parse(change);
	const untilMs = changeMs + 72 * HOUR_MS;
	const whole = windowSpans(window, { fromMs: changeMs - 120 * HOUR_MS, untilMs });
	expect(whole.length).toBeGreaterThan(6);
	// Close to the change itself, and so long after it that the reading begins close to it.
	for (const hours of [0, 48]) {
		for (let minutes = -180; minutes <= 180; minutes += 15) {
			const fromMs = changeMs + hours * HOUR_MS + minutes * MINUTE_MS;
			expect(windowSpans(window, { fromMs, untilMs })).toEqual(whole.filter((span) => span.untilMs > fromMs));
		}
	}
});
