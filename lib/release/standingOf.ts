import type { StepRecord, StepState } from './model';

/** How a step stands over all its items: failed when one failed, else open when one is not passed. Undefined: nobody recorded it. */
export function standingOf(stepKey: string, records: readonly StepRecord[]): StepState | undefined {
	const states = records.filter((record) => record.stepKey === stepKey).map(({ state }) => state);
	return (
		states.find((candidate) => candidate === 'failed') ??
		states.find((candidate) => candidate !== 'passed') ??
		states[0]
	);
}
