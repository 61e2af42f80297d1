import type { WatchStore } from '../release/watchStore';
import type { Verdict } from '../support/verdict';
import { assessRelease } from './assessRelease';
import { judgeSignal, type SignalJudgement } from './judgeSignal';
import type { WatchedEnvironment } from './lookAround';
import { lookHorizonMs } from './lookHorizon';
import type { SignalRule } from './model';

export interface JudgeRelease {
	readonly environment: WatchedEnvironment;
	readonly releaseId: string;
	readonly signal: string;
	readonly watcher: string;
}

export interface JudgedRelease {
	readonly verdict: Verdict;
	/** Null when the ledger has nothing to judge by. */
	readonly judgement: SignalJudgement | null;
	readonly reason: string;
}

/** Nobody looked for longer than that: what is recorded says nothing of now. In intervals. */
const STALE_AFTER = 2.1;

/**
 * Judges one signal of a release by the looks that the ledger holds, as the watch itself does: failed where the watch would act,
 * passed while the latest look is calm. It looks at nothing itself.
 */
export async function judgeRelease(
	ledger: Pick<WatchStore, 'readStandings'>,
	{ environment, releaseId, signal, watcher }: JudgeRelease,
): Promise<JudgedRelease> {
	const { name, rules, ...limits } = environment;
	const rule = rules.find((one) => one.signal === signal);
	const options = { watcher, horizonMs: lookHorizonMs(rules) };
	const [standing] = await ledger.readStandings([name], options);
	const release = standing?.release;
	if (!rule || !standing || !release || release.id !== releaseId)
		return { verdict: 'inconclusive', judgement: null, reason: `${name} is not held by ${releaseId}` };
	const { nowMs, looks, alerts } = standing;
	const judgement = judgeSignal(looks, rule);
	if (isStale(nowMs, { latestMs: looks.at(-1)?.recordedAtMs, rule }))
		return { verdict: 'inconclusive', judgement, reason: 'the watch has not looked for more than two intervals' };
	const act = assessRelease({ release, judgements: [judgement], alerts, nowMs, ...limits });
	if (act && act.act !== 'finish') return { verdict: 'failed', judgement, reason: act.reason };
	const passed = judgement.calm && judgement.level === null;
	return { verdict: passed ? 'passed' : 'inconclusive', judgement, reason: judgement.reason };
}

function isStale(nowMs: number, { latestMs, rule }: { latestMs: number | undefined; rule: SignalRule }): boolean {
	return latestMs === undefined || nowMs - latestMs > STALE_AFTER * rule.intervalMs;
}
