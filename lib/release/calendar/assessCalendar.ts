import type { Freeze } from '../ledger';
import type { ChangeWindow } from './changeCalendarSchema';
import type { CalendarAssessment, Span } from './model';
import { windowSpans } from './windowSpans';

const DAY_MS = 24 * 60 * 60_000;
/**
 * How far ahead is looked, in days, until something changes: near first, since laying out a window that recurs hourly takes a third of
 * a second for 90 days. A quarter holds every schedule that recurs monthly, and an answer beyond it helps nobody today.
 */
const HORIZONS_DAYS = [2, 14, 90];

/** Something of the calendar with the times at which it is in force. */
interface Entry<Of> {
	readonly of: Of;
	readonly spans: readonly Span[];
}

interface Entries {
	readonly freezes: ReadonlyArray<Entry<Freeze>>;
	readonly denies: ReadonlyArray<Entry<ChangeWindow>>;
	readonly allows: ReadonlyArray<Entry<ChangeWindow>>;
}

/**
 * Whether a release may start: not during a freeze or a deny window, and, where there are allow windows, only inside one of them.
 * Deny outranks allow; an empty calendar without freezes is open. The freezes are those of one environment.
 */
export function assessCalendar(
	calendar: readonly ChangeWindow[],
	freezes: readonly Freeze[],
	now: Date,
): CalendarAssessment {
	const nowMs = now.getTime();
	const closures = closuresAt(layOut(calendar, freezes, { fromMs: nowMs, untilMs: nowMs }), nowMs);
	const open = closures.length === 0;
	const changesAt = findChange(calendar, freezes, { nowMs, open });
	if (open) return { open, closesAt: changesAt };
	return {
		open,
		reason: closures.map(({ reason }) => reason).join('; '),
		closedBy: closures.map(({ name }) => name).join(', '),
		opensAt: changesAt,
	};
}

/** The next instant at which an open calendar closes, or a closed one opens. */
function findChange(
	calendar: readonly ChangeWindow[],
	freezes: readonly Freeze[],
	{ nowMs, open }: { nowMs: number; open: boolean },
): Date | null {
	for (const days of HORIZONS_DAYS) {
		const horizon: Span = { fromMs: nowMs, untilMs: nowMs + days * DAY_MS };
		const entries = layOut(calendar, freezes, horizon);
		const changeMs = instantsWithin(entries, horizon).find((ms) => (closuresAt(entries, ms).length === 0) !== open);
		if (changeMs !== undefined) return new Date(changeMs);
	}
	return null;
}

function layOut(calendar: readonly ChangeWindow[], freezes: readonly Freeze[], horizon: Span): Entries {
	const windows = calendar.map((window) => ({ of: window, spans: windowSpans(window, horizon) }));
	return {
		freezes: freezes.map((freeze) => ({ of: freeze, spans: [freezeSpan(freeze)] })),
		denies: windows.filter(({ of }) => of.kind === 'deny'),
		allows: windows.filter(({ of }) => of.kind === 'allow'),
	};
}

function freezeSpan({ from, until, liftedAt }: Freeze): Span {
	const ends = [until, liftedAt].map((end) => end?.getTime() ?? Infinity);
	return { fromMs: from.getTime(), untilMs: Math.min(...ends) };
}

/** What closes it at an instant; nothing when it is open. */
function closuresAt({ freezes, denies, allows }: Entries, atMs: number): Array<{ name: string; reason: string }> {
	const inForce = ({ spans }: Entry<unknown>): boolean =>
		spans.some(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
	const outside = allows.length > 0 && !allows.some(inForce);
	return [
		...freezes.filter(inForce).map(({ of: { id, declaredBy, reason } }) => ({
			name: `freeze ${id}`,
			reason: `freeze ${id}, declared by ${declaredBy}: ${reason}`,
		})),
		...denies.filter(inForce).map(({ of: { name, schedule, timeZone } }) => ({
			name: `deny window ${name}`,
			reason: `inside the deny window "${name}" (${schedule}, ${timeZone})`,
		})),
		...(outside ? [outsideOf(allows.map(({ of }) => of.name))] : []),
	];
}

function outsideOf(names: readonly string[]): { name: string; reason: string } {
	return {
		name: `outside allow ${names.length === 1 ? 'window' : 'windows'} ${names.join(', ')}`,
		reason: `outside every allow window (${names.map((name) => `"${name}"`).join(', ')})`,
	};
}

/** Every instant ahead at which something starts or ends, in order. */
function instantsWithin({ freezes, denies, allows }: Entries, { fromMs, untilMs }: Span): number[] {
	return [...freezes, ...denies, ...allows]
		.flatMap(({ spans }) => spans.flatMap((span) => [span.fromMs, span.untilMs]))
		.filter((ms) => ms > fromMs && ms <= untilMs)
		.sort((one, other) => one - other);
}
