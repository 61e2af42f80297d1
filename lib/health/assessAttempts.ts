import type { Verdict } from '../support/verdict';
import type { ProbeOutcome } from './model';

/** So many of so many probes must succeed. */
export interface AttemptRule {
	readonly attempts: number;
	readonly required: number;
}

/**
 * The verdict as soon as the probes still to come cannot change it; undefined while they can. `passed`: enough succeeded.
 * `failed`: too many failed. `inconclusive`: only gaps stand between the two.
 */
export function assessAttempts(
	outcomes: readonly ProbeOutcome[],
	{ attempts, required }: AttemptRule,
): Verdict | undefined {
	const succeeded = outcomes.filter((outcome) => outcome === 'ok').length;
	const failed = outcomes.filter((outcome) => outcome === 'failed').length;
	if (succeeded >= required) return 'passed';
	if (failed > attempts - required) return 'failed';
	return outcomes.length >= attempts ? 'inconclusive' : undefined;
}
