import type { Verdict } from '../support/verdict';
import type { RoundState } from './assessRound';
import { histogramQuantile, type Bucket, type Quantile } from './histogramQuantile';
import type { Level } from './model';
import type { ThresholdPolicy } from './policy';

export interface ResponseTimeFacts {
	/** Every round so far. */
	readonly rounds: ReadonlyArray<{
		readonly round: RoundState;
		readonly comparable: boolean;
		readonly requests: number;
	}>;
	/** What the buckets rose by, over all rounds and pods; undefined when pods have different buckets. */
	readonly buckets: readonly Bucket[] | undefined;
}

export interface ResponseTimeAssessment {
	/** Undefined while watching should go on. */
	readonly verdict: Verdict | undefined;
	readonly level: Level;
	/** Seconds; null when it cannot be told. */
	readonly value: number | null;
	/** True when it is at least `value`: it lies above the highest bucket. */
	readonly atLeast: boolean;
	readonly requests: number;
	/** Rounds with traffic. */
	readonly samples: number;
	readonly reason: string;
}

/** Waits for traffic this many times as long as the policy's samples take. */
const PATIENCE = 4;

/** Longest time that watching takes, in rounds. */
export function patienceRounds({ sampling }: ThresholdPolicy): number {
	return PATIENCE * sampling.minimumSamples + 1;
}

/**
 * Judges the quantile over everything observed: at or below the pass limit = passed, above it = failed with the level it reached.
 * Too little traffic by the end of patience, buckets that differ, or an unknown quantile = inconclusive. Not one pod reachable
 * in as many rounds in a row as the policy wants samples = failed.
 */
export function assessResponseTime(facts: ResponseTimeFacts, policy: ThresholdPolicy): ResponseTimeAssessment {
	const { rounds } = facts;
	const measured = rounds.filter(
		({ round, comparable, requests }) => round.state === 'measured' && comparable && requests > 0,
	);
	const requests = measured.reduce((total, sample) => total + sample.requests, 0);
	const base = { requests, samples: measured.length, value: null, atLeast: false, level: 'unknown' as Level };
	const latest = rounds.at(-1)?.round;
	const { minimumSamples, minimumRequests } = policy.sampling;
	const recent = rounds.slice(-minimumSamples);
	if (recent.length >= minimumSamples && recent.every(({ round }) => round.state === 'unavailable')) {
		return { ...base, verdict: 'failed', reason: latest && 'reason' in latest ? latest.reason : 'unavailable' };
	}
	const problem = latest?.state === 'measured' ? latest.unread : latest?.reason;
	if (measured.length >= minimumSamples && requests >= minimumRequests) {
		const judged = judge(facts.buckets, policy);
		// A pod that is not read may be the slow one.
		if (judged.verdict !== 'passed' || problem === undefined) return { ...base, ...judged };
	}
	const reason =
		problem ?? `${requests} of ${minimumRequests} requests in ${measured.length} of ${minimumSamples} samples`;
	return { ...base, verdict: rounds.length >= patienceRounds(policy) ? 'inconclusive' : undefined, reason };
}

type Judgement = Pick<ResponseTimeAssessment, 'verdict' | 'level' | 'value' | 'atLeast' | 'reason'>;

function judge(buckets: readonly Bucket[] | undefined, policy: ThresholdPolicy): Judgement {
	const { quantile, pass } = policy.responseTimeSeconds;
	const found: Quantile = buckets
		? histogramQuantile(quantile, buckets)
		: { kind: 'none', reason: 'the pods have different buckets' };
	if (found.kind === 'none')
		return { verdict: 'inconclusive', level: 'unknown', value: null, atLeast: false, reason: found.reason };
	const atLeast = found.kind === 'atLeast';
	const shown = `the ${quantile} quantile is ${atLeast ? 'at least ' : ''}${milliseconds(found.value)}, at most ${milliseconds(pass)} is allowed`;
	if (found.value > pass)
		return { verdict: 'failed', level: levelOf(found.value, policy), value: found.value, atLeast, reason: shown };
	// The highest bucket lies below the limit: the quantile may be on either side of it.
	if (atLeast)
		return {
			verdict: 'inconclusive',
			level: 'unknown',
			value: found.value,
			atLeast,
			reason: `${shown}; the histogram has no bucket at the limit`,
		};
	return { verdict: 'passed', level: 'pass', value: found.value, atLeast, reason: shown };
}

function levelOf(value: number, { responseTimeSeconds: { warning, critical } }: ThresholdPolicy): Level {
	if (value > critical) return 'critical';
	return value > warning ? 'warning' : 'above-pass';
}

function milliseconds(seconds: number): string {
	return `${Math.round(seconds * 1000)} ms`;
}
