import type { Alert, AlertLevel } from '../release/watchStore';
import type { SignalJudgement } from './judgeSignal';

/** What is done about an alert: people are told (`page`), told that it is over (`resolve`), or not (`keep`). */
export type AlertChange =
	| { readonly change: 'page'; readonly level: AlertLevel }
	| { readonly change: 'resolve' }
	| { readonly change: 'keep' };

const RANK: Readonly<Record<AlertLevel, number>> = { unknown: 0, warning: 1, critical: 2, rollback: 3 };

/**
 * An alert is told of when it opens and each time it rises, and resolved only when the signal was calm for as long as the rule wants:
 * one that flaps does not page at every turn. `quiet`: a signal that merely says nothing is nobody's concern now.
 */
export function assessAlert(
	alert: Alert | undefined,
	{ level, cleared }: Pick<SignalJudgement, 'level' | 'cleared'>,
	{ quiet }: { readonly quiet: boolean },
): AlertChange {
	if (alert && cleared) return { change: 'resolve' };
	if (level === null || (level === 'unknown' && quiet)) return { change: 'keep' };
	const rises = alert === undefined || RANK[level] > RANK[alert.level];
	return rises ? { change: 'page', level } : { change: 'keep' };
}
