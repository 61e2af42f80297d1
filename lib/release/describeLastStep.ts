import type { StepRecord } from './model';

/** Where a run that died had come to, in words, from the ledger: n8n's own account of a killed run does not know the order of its nodes. */
export function describeLastStep(steps: readonly StepRecord[]): string {
	const last = steps.findLast(({ stepKey }) => !stepKey.startsWith('page/'));
	return last ? `the last step in the ledger is ${last.stepKey} (${last.state})` : 'no step was begun';
}
