import { readFileSync } from 'node:fs';
import path from 'node:path';
import { changeCalendarSchema } from '../../../../lib/release/calendar/changeCalendarSchema';

const WEEKEND = {
	name: 'weekend',
	kind: 'deny',
	schedule: '0 0 * * 6',
	durationMinutes: 2880,
	timeZone: 'Europe/Berlin',
};

const FIVE_FIELDS =
	'write five cron fields (minute, hour, day of the month, month, day of the week), e.g. "0 20 * * 5" for Fridays at 20:00';
const ONE_MINUTE =
	'write one minute as the first field, e.g. "0 20 * * 5": "* 20 * * 5" starts a window in every minute of that hour';
const ONE_KIND_OF_DAY =
	'write the day of the month or the day of the week and * for the other: cron takes both as "either", so make it two windows';
const TIME_ZONE =
	'write the name of a time zone, e.g. "Europe/Berlin" or "UTC"; an offset such as +01:00 knows no summer time';
const DURATION = 'write whole minutes from 1 to 10080 (a week), e.g. 240';
const NAME = 'write a name of at most 80 characters, e.g. "weekend"';
const KIND = 'write "allow" (releases start only inside such windows) or "deny" (none starts inside)';
const WINDOW =
	'write a window such as {"name":"weekend","kind":"deny","schedule":"0 0 * * 6","durationMinutes":2880,"timeZone":"Europe/Berlin"}';

function firstIssue(calendar: unknown): [string, string] {
	const [issue] = changeCalendarSchema.safeParse(calendar).error?.issues ?? [];
	return [issue?.path.join('.') ?? '', issue?.message ?? 'accepted'];
}

const PAGE = path.resolve(__dirname, '../../../../docs/nodes/change-calendar.md');

describe('changeCalendarSchema', () => {
	it('takes the calendar of its page as it is written there', () => {
		const [, example = ''] = /```json\n([^`]+)```/.exec(readFileSync(PAGE, 'utf8')) ?? [];
		expect(changeCalendarSchema.parse(JSON.parse(example))).toEqual(JSON.parse(example));
	});

	it.each([
		'0 20 * * 5',
		'00 20 * * FRI',
		'30 2 29 2 *',
		'0 22 L * *',
		'0 8 * * 1#1',
		'0 8 * * 5L',
		'15 */6 * * *',
		'0 9 ? JAN-MAR MON-THU',
		'0 0 24,31 12 *',
		'  0   0  *  *  0-7 ',
	])('takes the schedule %p', (schedule) => {
		expect(changeCalendarSchema.parse([{ ...WEEKEND, schedule }])).toEqual([
			{ ...WEEKEND, schedule: schedule.trim() },
		]);
	});

	it('takes an empty calendar, the shortest and the longest window', () => {
		const shortest = { ...WEEKEND, name: 'minute', durationMinutes: 1, timeZone: 'UTC' };
		const longest = { ...WEEKEND, name: 'week', durationMinutes: 10_080, kind: 'allow' };
		expect(changeCalendarSchema.parse([])).toEqual([]);
		expect(changeCalendarSchema.parse([shortest, longest])).toEqual([shortest, longest]);
	});

	it.each([
		['schedule', undefined, FIVE_FIELDS],
		['schedule', 5, FIVE_FIELDS],
		['schedule', '', FIVE_FIELDS],
		['schedule', 'Friday evening', FIVE_FIELDS],
		['schedule', '0 20 * *', FIVE_FIELDS],
		['schedule', '0 0 20 * * 5', FIVE_FIELDS],
		['schedule', '@weekly', FIVE_FIELDS],
		['schedule', '60 20 * * 5', FIVE_FIELDS],
		['schedule', '0 24 * * 5', FIVE_FIELDS],
		['schedule', '0 20 * * 8', FIVE_FIELDS],
		['schedule', '0 20 * * fri-mon', FIVE_FIELDS],
		['schedule', '0 20 30 2 *', FIVE_FIELDS],
		['schedule', '0 20 * * 1#6', FIVE_FIELDS],
		['schedule', 'H 20 * * 5', FIVE_FIELDS],
		['schedule', '0 H(0-5) * * 5', FIVE_FIELDS],
		['schedule', '0 1,H * * 5', FIVE_FIELDS],
		['schedule', '* 20 * * 5', ONE_MINUTE],
		['schedule', '*/15 20 * * 5', ONE_MINUTE],
		['schedule', '0,30 20 * * 5', ONE_MINUTE],
		['schedule', '0 20 13 * 5', ONE_KIND_OF_DAY],
		['schedule', '0 20 */2 * 1-5', ONE_KIND_OF_DAY],
		['timeZone', undefined, TIME_ZONE],
		['timeZone', '', TIME_ZONE],
		['timeZone', 'Europe/Berlim', TIME_ZONE],
		['timeZone', '+01:00', TIME_ZONE],
		['timeZone', 'UTC+1', TIME_ZONE],
		['timeZone', 'local', TIME_ZONE],
		['timeZone', 'system', TIME_ZONE],
		['durationMinutes', undefined, DURATION],
		['durationMinutes', '240', DURATION],
		['durationMinutes', 0, DURATION],
		['durationMinutes', -60, DURATION],
		['durationMinutes', 0.5, DURATION],
		['durationMinutes', 10_081, DURATION],
		['durationMinutes', Number.NaN, DURATION],
		['durationMinutes', Infinity, DURATION],
		['kind', undefined, KIND],
		['kind', 'Deny', KIND],
		['name', undefined, NAME],
		['name', '  ', NAME],
		['name', 'x'.repeat(81), NAME],
	])('%s = %p is refused, and the message says what to write', (field, value, message) => {
		expect(firstIssue([{ ...WEEKEND, [field]: value }])).toEqual([`0.${field}`, message]);
	});

	it.each<[string, unknown, string, string]>([
		['a misspelt field', [{ ...WEEKEND, duration: 60 }], '0', "Unrecognized key(s) in object: 'duration'"],
		['a window that is none', ['weekend'], '0', WINDOW],
		['one window without its list', WEEKEND, '', 'write a list of windows, [] for none'],
		[
			'a name used twice',
			[WEEKEND, { ...WEEKEND, kind: 'allow' }],
			'1.name',
			'write another name: "weekend" is taken by an earlier window',
		],
		[
			'a generated list',
			Array.from({ length: 51 }, (_, index) => ({ ...WEEKEND, name: `w${index}` })),
			'',
			'write at most 50 windows',
		],
	])('%s is refused', (_, calendar, field, message) => {
		expect(firstIssue(calendar)).toEqual([field, message]);
	});
});
