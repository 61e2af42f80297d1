import { assessCalendar } from '../../../../lib/release/calendar/assessCalendar';
import { changeCalendarSchema, type ChangeWindow } from '../../../../lib/release/calendar/changeCalendarSchema';
import type { Freeze } from '../../../../lib/release/ledger';

function windowOf(name: string, kind: 'allow' | 'deny', schedule: string, durationMinutes: number): ChangeWindow {
	return { name, kind, schedule, durationMinutes, timeZone: 'Europe/Berlin' };
}

function freezeOf(from: string, until: string | null, liftedAt: string | null = null): Freeze {
	return {
		id: 'f-7',
		environment: 'production',
		reason: 'year-end closing',
		declaredBy: 'operations',
		from: new Date(from),
		until: until === null ? null : new Date(until),
		liftedAt: liftedAt === null ? null : new Date(liftedAt),
	};
}

const WEEKEND = windowOf('weekend', 'deny', '0 0 * * 6', 2880);
const EVENINGS = windowOf('evenings', 'allow', '0 20 * * 1-4', 120);
const MONTH_END = windowOf('month-end', 'deny', '0 22 L * *', 240);
const LEAP_DAY = windowOf('leap-day', 'deny', '0 0 29 2 *', 1440);

const IN_WEEKEND = {
	name: 'deny window weekend',
	reason: 'inside the deny window "weekend" (0 0 * * 6, Europe/Berlin)',
};
const NO_EVENING = { name: 'outside allow window evenings', reason: 'outside every allow window ("evenings")' };
const FROZEN = { name: 'freeze f-7', reason: 'freeze f-7, declared by operations: year-end closing' };

function inDeny({ name, schedule }: ChangeWindow): typeof FROZEN {
	return { name: `deny window ${name}`, reason: `inside the deny window "${name}" (${schedule}, Europe/Berlin)` };
}

interface Row {
	readonly calendar: readonly ChangeWindow[];
	readonly freezes?: readonly Freeze[];
	readonly now: string;
}

function assess({ calendar, freezes = [], now }: Row): ReturnType<typeof assessCalendar> {
	return assessCalendar(changeCalendarSchema.parse(calendar), freezes, new Date(now));
}

function dateOf(instant: string | null): Date | null {
	return instant === null ? null : new Date(instant);
}

describe('open', () => {
	it.each<[string, Row, string | null]>([
		['an empty calendar', { calendar: [], now: '2026-11-23T12:00Z' }, null],
		[
			'the last instant before a deny window',
			{ calendar: [WEEKEND], now: '2026-11-20T22:59:59.999Z' },
			'2026-11-20T23:00Z',
		],
		['the end of a deny window', { calendar: [WEEKEND], now: '2026-11-22T23:00Z' }, '2026-11-27T23:00Z'],
		['the start of an allow window', { calendar: [EVENINGS], now: '2026-11-23T19:00Z' }, '2026-11-23T21:00Z'],
		[
			'the last instant of an allow window',
			{ calendar: [EVENINGS], now: '2026-11-23T20:59:59.999Z' },
			'2026-11-23T21:00Z',
		],
		[
			'an allow window that goes over into the next one',
			{ calendar: [EVENINGS, windowOf('late', 'allow', '0 22 * * *', 60)], now: '2026-11-23T20:30Z' },
			'2026-11-23T22:00Z',
		],
		[
			'an allow window that overlaps another',
			{ calendar: [EVENINGS, windowOf('long', 'allow', '0 21 * * *', 240)], now: '2026-11-23T19:30Z' },
			'2026-11-24T00:00Z',
		],
		[
			'an allow window cut short by a deny window',
			{ calendar: [EVENINGS, windowOf('backup', 'deny', '30 21 * * *', 15)], now: '2026-11-23T19:30Z' },
			'2026-11-23T20:30Z',
		],
		[
			'allow windows without a gap',
			{ calendar: [windowOf('always', 'allow', '0 * * * *', 60)], now: '2026-10-20T12:34Z' },
			null,
		],
		['a deny window of 29 February, a year before', { calendar: [LEAP_DAY], now: '2027-02-28T12:00Z' }, null],
		['the eve of 29 February', { calendar: [LEAP_DAY], now: '2028-02-28T12:00Z' }, '2028-02-28T23:00Z'],
		[
			'the repeated 02:35, whose window was in the hour before',
			{ calendar: [windowOf('night', 'deny', '30 2 * * *', 30)], now: '2026-10-25T01:35Z' },
			'2026-10-26T01:30Z',
		],
		[
			'01:30 before the hour that summer time skips',
			{ calendar: [windowOf('night', 'deny', '30 2 * * *', 60)], now: '2026-03-29T00:30Z' },
			'2026-03-29T01:30Z',
		],
		[
			'before a freeze',
			{ calendar: [], freezes: [freezeOf('2026-12-20T00:00Z', null)], now: '2026-12-19T23:59:59.999Z' },
			'2026-12-20T00:00Z',
		],
		[
			'the end of a freeze',
			{ calendar: [], freezes: [freezeOf('2026-12-20T00:00Z', '2027-01-04T08:00Z')], now: '2027-01-04T08:00Z' },
			null,
		],
		[
			'a lifted freeze without an end',
			{
				calendar: [],
				freezes: [freezeOf('2026-11-01T00:00Z', null, '2026-11-10T00:00Z')],
				now: '2026-11-23T12:00Z',
			},
			null,
		],
		[
			'a freeze at the instant it is lifted',
			{
				calendar: [],
				freezes: [freezeOf('2026-11-01T00:00Z', '2026-12-01T00:00Z', '2026-11-10T00:00Z')],
				now: '2026-11-10T00:00Z',
			},
			null,
		],
		[
			'a freeze lifted before it began',
			{
				calendar: [],
				freezes: [freezeOf('2026-11-25T00:00Z', null, '2026-11-20T00:00Z')],
				now: '2026-11-23T12:00Z',
			},
			null,
		],
		[
			'a freeze that ends before it begins',
			{ calendar: [], freezes: [freezeOf('2026-11-24T00:00Z', '2026-11-20T00:00Z')], now: '2026-11-23T12:00Z' },
			null,
		],
	])('%s', (_, row, closesAt) => {
		expect(assess(row)).toEqual({ open: true, closesAt: dateOf(closesAt) });
	});
});

describe('closed', () => {
	it.each<[string, Row, ReadonlyArray<typeof FROZEN>, string | null]>([
		[
			'the start of a deny window',
			{ calendar: [WEEKEND], now: '2026-11-20T23:00Z' },
			[IN_WEEKEND],
			'2026-11-22T23:00Z',
		],
		[
			'the last instant of a deny window',
			{ calendar: [WEEKEND], now: '2026-11-22T22:59:59.999Z' },
			[IN_WEEKEND],
			'2026-11-22T23:00Z',
		],
		[
			'the last instant before an allow window',
			{ calendar: [EVENINGS], now: '2026-11-23T18:59:59.999Z' },
			[NO_EVENING],
			'2026-11-23T19:00Z',
		],
		[
			'the end of an allow window',
			{ calendar: [EVENINGS], now: '2026-11-26T21:00Z' },
			[NO_EVENING],
			'2026-11-30T19:00Z',
		],
		[
			'outside of several allow windows, the earliest counts',
			{ calendar: [EVENINGS, windowOf('lunch', 'allow', '0 12 * * *', 30)], now: '2026-11-23T21:00Z' },
			[
				{
					name: 'outside allow windows evenings, lunch',
					reason: 'outside every allow window ("evenings", "lunch")',
				},
			],
			'2026-11-24T11:00Z',
		],
		[
			'past midnight and the month’s end',
			{ calendar: [MONTH_END], now: '2026-11-30T23:30Z' },
			[inDeny(MONTH_END)],
			'2026-12-01T01:00Z',
		],
		[
			'past the year’s end',
			{ calendar: [MONTH_END], now: '2027-01-01T00:59Z' },
			[inDeny(MONTH_END)],
			'2027-01-01T01:00Z',
		],
		['29 February', { calendar: [LEAP_DAY], now: '2028-02-29T12:00Z' }, [inDeny(LEAP_DAY)], '2028-02-29T23:00Z'],
		[
			'allowed on 29 February alone, years before',
			{ calendar: [{ ...LEAP_DAY, kind: 'allow' }], now: '2026-11-23T12:00Z' },
			[{ name: 'outside allow window leap-day', reason: 'outside every allow window ("leap-day")' }],
			null,
		],
		[
			'allowed on 29 February alone, 90 days before to the instant',
			{ calendar: [{ ...LEAP_DAY, kind: 'allow' }], now: '2027-11-30T23:00Z' },
			[{ name: 'outside allow window leap-day', reason: 'outside every allow window ("leap-day")' }],
			'2028-02-28T23:00Z',
		],
		[
			'deny windows that overlap close until the last ends',
			{ calendar: [WEEKEND, windowOf('night', 'deny', '0 22 * * 0', 240)], now: '2026-11-22T21:30Z' },
			[IN_WEEKEND, inDeny(windowOf('night', 'deny', '0 22 * * 0', 240))],
			'2026-11-23T01:00Z',
		],
		[
			'a deny window that goes over into the next one',
			{ calendar: [WEEKEND, windowOf('monday', 'deny', '0 0 * * 1', 600)], now: '2026-11-22T12:00Z' },
			[IN_WEEKEND],
			'2026-11-23T09:00Z',
		],
		[
			'a deny window that goes over into its own next one',
			{ calendar: [windowOf('always', 'deny', '0 0 * * 1', 10_080)], now: '2026-11-22T12:00Z' },
			[inDeny(windowOf('always', 'deny', '0 0 * * 1', 10_080))],
			null,
		],
		[
			'deny outranks allow',
			{ calendar: [EVENINGS, windowOf('backup', 'deny', '0 21 * * *', 30)], now: '2026-11-23T20:15Z' },
			[inDeny(windowOf('backup', 'deny', '0 21 * * *', 30))],
			'2026-11-23T20:30Z',
		],
		[
			'both a deny window and no allow window',
			{ calendar: [EVENINGS, WEEKEND], now: '2026-11-21T12:00Z' },
			[IN_WEEKEND, NO_EVENING],
			'2026-11-23T19:00Z',
		],
		[
			'every allow window lies in a deny window',
			{ calendar: [EVENINGS, windowOf('nights', 'deny', '0 20 * * *', 600)], now: '2026-11-23T12:00Z' },
			[NO_EVENING],
			null,
		],
		[
			'a freeze without an end',
			{ calendar: [EVENINGS], freezes: [freezeOf('2026-11-01T00:00Z', null)], now: '2026-11-23T19:30Z' },
			[FROZEN],
			null,
		],
		[
			'the start of a freeze; after its end the calendar decides',
			{
				calendar: [WEEKEND],
				freezes: [freezeOf('2026-11-20T12:00Z', '2026-11-21T12:00Z')],
				now: '2026-11-20T12:00Z',
			},
			[FROZEN],
			'2026-11-22T23:00Z',
		],
		[
			'a freeze that will be lifted before its end',
			{
				calendar: [],
				freezes: [freezeOf('2026-11-01T00:00Z', '2026-12-01T00:00Z', '2026-11-24T00:00Z')],
				now: '2026-11-23T12:00Z',
			},
			[FROZEN],
			'2026-11-24T00:00Z',
		],
		[
			'a freeze whose end is more than 90 days away',
			{ calendar: [], freezes: [freezeOf('2026-11-01T00:00Z', '2027-06-01T00:00Z')], now: '2026-11-23T12:00Z' },
			[FROZEN],
			null,
		],
		[
			'the hour after the one that summer time skips',
			{ calendar: [windowOf('night', 'deny', '30 2 * * *', 60)], now: '2026-03-29T01:45Z' },
			[inDeny(windowOf('night', 'deny', '30 2 * * *', 60))],
			'2026-03-29T02:30Z',
		],
		[
			'the repeated hour, inside a window that began before it',
			{ calendar: [windowOf('night', 'deny', '0 1 * * *', 180)], now: '2026-10-25T01:30Z' },
			[inDeny(windowOf('night', 'deny', '0 1 * * *', 180))],
			'2026-10-25T02:00Z',
		],
	])('%s', (_, row, closures, opensAt) => {
		expect(assess(row)).toEqual({
			open: false,
			reason: closures.map(({ reason }) => reason).join('; '),
			closedBy: closures.map(({ name }) => name).join(', '),
			opensAt: dateOf(opensAt),
		});
	});
});

it('windows of several time zones hold at once', () => {
	const calendar = changeCalendarSchema.parse([
		{ ...EVENINGS, name: 'office', schedule: '0 9 * * *', durationMinutes: 480, timeZone: 'America/New_York' },
		{ ...EVENINGS, name: 'tokyo', schedule: '0 9 * * *', durationMinutes: 60, timeZone: 'Asia/Tokyo' },
	]);
	expect(assessCalendar(calendar, [], new Date('2026-11-23T14:00Z'))).toEqual({
		open: true,
		closesAt: new Date('2026-11-23T22:00Z'),
	});
	expect(assessCalendar(calendar, [], new Date('2026-11-23T22:00Z'))).toMatchObject({
		open: false,
		opensAt: new Date('2026-11-24T00:00Z'),
	});
});
