import type { AlertLevel, Look, SignalLook } from '../release/watchStore';
import { assessHeldFor, type HeldFor, type HeldForRule, type HeldSample } from '../support/heldFor';
import { judgeShares } from '../support/judgeShares';
import type { Limit, SignalRule } from './model';
import { placeLooks } from './placeLooks';

/** What the recorded looks of one signal say. */
export interface SignalJudgement {
	readonly signal: string;
	/** The highest limit whose breach is held; `unknown` when the latest looks say nothing; null when none is. */
	readonly level: AlertLevel | null;
	/** Of the highest limit, the one that rolls back. */
	readonly held: HeldFor;
	/** True when the latest look measured, and stands above no limit. */
	readonly calm: boolean;
	/** True once it has been calm for as long as the rule wants. */
	readonly cleared: boolean;
	/** The first look that breached the highest held limit, with no calm one since; a gap clears nothing. Null without a breach. */
	readonly breachedSinceMs: number | null;
	/** Latest looks in a row that say nothing. */
	readonly blindLooks: number;
	/** True when the latest look could be made: if it says nothing, it is for want of traffic. */
	readonly looked: boolean;
	/** Share of bad ones in the latest measured look, 0 to 1; null when none was measured. */
	readonly value: number | null;
	readonly reason: string;
}

/** Judges one signal by all its recorded looks, oldest first. A look that did not measure the signal is a gap. */
export function judgeSignal(looks: readonly Look[], rule: SignalRule): SignalJudgement {
	const { signal, intervalMs, limits } = rule;
	const times = placeLooks(looks, intervalMs);
	const signals = looks.map((look): SignalLook => look.signals[signal] ?? NOT_LOOKED);
	const shares = signals.map((look, index) => ({ ...look, atMs: times[index] ?? 0 }));
	const judge = ({ above }: Limit): HeldSample[] =>
		judgeShares(shares, { above, minimumTotal: rule.minimumTotal, span: rule.minimumSamples });
	const byLimit = limits.map((limit) => ({ limit, judged: judge(limit) }));
	const standing = byLimit.map(({ limit, judged }) => ({
		limit,
		judged,
		held: assessHeldFor(judged, holdOf(limit, rule)),
	}));
	const highest = standing.findLast(({ held }) => held.state === 'held');
	const lowest = standing[0];
	const top = standing.at(-1);
	const blindLooks = countBlind(lowest?.judged ?? []);
	const level = highest?.limit.level ?? (blindLooks >= rule.minimumSamples ? 'unknown' : null);
	return {
		signal,
		level,
		held: top?.held ?? { state: 'unknown', forMs: 0, samples: 0 },
		calm: lowest?.judged.at(-1)?.outcome === 'clear',
		cleared: lowest !== undefined && isCleared(lowest.judged, rule),
		breachedSinceMs: findBreach(looks, (highest ?? top)?.judged ?? []),
		blindLooks,
		looked: signals.at(-1)?.state !== 'gap',
		value: shareOf(signals.findLast(({ state, total }) => state === 'measured' && total > 0)),
		reason: explain(signals, { level, highest }),
	};
}

const NOT_LOOKED: SignalLook = { state: 'gap', total: 0, bad: 0, problem: 'it was not measured' };

function holdOf({ heldForMs }: Limit, { intervalMs, minimumSamples }: SignalRule): HeldForRule {
	return { heldForMs, intervalMs, minimumSamples };
}

function countBlind(judged: readonly HeldSample[]): number {
	return judged.length - 1 - judged.findLastIndex(({ outcome }) => outcome !== 'gap');
}

/** Calm held for as long as the rule wants: the same judgement, turned round. */
function isCleared(judged: readonly HeldSample[], { clearAfterMs, intervalMs }: SignalRule): boolean {
	const turned = judged.map(({ atMs, outcome }): HeldSample => ({ atMs, outcome: TURNED[outcome] }));
	return assessHeldFor(turned, { heldForMs: clearAfterMs, intervalMs, minimumSamples: 1 }).state === 'held';
}
const TURNED = { breached: 'clear', clear: 'breached', gap: 'gap' } as const;

function findBreach(looks: readonly Look[], judged: readonly HeldSample[]): number | null {
	const lastClear = judged.findLastIndex(({ outcome }) => outcome === 'clear');
	const first = judged.findIndex(({ outcome }, index) => index > lastClear && outcome === 'breached');
	return first < 0 ? null : (looks[first]?.recordedAtMs ?? null);
}

function shareOf(look: SignalLook | undefined): number | null {
	return look ? look.bad / look.total : null;
}

function explain(
	signals: readonly SignalLook[],
	{ level, highest }: { level: AlertLevel | null; highest: { limit: Limit; held: HeldFor } | undefined },
): string {
	const latest = signals.at(-1);
	const worst = signals.findLast(({ state, bad }) => state === 'unavailable' || bad > 0);
	if (highest) {
		const { forMs, samples } = highest.held;
		return `${describe(worst)}; held for ${Math.round(forMs / 1000)} s in ${samples} looks`;
	}
	if (level === 'unknown') return latest && latest.problem !== '' ? latest.problem : 'too little traffic to judge by';
	return describe(latest);
}

function describe(look: SignalLook | undefined): string {
	if (look === undefined) return 'nothing was measured yet';
	const share = look.total > 0 ? `${look.bad} of ${look.total} failed` : '';
	return [look.problem, share].filter((text) => text !== '').join(', ') || 'nothing was counted';
}
