import { assessHeldFor, type HeldFor, type HeldForRule, type HeldSample } from '../support/heldFor';
import { judgeShares } from '../support/judgeShares';
import type { Verdict } from '../support/verdict';
import type { RoundState } from './assessRound';
import type { Level } from './model';
import type { ThresholdPolicy } from './policy';

/** What one round added. */
export interface ErrorRateSample {
	readonly atMs: number;
	readonly round: RoundState;
	/** False for the reading where counting begins. */
	readonly comparable: boolean;
	readonly requests: number;
	readonly errors: number;
}

export interface ErrorRateAssessment {
	/** Undefined while watching should go on. */
	readonly verdict: Verdict | undefined;
	readonly level: Level;
	/** Errors per request over everything measured; null without enough traffic. */
	readonly value: number | null;
	readonly requests: number;
	readonly errors: number;
	/** Samples that had enough traffic to be judged. */
	readonly samples: number;
	readonly held: HeldFor;
	readonly reason: string;
}

/**
 * Judges the error rate: passed once enough samples stand at or below the pass limit and the latest is calm, in every pod; failed once every
 * sample has breached the rollback limit (or not one pod could be reached) for as long as the policy says; inconclusive when
 * the window ends between the two. No traffic and no data are never calm.
 */
export function assessErrorRate(samples: readonly ErrorRateSample[], policy: ThresholdPolicy): ErrorRateAssessment {
	const judged = judgeSamples(samples, policy);
	const held = assessHeldFor(judged, holdRule(policy));
	const measured = samples.filter(isMeasured);
	const requests = sum(measured.map((sample) => sample.requests));
	const errors = sum(measured.map((sample) => sample.errors));
	const value = requests >= policy.sampling.minimumRequests ? errors / requests : null;
	const facts: Facts = {
		value,
		held,
		judged,
		measuredCount: judged.filter(({ outcome }) => outcome !== 'gap').length,
		latest: samples.at(-1),
	};
	const verdict = decide(samples, facts, policy);
	const level = verdict === 'failed' ? 'rollback' : levelOf(value, policy);
	return {
		verdict,
		level,
		value,
		requests,
		errors,
		samples: facts.measuredCount,
		held,
		reason: explain(verdict, facts, policy),
	};
}

interface Facts {
	readonly value: number | null;
	readonly held: HeldFor;
	readonly judged: readonly HeldSample[];
	readonly measuredCount: number;
	readonly latest: ErrorRateSample | undefined;
}

/** The breach that fires the automatic rollback. */
export function holdRule({ sampling, errorRate }: ThresholdPolicy): HeldForRule {
	return {
		heldForMs: errorRate.rollback.heldForSeconds * 1000,
		intervalMs: sampling.intervalSeconds * 1000,
		minimumSamples: sampling.minimumSamples,
	};
}

/** When watching ends, in milliseconds: after `window` unless a breach is under way, after `limit` always. */
export function watchBounds(policy: ThresholdPolicy): { readonly windowMs: number; readonly limitMs: number } {
	const { heldForMs, intervalMs, minimumSamples } = holdRule(policy);
	const windowMs = Math.max(heldForMs, minimumSamples * intervalMs) + 2 * intervalMs;
	return { windowMs, limitMs: 2 * windowMs };
}

/** What each sample says about the rollback limit. */
function judgeSamples(samples: readonly ErrorRateSample[], { sampling, errorRate }: ThresholdPolicy): HeldSample[] {
	const shares = samples.map((sample) => ({
		atMs: sample.atMs,
		state: isMeasured(sample) ? ('measured' as const) : stateOf(sample),
		total: sample.requests,
		bad: sample.errors,
	}));
	const { minimumRequests, minimumSamples } = sampling;
	return judgeShares(shares, {
		above: errorRate.rollback.above,
		minimumTotal: minimumRequests,
		span: minimumSamples,
	});
}

function stateOf({ round }: ErrorRateSample): 'unavailable' | 'gap' {
	return round.state === 'unavailable' ? 'unavailable' : 'gap';
}

function isMeasured({ round, comparable }: ErrorRateSample): boolean {
	return round.state === 'measured' && comparable;
}

function decide(samples: readonly ErrorRateSample[], facts: Facts, policy: ThresholdPolicy): Verdict | undefined {
	const { value, held, judged, measuredCount } = facts;
	if (held.state === 'held') return 'failed';
	const calm = judged.at(-1)?.outcome === 'clear' && problemOf(samples.at(-1)) === undefined;
	if (calm && measuredCount >= policy.sampling.minimumSamples && value !== null && value <= policy.errorRate.pass)
		return 'passed';
	const watchedMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
	const { windowMs, limitMs } = watchBounds(policy);
	const underWay = held.state === 'pending';
	return watchedMs >= (underWay ? limitMs : windowMs) ? 'inconclusive' : undefined;
}

/** Why the round says nothing, or not all. */
function problemOf(sample: ErrorRateSample | undefined): string | undefined {
	if (sample === undefined) return undefined;
	return sample.round.state === 'measured' ? sample.round.unread : sample.round.reason;
}

function levelOf(value: number | null, { errorRate }: ThresholdPolicy): Level {
	if (value === null) return 'unknown';
	if (value <= errorRate.pass) return 'pass';
	if (value <= errorRate.warning) return 'above-pass';
	return value <= errorRate.critical ? 'warning' : 'critical';
}

function explain(
	verdict: Verdict | undefined,
	{ value, held, latest, measuredCount }: Facts,
	{ sampling, errorRate }: ThresholdPolicy,
): string {
	const problem = problemOf(latest);
	const rate =
		value === null ? `fewer than ${sampling.minimumRequests} requests` : `${percent(value)} of requests failed`;
	if (verdict === 'failed') {
		const seconds = Math.round(held.forMs / 1000);
		const breach = `more than ${percent(errorRate.rollback.above)} of requests failed`;
		return `${latest?.round.state === 'measured' ? breach : (problem ?? breach)}; held for ${seconds} s in ${held.samples} samples`;
	}
	if (verdict === 'passed') return `${rate}, at most ${percent(errorRate.pass)} is allowed`;
	if (problem !== undefined) return problem;
	if (measuredCount < sampling.minimumSamples)
		return `${rate}; ${measuredCount} of ${sampling.minimumSamples} samples could be judged`;
	return `${rate}: above ${percent(errorRate.pass)} and not held above ${percent(errorRate.rollback.above)}`;
}

function percent(share: number): string {
	return `${Number((share * 100).toFixed(2))} %`;
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
