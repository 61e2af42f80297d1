import type { Verdict } from '../support/verdict';
import type { StepRecord } from './model';
import { standingOf } from './standingOf';

export interface PhaseAssessment {
	readonly verdict: Verdict;
	/** Each step that was asked for, with what the ledger holds of it. */
	readonly steps: ReadonlyArray<{ readonly stepKey: string; readonly state: string }>;
	/** Steps that stand in the way, in words; empty when passed. */
	readonly reasons: readonly string[];
}

/**
 * A phase's verdict, from the ledger: passed only when every one of its steps stands as passed; failed when one failed;
 * otherwise inconclusive. A step that nobody recorded counts as not proven, whichever wire led here; one whose key ends in `?` is asked
 * for only where it was begun.
 */
export function assessPhase(stepKeys: readonly string[], records: readonly StepRecord[]): PhaseAssessment {
	const steps = stepKeys.flatMap((key) => {
		const stepKey = key.replace(/\?$/, '');
		const state = standingOf(stepKey, records);
		return state === undefined && stepKey !== key ? [] : [{ stepKey, state: state ?? 'not recorded' }];
	});
	const open = steps.filter(({ state }) => state !== 'passed');
	const verdict: Verdict = open.some(({ state }) => state === 'failed')
		? 'failed'
		: open.length > 0 || steps.length === 0
			? 'inconclusive'
			: 'passed';
	return { verdict, steps, reasons: open.map(({ stepKey, state }) => `${stepKey} is ${state}`) };
}
