import type { StepRecord, StepState } from '../../../lib/release/model';
import { isRollbackProven, isRollbackWithheld } from '../../../lib/release/rollbackProof';

function step(stepKey: string, state: StepState = 'passed'): StepRecord {
	const facts = { stepKey, itemKey: '', kind: 'change' as const, state, inputHash: '', attempts: 1 };
	const none = { finishedAt: null, result: null, evidence: null, inverse: null, error: null };
	return { ...facts, startedAt: new Date(0), ...none };
}

const DEPLOY = '2.1/deploy-migrations';
const OLD_CODE = '2.1/old-code';

it.each<[string, StepRecord[], boolean]>([
	['a release that never migrated', [], true],
	['one whose migrations wait, whatever was tried', [step(OLD_CODE, 'failed')], true],
	['a previous version that passed on the new schema', [step(OLD_CODE), step(DEPLOY)], true],
	['one that failed there', [step(OLD_CODE, 'failed'), step(DEPLOY)], false],
	['one of which nobody can tell', [step(OLD_CODE, 'inconclusive'), step(DEPLOY)], false],
	['one that is being tried again', [step(OLD_CODE, 'started'), step(DEPLOY)], false],
	['one that nobody tried', [step(DEPLOY)], false],
	['migrations whose end nobody knows', [step(DEPLOY, 'started')], false],
	['migrations that failed half-way', [step(DEPLOY, 'failed')], false],
])('%s (%#)', (_, steps, expected) => {
	expect(isRollbackProven(steps)).toBe(expected);
});

const SWITCH = '3.2/switch-traffic';

it.each<[string, StepRecord[], boolean]>([
	['before the switch there is nothing to go back from', [step(OLD_CODE, 'failed'), step(DEPLOY)], false],
	['a switch whose end nobody knows counts', [step(OLD_CODE, 'failed'), step(DEPLOY), step(SWITCH, 'started')], true],
	['behind it a person decides', [step(DEPLOY), step(SWITCH)], true],
	['unless going back is proven', [step(OLD_CODE), step(DEPLOY), step(SWITCH)], false],
])('%s', (_, steps, expected) => {
	expect(isRollbackWithheld(steps)).toBe(expected);
});
