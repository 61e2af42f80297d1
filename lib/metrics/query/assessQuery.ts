import { assessHeldFor, type HeldFor, type HeldSample } from '../../support/heldFor';
import type { Verdict } from '../../support/verdict';
import type { QueryAssessment, QueryRule, TimedMeasurement } from './model';

/**
 * Judges measurements: passed once the latest so many in a row are on the fine side of the pass limit; failed once every one was beyond the fail
 * limit for as long as the rule says; inconclusive when too many in a row are no number, or neither came out in time. What is no number is a
 * gap: it neither passes nor fails.
 */
export function assessQuery(measurements: readonly TimedMeasurement[], rule: QueryRule): QueryAssessment {
	const held = assessHeldFor(
		measurements.map((one) => judge(one, rule)),
		rule,
	);
	const numbers = measurements.flatMap(({ measurement }) =>
		measurement.kind === 'value' ? [measurement.value] : [],
	);
	const value = numbers.at(-1) ?? null;
	const verdict = decide(measurements, { held, rule });
	const counts = { samples: numbers.length, errors: measurements.length - numbers.length };
	return { verdict, value, ...counts, held, reason: explain(measurements, { verdict, value, held, rule }) };
}

function judge({ atMs, measurement }: TimedMeasurement, rule: QueryRule): HeldSample {
	if (measurement.kind !== 'value') return { atMs, outcome: 'gap' };
	return { atMs, outcome: isBeyond(measurement.value, rule.fail, rule) ? 'breached' : 'clear' };
}

function decide(
	measurements: readonly TimedMeasurement[],
	{ held, rule }: { readonly held: HeldFor; readonly rule: QueryRule },
): Verdict | undefined {
	if (held.state === 'held') return 'failed';
	const latest = measurements.slice(-rule.minimumSamples);
	const calm = latest.every(
		({ measurement }) => measurement.kind === 'value' && !isBeyond(measurement.value, rule.pass, rule),
	);
	if (latest.length === rule.minimumSamples && calm) return 'passed';
	const blind = measurements.slice(-rule.errorLimit);
	if (blind.length === rule.errorLimit && blind.every(({ measurement }) => measurement.kind !== 'value'))
		return 'inconclusive';
	const { windowMs, limitMs } = queryBounds(rule);
	const watchedMs = (measurements.at(-1)?.atMs ?? 0) - (measurements[0]?.atMs ?? 0);
	return watchedMs >= (held.state === 'pending' ? limitMs : windowMs) ? 'inconclusive' : undefined;
}

/** When asking ends, in milliseconds: after `window` unless a breach is under way, after `limit` always. */
export function queryBounds({ heldForMs, intervalMs, minimumSamples }: QueryRule): {
	readonly windowMs: number;
	readonly limitMs: number;
} {
	const windowMs = Math.max(heldForMs, minimumSamples * intervalMs) + 2 * intervalMs;
	return { windowMs, limitMs: 2 * windowMs };
}

function isBeyond(value: number, limit: number, { direction }: QueryRule): boolean {
	return direction === 'atMost' ? value > limit : value < limit;
}

function explain(
	measurements: readonly TimedMeasurement[],
	{
		verdict,
		value,
		held,
		rule,
	}: { verdict: Verdict | undefined; value: number | null; held: HeldFor; rule: QueryRule },
): string {
	const side = rule.direction === 'atMost' ? 'at most' : 'at least';
	if (verdict === 'failed')
		return `${value}, ${side} ${rule.fail} is tolerated; held for ${Math.round(held.forMs / 1000)} s in ${held.samples} samples`;
	const latest = measurements.at(-1)?.measurement;
	if (latest && latest.kind !== 'value') return latest.reason;
	return `${value ?? 'no number'}, ${side} ${rule.pass} is allowed`;
}
