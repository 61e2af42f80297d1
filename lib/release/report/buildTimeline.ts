import type { Verdict } from '../../support/verdict';
import type { LedgerEvent } from '../ledger';
import { describeCount, describeDuration, describeKey, describePhase } from './describeText';
import { numberOf, objectOf, textOf, type JsonObject } from './jsonFields';
import type { ReleaseFacts, TimelineEntry } from './model';
import { detailOf } from './readReleaseFacts';
import { readRows } from './timelineOfRows';
import { DECISIONS, errorText, gateVerdict, stepTitle, verdictOf, type Entry } from './timelineWords';

/** What happened, in order: from the events of the chain where there are any, else from the rows; and the phases, which are not chained. */
export function buildTimeline(facts: ReleaseFacts): TimelineEntry[] {
	const { release, events } = facts;
	const entries = [...(events.length > 0 ? readEvents(facts) : readRows(facts)), ...readPhases(facts)];
	return entries
		.map((entry) => ({ ...entry, offsetMs: Date.parse(entry.at) - release.startedAt.getTime() }))
		.sort((one, other) => one.offsetMs - other.offsetMs || (one.sequence ?? 0) - (other.sequence ?? 0));
}

function readEvents(facts: ReleaseFacts): Entry[] {
	const entries: Entry[] = [];
	const people = new Map(
		facts.gates.flatMap(({ gate }) => gate.approvers.map(({ id, name }) => [id, name] as const)),
	);
	const open = new Map<string, { readonly event: LedgerEvent; readonly row: JsonObject }>();
	const watches = new Map<string, { readonly index: number; count: number }>();
	let before: JsonObject = {};
	let planned: { readonly event: LedgerEvent; count: number } | undefined;
	for (const event of facts.events) {
		const row = objectOf(detailOf(event.payload));
		const [table = ''] = event.kind.split('.');
		if (table !== 'plan_part' || event.kind.endsWith('.deleted')) flushPlan();
		if (event.kind.endsWith('.deleted')) entries.push(entryOf(event, 'tampering', `A row of ${table} was deleted`));
		else if (table === 'release') {
			entries.push(...readReleaseEvent(event, row, before));
			before = row;
		} else if (table === 'step') readStepEvent(event, row);
		else if (table === 'gate') entries.push(readGateEvent(event, row));
		else if (table === 'vote') entries.push(readVoteEvent(event, row, people));
		else if (table === 'refusal')
			entries.push(entryOf(event, 'refusal', `Refused: ${textOf(row.code)}`, refusalDetail(row)));
		else if (table === 'plan_part')
			planned = planned ? { ...planned, count: planned.count + 1 } : { event, count: 1 };
		else entries.push(entryOf(event, 'release', event.kind));
	}
	flushPlan();
	for (const { event, row } of open.values()) entries.push(unfinished(event, row, 'Its end is not recorded.'));
	return entries;

	function readStepEvent(event: LedgerEvent, row: JsonObject): void {
		const key = `${textOf(row.step_key)} ${textOf(row.item_key)}`;
		const started = open.get(key);
		if (event.kind === 'step.started') {
			if (started)
				entries.push(
					unfinished(
						started.event,
						started.row,
						'It never finished: the run died, and it was started again.',
					),
				);
			open.set(key, { event, row });
			return;
		}
		open.delete(key);
		const verdict = verdictOf(textOf(row.state));
		if (repeatsWatch(event, key, verdict)) return;
		const lastedMs = started ? event.at.getTime() - started.event.at.getTime() : undefined;
		const attempts = numberOf(row.attempts) ?? 1;
		const error = objectOf(row.error);
		const title = `${stepTitle(row)} ${verdict ?? textOf(row.state)}${lastedMs === undefined ? '' : ` after ${describeDuration(lastedMs)}`}`;
		const detail = [attempts > 1 && !key.startsWith('watch/') ? `Attempt ${attempts}.` : '', errorText(error)]
			.filter((part) => part !== '')
			.join(' ');
		entries.push({ ...entryOf(event, 'step', title, detail), verdict });
	}

	/** A watch judges every few seconds for as long as it lasts: what passes in a row is one entry. */
	function repeatsWatch(event: LedgerEvent, key: string, verdict: Verdict | null): boolean {
		if (!key.startsWith('watch/')) return false;
		const run = verdict === 'passed' ? watches.get(key) : undefined;
		if (run) {
			run.count += 1;
			const detail = `${describeCount(run.count, 'time')} in a row, until ${event.at.toISOString().slice(11, 19)}.`;
			entries[run.index] = { ...(entries[run.index] as Entry), detail };
			return true;
		}
		if (verdict === 'passed') watches.set(key, { index: entries.length, count: 1 });
		else watches.delete(key);
		return false;
	}

	function flushPlan(): void {
		if (planned)
			entries.push(entryOf(planned.event, 'plan', `Plan registered: ${describeCount(planned.count, 'part')}`));
		planned = undefined;
	}
}

/** What an update of the release's row changed, in words; none when nothing that matters did. */
function readReleaseEvent(event: LedgerEvent, row: JsonObject, before: JsonObject): Entry[] {
	const make = (title: string, detail = ''): Entry => entryOf(event, 'release', title, detail);
	if (event.kind === 'release.begun') {
		const override = objectOf(row.override);
		const overridden =
			textOf(override.person) === ''
				? ''
				: `The change calendar was closed; ${textOf(override.person)} overrode it: ${textOf(override.reason)}`;
		return [make(`Release of ${textOf(row.version)} begun by ${textOf(row.started_by)}`, overridden)];
	}
	const state = textOf(row.state);
	const reason = textOf(row.reason);
	const found: Entry[] = [];
	const resumes = numberOf(row.resumes) ?? 0;
	const noReturn = objectOf(row.no_return);
	if (resumes > (numberOf(before.resumes) ?? 0))
		found.push(
			make(
				`Resumed (${resumes}) by execution ${textOf(row.execution_id)}`,
				`The run before it had died. New token: ${numberOf(row.token) ?? '?'}.`,
			),
		);
	else if (textOf(row.rolling_back_at) !== '' && textOf(before.rolling_back_at) === '')
		found.push({ ...make('Taken over for a rollback', reason), verdict: 'failed' });
	else if ((numberOf(row.token) ?? 0) > (numberOf(before.token) ?? 0) && numberOf(before.token) !== 0)
		found.push(make('Taken over', reason));
	if (textOf(noReturn.reason) !== '' && textOf(objectOf(before.no_return).reason) === '')
		found.push({
			...make('Point of no return: from here on going back loses data', textOf(noReturn.reason)),
			verdict: 'inconclusive',
		});
	if (state !== textOf(before.state))
		found.push(make(`State: ${textOf(before.state)} → ${state}`, stateDetail(row, state, reason)));
	return found;
}

function stateDetail(row: JsonObject, state: string, reason: string): string {
	const until = state === 'waiting' ? textOf(row.waiting_until) : state === 'watching' ? textOf(row.watch_until) : '';
	if (until !== '' && !Number.isNaN(Date.parse(until))) return `Until ${new Date(until).toISOString()}`;
	return textOf(row.finished_at) === '' ? '' : reason;
}

function readGateEvent(event: LedgerEvent, row: JsonObject): Entry {
	const state = textOf(row.state);
	const quorum = numberOf(row.quorum) ?? 1;
	const name = describeKey(textOf(row.gate));
	if (state === 'open')
		return entryOf(event, 'gate', `${name} opened`, `Asks for ${describeCount(quorum, 'approval')}.`);
	return { ...entryOf(event, 'gate', `${name} ${state}`, textOf(row.reason)), verdict: gateVerdict(state) };
}

function readVoteEvent(event: LedgerEvent, row: JsonObject, people: ReadonlyMap<string, string>): Entry {
	const approver = textOf(row.approver);
	const decision = DECISIONS[textOf(row.decision)] ?? textOf(row.decision);
	return entryOf(
		event,
		'vote',
		`${people.get(approver) ?? approver}: ${describeKey(textOf(row.gate))} ${decision}`,
		textOf(row.comment),
	);
}

function refusalDetail(row: JsonObject): string {
	const person = textOf(row.person);
	return [person === '' ? '' : `${person}:`, textOf(row.message)].filter((part) => part !== '').join(' ');
}

function readPhases({ phases }: ReleaseFacts): Entry[] {
	const at = (date: Date | null, title: string): Entry[] =>
		date === null
			? []
			: [{ at: date.toISOString(), kind: 'phase', title, detail: '', verdict: null, sequence: null }];
	return phases.flatMap(({ phase, startedAt, finishedAt }) => [
		...at(startedAt, `${describePhase(phase)} began`),
		...at(finishedAt, `${describePhase(phase)} ended`),
	]);
}

function unfinished(event: LedgerEvent, row: JsonObject, detail: string): Entry {
	return { ...entryOf(event, 'step', `${stepTitle(row)} started`, detail), verdict: 'inconclusive' };
}

function entryOf(event: LedgerEvent, kind: Entry['kind'], title: string, detail = ''): Entry {
	return {
		at: event.at.toISOString(),
		kind,
		title,
		detail,
		verdict: kind === 'tampering' ? 'failed' : null,
		sequence: event.sequence,
	};
}
