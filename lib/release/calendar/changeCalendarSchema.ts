import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';

/** Longer ones are freezes, or a schedule that was meant otherwise. */
const LONGEST_MINUTES = 7 * 24 * 60;
/** Each window is laid out for 90 days whenever a release starts; more of them are a generated list, not a calendar. */
const MOST_WINDOWS = 50;

const FIVE_FIELDS =
	'write five cron fields (minute, hour, day of the month, month, day of the week), e.g. "0 20 * * 5" for Fridays at 20:00';
const ONE_MINUTE =
	'write one minute as the first field, e.g. "0 20 * * 5": "* 20 * * 5" starts a window in every minute of that hour';
const ONE_KIND_OF_DAY =
	'write the day of the month or the day of the week and * for the other: cron takes both as "either", so make it two windows';
const TIME_ZONE =
	'write the name of a time zone, e.g. "Europe/Berlin" or "UTC"; an offset such as +01:00 knows no summer time';
const DURATION = `write whole minutes from 1 to ${LONGEST_MINUTES} (a week), e.g. 240`;
const NAME = 'write a name of at most 80 characters, e.g. "weekend"';

const windowShape = z
	.object(
		{
			name: z.string({ message: NAME }).trim().min(1, NAME).max(80, NAME),
			kind: z.enum(['allow', 'deny'], {
				message: 'write "allow" (releases start only inside such windows) or "deny" (none starts inside)',
			}),
			schedule: z.string({ message: FIVE_FIELDS }).trim().superRefine(refuseSchedule),
			durationMinutes: z
				.number({ message: DURATION })
				.int(DURATION)
				.min(1, DURATION)
				.max(LONGEST_MINUTES, DURATION),
			timeZone: z.string({ message: TIME_ZONE }).refine(isNamedTimeZone, TIME_ZONE),
		},
		{
			message:
				'write a window such as {"name":"weekend","kind":"deny","schedule":"0 0 * * 6","durationMinutes":2880,"timeZone":"Europe/Berlin"}',
		},
	)
	.strict();

/**
 * The change calendar of a configuration: recurring windows, each with a name of its own. Modelled on Argo CD's sync windows
 * (https://argo-cd.readthedocs.io/en/stable/user-guide/sync_windows/). An issue names the field and says what to write.
 */
export const changeCalendarSchema = z
	.array(windowShape, { message: 'write a list of windows, [] for none' })
	.max(MOST_WINDOWS, `write at most ${MOST_WINDOWS} windows`)
	.superRefine((windows, context) => {
		const names = windows.map(({ name }) => name);
		for (const [index, name] of names.entries()) {
			if (names.indexOf(name) === index) continue;
			const message = `write another name: "${name}" is taken by an earlier window`;
			context.addIssue({ code: 'custom', path: [index, 'name'], message });
		}
	});

export type ChangeWindow = Readonly<z.infer<typeof windowShape>>;

function refuseSchedule(schedule: string, context: z.RefinementCtx): void {
	const message = problemOf(schedule);
	if (message !== undefined) context.addIssue({ code: 'custom', message });
}

function problemOf(schedule: string): string | undefined {
	const [minute = '', ...others] = schedule.split(/\s+/);
	// H is Jenkins' random value: the window would move each time the calendar is read.
	if (others.length !== 4 || /(^|[\s,])H/.test(schedule)) return FIVE_FIELDS;
	try {
		const { fields } = CronExpressionParser.parse(schedule);
		if (!/^\d+$/.test(minute)) return ONE_MINUTE;
		return fields.dayOfMonth.isWildcard || fields.dayOfWeek.isWildcard ? undefined : ONE_KIND_OF_DAY;
	} catch {
		return FIVE_FIELDS;
	}
}

/** As the platform's own time zone database has it; the parser's library also knows "local" and "UTC+3", which are no names. */
function isNamedTimeZone(timeZone: string): boolean {
	if (!/^[A-Za-z]/.test(timeZone)) return false;
	try {
		new Intl.DateTimeFormat('en', { timeZone });
		return true;
	} catch {
		return false;
	}
}
