import type { RecordedRelease } from '../release/watchStore';
import { assessRelease } from './assessRelease';
import { judgeSignal } from './judgeSignal';
import { lookHorizonMs } from './lookHorizon';
import type { SignalRule } from './model';

export interface ReplayedRelease {
	readonly releaseId: string;
	readonly version: string;
	/** How it really ended, or stands. */
	readonly state: string;
	/** How many looks were replayed. */
	readonly looks: number;
	/** After which look it would have been rolled back, in milliseconds since 1970; null when it would not. */
	readonly rollsBackAtMs: number | null;
	/** Why; empty when it would not. */
	readonly reason: string;
}

/**
 * What these rules would have done about a release: its recorded looks are judged one after the other, as the watch judges them. That nobody
 * answered a page is not replayed: who would have been paged, and whether they would have answered, nobody knows.
 */
export function replayRelease(recorded: RecordedRelease, rules: readonly SignalRule[]): ReplayedRelease {
	const { id, version, state, switchedAtMs, looks } = recorded;
	const horizonMs = lookHorizonMs(rules);
	const release = {
		id,
		token: 0,
		version,
		state: 'watching',
		switchedAtMs,
		watchUntilMs: null,
		silentMs: null,
		rollingBack: false,
		// What the thresholds would have done, whoever would have had to do it.
		rollbackProven: true,
	} as const;
	const replayed = { releaseId: id, version, state, looks: looks.length };
	for (const [index, { recordedAtMs: nowMs }] of looks.entries()) {
		const sinceMs = Math.min(nowMs, switchedAtMs ?? nowMs) - horizonMs;
		const known = looks.slice(0, index + 1).filter((look) => look.recordedAtMs > sinceMs);
		const judgements = rules.map((rule) => judgeSignal(known, rule));
		const limits = { staleAfterMs: 0, answerWithinMs: 0, giveUpAfterMs: 0 };
		const act = assessRelease({ release, judgements, alerts: [], nowMs, ...limits });
		if (act?.act === 'roll-back') return { ...replayed, rollsBackAtMs: nowMs, reason: act.reason };
	}
	return { ...replayed, rollsBackAtMs: null, reason: '' };
}

/** In one line, e.g. `would have rolled back 2 of 40 releases; 3 were, 1 of them the same`. */
export function summarizeReplay(replayed: readonly ReplayedRelease[]): string {
	const would = replayed.filter(({ rollsBackAtMs }) => rollsBackAtMs !== null);
	const were = replayed.filter(({ state }) => state.startsWith('rolled-back'));
	const both = would.filter((one) => were.includes(one)).length;
	return `would have rolled back ${would.length} of ${replayed.length} releases; ${were.length} were, ${both} of them the same`;
}
