import type { ActName, Alert, WatchedRelease } from '../release/watchStore';
import type { SignalJudgement } from './judgeSignal';

export interface ReleaseFacts {
	readonly release: WatchedRelease;
	readonly judgements: readonly SignalJudgement[];
	readonly alerts: readonly Alert[];
	/** The ledger's time, in milliseconds since 1970. */
	readonly nowMs: number;
	/** Silence after which a run counts as dead, in milliseconds. */
	readonly staleAfterMs: number;
	/** How long a critical page may go unanswered, in milliseconds. */
	readonly answerWithinMs: number;
	/** How long behind the end of the window a release that nobody can judge is still watched, in milliseconds. */
	readonly giveUpAfterMs: number;
}

export interface Act {
	readonly act: ActName;
	readonly reason: string;
	/** True when the watch ends because nobody can tell: a person must. */
	readonly unjudged: boolean;
}

/**
 * What the watch does about a release. It rolls back when a rollback limit was breached for long enough, or a critical one and nobody
 * answered the page; only a release that serves under watch, or whose run died behind the switch, and only for a breach that began
 * behind the switch. A release that waits for approval loses it instead. The watch ends in calm: a breach or a gap prolongs it. One that
 * nobody can judge, for want of traffic or of a way to look, does not go on for ever: it is ended unjudged, which needs a person.
 */
export function assessRelease(facts: ReleaseFacts): Act | undefined {
	const { release, judgements } = facts;
	if (release.rollingBack) return undefined;
	const held = judgements.find(({ level }) => level === 'rollback');
	if (release.state === 'waiting') return held && { act: 'void-gate', reason: tell(held), unjudged: false };
	const cause = findCause(facts);
	if (cause === undefined) return assessEnd(facts);
	// A person is asked instead.
	return release.rollbackProven ? { act: 'roll-back', reason: cause, unjudged: false } : undefined;
}

/** What a person has to decide since the watch must not: about a release that it would roll back, to a version of which nobody knows that it runs. */
export function assessWithheld(facts: ReleaseFacts): string | undefined {
	const { release } = facts;
	if (release.rollingBack || release.state === 'waiting' || release.rollbackProven) return undefined;
	const cause = findCause(facts);
	if (cause === undefined) return undefined;
	const why = 'the previous version is not proven to run on the new schema';
	return `${cause}. Release ${release.id} does not go back by itself: ${why}. Roll back by hand, or mend forward`;
}

/** A breach behind the switch that was held for long enough, or a critical one whose page nobody answered. */
function findCause(facts: ReleaseFacts): string | undefined {
	const { release, judgements } = facts;
	if (!isArmed(facts)) return undefined;
	const breach = judgements.find((judgement) => judgement.level === 'rollback' && isAfterSwitch(judgement, release));
	if (breach) return tell(breach);
	const unanswered = judgements.find((judgement) => isUnanswered(judgement, facts));
	return unanswered && `${tell(unanswered)}; nobody answered the page`;
}

function assessEnd({ release, judgements, nowMs, giveUpAfterMs }: ReleaseFacts): Act | undefined {
	const { state, watchUntilMs } = release;
	if (state !== 'watching' || watchUntilMs === null || watchUntilMs > nowMs || judgements.length === 0)
		return undefined;
	if (judgements.every(isQuiet))
		return { act: 'finish', reason: 'the watch window ended without a breach', unjudged: false };
	const blind = judgements.find(({ level }) => level === 'unknown');
	const nothingElse = judgements.every((judgement) => judgement.level === 'unknown' || isQuiet(judgement));
	return blind && nothingElse && nowMs - watchUntilMs >= giveUpAfterMs
		? { act: 'finish', reason: `nobody can tell whether it is healthy: ${tell(blind)}`, unjudged: true }
		: undefined;
}

/** Serving under watch; or its run died behind the switch, and nobody else looks. */
export function isArmed({ release, staleAfterMs }: Pick<ReleaseFacts, 'release' | 'staleAfterMs'>): boolean {
	if (release.switchedAtMs === null || release.rollingBack) return false;
	return release.state === 'watching' || isDead({ release, staleAfterMs });
}

function isDead({ release, staleAfterMs }: Pick<ReleaseFacts, 'release' | 'staleAfterMs'>): boolean {
	return release.state === 'running' && release.silentMs !== null && release.silentMs > staleAfterMs;
}

/** What was bad before the switch was not brought by it: going back cannot help. */
function isAfterSwitch({ breachedSinceMs }: SignalJudgement, { switchedAtMs }: WatchedRelease): boolean {
	return breachedSinceMs !== null && switchedAtMs !== null && breachedSinceMs >= switchedAtMs;
}

function isUnanswered(judgement: SignalJudgement, { release, alerts, nowMs, answerWithinMs }: ReleaseFacts): boolean {
	const alert = alerts.find(({ signal }) => signal === judgement.signal);
	if (alert === undefined || alert.acknowledged || alert.level === 'unknown' || alert.level === 'warning')
		return false;
	const stands = judgement.level === 'critical' || judgement.level === 'rollback';
	return stands && nowMs - alert.pagedAtMs >= answerWithinMs && isAfterSwitch(judgement, release);
}

function isQuiet({ calm, level }: SignalJudgement): boolean {
	return calm && level === null;
}

function tell({ signal, reason }: SignalJudgement): string {
	return `${signal}: ${reason}`;
}
