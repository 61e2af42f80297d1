import { assessPhase } from '../../../lib/release/assessPhase';
import type { StepRecord, StepState } from '../../../lib/release/model';

function record(stepKey: string, state: StepState, itemKey = ''): StepRecord {
	const startedAt = new Date('2026-11-23T20:00:00Z');
	const outcome = { result: null, evidence: null, inverse: null, error: null };
	return {
		stepKey,
		itemKey,
		kind: 'verdict',
		state,
		inputHash: '',
		attempts: 1,
		startedAt,
		finishedAt: null,
		...outcome,
	};
}

const HTTP = '1.1/check-http';
const BACKUP = '1.2/verify-backup';

it.each<[string, string, string[], StepRecord[], string[]]>([
	['all passed', 'passed', [HTTP, BACKUP], [record(HTTP, 'passed'), record(BACKUP, 'passed')], []],
	['no step asked for is no permission', 'inconclusive', [], [record(HTTP, 'passed')], []],
	['nothing recorded', 'inconclusive', [HTTP], [], [`${HTTP} is not recorded`]],
	['one missing', 'inconclusive', [HTTP, BACKUP], [record(HTTP, 'passed')], [`${BACKUP} is not recorded`]],
	['one failed', 'failed', [HTTP], [record(HTTP, 'failed')], [`${HTTP} is failed`]],
	['one could not tell', 'inconclusive', [HTTP], [record(HTTP, 'inconclusive')], [`${HTTP} is inconclusive`]],
	['one was begun and never ended', 'inconclusive', [HTTP], [record(HTTP, 'started')], [`${HTTP} is started`]],
	[
		'failed outranks what cannot be told',
		'failed',
		[HTTP, BACKUP],
		[record(HTTP, 'inconclusive'), record(BACKUP, 'failed')],
		[`${HTTP} is inconclusive`, `${BACKUP} is failed`],
	],
	[
		'one of several items failed, whatever their order',
		'failed',
		[HTTP],
		[record(HTTP, 'passed', 'a'), record(HTTP, 'inconclusive', 'b'), record(HTTP, 'failed', 'c')],
		[`${HTTP} is failed`],
	],
	[
		'one of several items never ended',
		'inconclusive',
		[HTTP],
		[record(HTTP, 'passed', 'a'), record(HTTP, 'started', 'b')],
		[`${HTTP} is started`],
	],
	['one that need not be begun was not', 'passed', [HTTP, `${BACKUP}?`], [record(HTTP, 'passed')], []],
	[
		'one that need not be begun failed',
		'failed',
		[`${BACKUP}?`, HTTP],
		[record(BACKUP, 'failed')],
		[`${BACKUP} is failed`, `${HTTP} is not recorded`],
	],
	['only one that need not be begun', 'inconclusive', [`${BACKUP}?`], [], []],
	['other steps do not matter', 'passed', [HTTP], [record(HTTP, 'passed'), record('9/other', 'failed')], []],
])('%s: %s', (_, verdict, stepKeys, records, reasons) => {
	const phase = assessPhase(stepKeys, records);
	expect(phase).toEqual({ verdict, reasons, steps: phase.steps });
	const optional = ({ stepKey }: StepRecord): boolean => stepKeys.includes(`${stepKey}?`);
	const asked = [
		...stepKeys.filter((key) => !key.endsWith('?')),
		...records.filter(optional).map((one) => one.stepKey),
	];
	expect(phase.steps.map(({ stepKey }) => stepKey).sort()).toEqual(asked.sort());
});
