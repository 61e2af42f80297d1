import type { Verdict } from '../../support/verdict';
import { textOf, type JsonObject } from './jsonFields';
import type { TimelineEntry } from './model';

/** An entry before it is known when the release began. */
export type Entry = Omit<TimelineEntry, 'offsetMs'>;

export const DECISIONS: Readonly<Record<string, string>> = {
	approve: 'approved',
	reject: 'rejected',
	'break-glass': 'passed alone by break-glass',
};

export function stepTitle(row: JsonObject): string {
	return `${textOf(row.step_key)}${textOf(row.item_key) === '' ? '' : ` (${textOf(row.item_key)})`}`;
}

export function errorText(error: JsonObject): string {
	const [code, message] = [textOf(error.code), textOf(error.message)];
	return code === '' ? message : `${code}: ${message}`;
}

export function gateVerdict(state: string): Verdict {
	if (state === 'approved') return 'passed';
	return state === 'rejected' ? 'failed' : 'inconclusive';
}

export function verdictOf(state: string): Verdict | null {
	return state === 'passed' || state === 'failed' || state === 'inconclusive' ? state : null;
}
