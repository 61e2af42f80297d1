import { assessTerminalState, PROOFS_OF_ROLLBACK, PROOFS_OF_SUCCESS } from '../../../lib/release/assessTerminalState';
import type { Json, Release, StepRecord, StepState, TerminalState } from '../../../lib/release/model';

const NOW = new Date('2026-11-23T22:00:00Z');
const BEFORE = new Date(NOW.getTime() - 1);
const AFTER = new Date(NOW.getTime() + 1);

function release(watchUntil: Date | null = null): Release {
	return {
		id: 'r-1',
		token: 1,
		environment: 'production',
		version: '2026.11.23',
		commit: '',
		images: [],
		startedBy: 'ci',
		authors: [],
		state: 'running',
		rehearsal: false,
		contracts: false,
		deliveryId: '',
		executionId: '1',
		override: null,
		resumes: 0,
		startedAt: BEFORE,
		waitingUntil: null,
		watchUntil,
		rollingBackAt: null,
		pointOfNoReturn: null,
		finishedAt: null,
		reason: '',
		heartbeatAt: BEFORE,
	};
}

function step(stepKey: string, state: StepState, { result = null, itemKey = '' }: Partial<StepRecord> = {}) {
	const kind = 'verdict' as const;
	const facts = { stepKey, itemKey, kind, state, result, inputHash: '', attempts: 1 };
	return { ...facts, startedAt: BEFORE, finishedAt: null, evidence: null, inverse: null, error: null };
}

const passed = (...stepKeys: string[]): StepRecord[] => stepKeys.map((stepKey) => step(stepKey, 'passed'));
const migrated = (result: Json): StepRecord[] => [step('2.1/deploy-migrations', 'passed', { result })];
const CONTRACTED = ['2.1/raise-floor', '2.1/deploy-migrations'];
const SWITCH = '3.2/switch-traffic';
const PROOFS = passed(...PROOFS_OF_SUCCESS);
const WATCHED = passed('watch/health', 'watch/error-rate');
const without = (steps: readonly StepRecord[], stepKey: string): StepRecord[] =>
	steps.filter((one) => one.stepKey !== stepKey);

it.each<[string, TerminalState, readonly StepRecord[]]>([
	['nothing was taken away', 'failed-before-change', passed('2.1/previous-version-gone')],
	['people said no', 'rejected', [step('gate-1/approval', 'failed')]],
	['the way back was refused to be closed', 'failed-before-change', [step('2.1/raise-floor', 'failed')]],
	['the way back is closed, and nothing was migrated', 'needs-human', passed('2.1/raise-floor')],
	['the migration failed', 'needs-human', [...passed('2.1/raise-floor'), step('2.1/deploy-migrations', 'failed')]],
	['the data are not as they were', 'needs-human', [...passed(...CONTRACTED), step('2.2/integrity-after', 'failed')]],
	['all went well', 'succeeded', passed(...CONTRACTED, '2.2/integrity-after')],
])('a release that runs what was held back, %s: it ends as %s', (_, expected, steps) => {
	expect(assessTerminalState({ ...release(), contracts: true }, steps, NOW)).toBe(expected);
});

it.each<[string, TerminalState, readonly StepRecord[]]>([
	['nothing recorded', 'failed-before-change', []],
	['phase 1 failed', 'failed-before-change', [step('1.1/check-http', 'failed')]],
	['gate 1 was refused', 'rejected', [...passed('1.2/verify-backup'), step('gate-1/approval', 'failed')]],
	['a gate nobody could judge is no refusal', 'failed-before-change', [step('gate-1/approval', 'inconclusive')]],
	['the migration failed', 'needs-human', [step('2.1/deploy-migrations', 'failed')]],
	['the migration never told its end', 'needs-human', [step('2.1/deploy-migrations', 'started')]],
	['the migration applied nothing', 'failed-before-change', migrated({ applied: [] })],
	[
		'nothing to apply, then gate 2 was refused',
		'rejected',
		[...migrated({ applied: [] }), step('gate-2/approval', 'failed')],
	],
	['the migration applied something', 'stopped-schema-ahead', migrated({ applied: ['1_a'] })],
	[
		'the migration applied something, then gate 2 was refused',
		'stopped-schema-ahead',
		[...migrated({ applied: ['1_a'] }), step('gate-2/approval', 'failed')],
	],
	['the migration was only observed as done', 'stopped-schema-ahead', migrated({ observed: 'done' })],
	['the migration left no result', 'stopped-schema-ahead', migrated(null)],
	[
		'one of two migrated schemas applied nothing, the other something',
		'stopped-schema-ahead',
		[
			step('2.1/deploy-migrations', 'passed', { itemKey: 'a', result: { applied: [] } }),
			step('2.1/deploy-migrations', 'passed', { itemKey: 'b', result: { applied: ['1_a'] } }),
		],
	],
	[
		'one of two migrated schemas failed',
		'needs-human',
		[
			step('2.1/deploy-migrations', 'passed', { itemKey: 'a', result: { applied: [] } }),
			step('2.1/deploy-migrations', 'failed', { itemKey: 'b' }),
		],
	],
	['the switch failed and nobody rolled back', 'needs-human', [step(SWITCH, 'failed')]],
	['the switch was started and nobody rolled back', 'needs-human', [step(SWITCH, 'started')]],
	[
		'rolled back and checked',
		'rolled-back-verified',
		[...PROOFS, ...passed('rollback/switch-back', ...PROOFS_OF_ROLLBACK)],
	],
	[
		'rolled back after a switch of unknown outcome',
		'rolled-back-verified',
		[step(SWITCH, 'started'), ...passed('rollback/switch-back', ...PROOFS_OF_ROLLBACK)],
	],
	['rolled back, never checked', 'rolled-back-unverified', passed(SWITCH, 'rollback/switch-back')],
	[
		'rolled back, the check failed',
		'rolled-back-unverified',
		[...passed(SWITCH, 'rollback/switch-back'), step('rollback/check-live', 'failed')],
	],
	[
		'rolled back, the check could not tell',
		'rolled-back-unverified',
		[...passed(SWITCH, 'rollback/switch-back'), step('rollback/check-live', 'inconclusive')],
	],
	[
		'rolled back, and killed while it was watched',
		'rolled-back-unverified',
		passed(SWITCH, 'rollback/switch-back', 'rollback/check-live', 'rollback/check-login'),
	],
	[
		'rolled back, and unhealthy while it was watched',
		'rolled-back-unverified',
		[
			...passed(SWITCH, 'rollback/switch-back', 'rollback/check-live', 'rollback/check-login'),
			step('rollback/watch', 'failed'),
		],
	],
	[
		'its database restored and swapped back, and seen to serve',
		'stopped-schema-ahead',
		[
			...migrated({ applied: ['1_a'] }),
			...passed('database/restore', 'database/check-live', 'database/swap-back', 'swap-back/check-live'),
		],
	],
	[
		'its database swapped back, the check failed',
		'needs-human',
		[...passed('database/restore', 'database/swap-back'), step('swap-back/check-live', 'failed')],
	],
	[
		'its database swapped back, never checked',
		'needs-human',
		passed('database/restore', 'database/check-live', 'database/swap-back'),
	],
	[
		'its database could not be swapped back',
		'needs-human',
		[...passed('database/restore', 'database/check-live'), step('database/swap-back', 'failed')],
	],
	['its writers could not be thawed', 'needs-human', [step('thaw/writers', 'failed')]],
	['its writers could not be frozen', 'needs-human', [step('freeze/writers', 'started')]],
	['the rollback failed', 'needs-human', [...passed(SWITCH), step('rollback/switch-back', 'failed')]],
	['the rollback never told its end', 'needs-human', [...passed(SWITCH), step('rollback/switch-back', 'started')]],
	['a rollback failed although nothing was switched', 'needs-human', [step('rollback/switch-back', 'failed')]],
	[
		'a rollback that had nothing to go back from',
		'failed-before-change',
		passed('rollback/switch-back', 'rollback/check-live'),
	],
	[
		'a rollback that had nothing to go back from, after a migration',
		'stopped-schema-ahead',
		[...migrated({ applied: ['1_a'] }), ...passed('rollback/switch-back', 'rollback/check-live')],
	],
	['everything proven and watched, but the watch was never begun', 'needs-human', [...PROOFS, ...WATCHED]],
])('%s: %s', (_, expected, steps) => {
	expect(assessTerminalState(release(), steps, NOW)).toBe(expected);
});

describe('success needs the whole proof', () => {
	it.each([
		['its end', NOW],
		['later', BEFORE],
	])('everything proven, the watch passed, at %s of the window: succeeded', (_, watchUntil) => {
		expect(assessTerminalState(release(watchUntil), [...PROOFS, ...WATCHED], NOW)).toBe('succeeded');
	});

	it.each(['4.3/business-checklist', '1.0/readiness-checklist'])('somebody said no in %s: needs-human', (stepKey) => {
		const answers = [step(stepKey, 'passed', { itemKey: 'Ann' }), step(stepKey, 'failed', { itemKey: 'Bob' })];
		expect(assessTerminalState(release(BEFORE), [...PROOFS, ...WATCHED, ...answers], NOW)).toBe('needs-human');
		const agreed = [...PROOFS, ...WATCHED, ...answers.slice(0, 1)];
		expect(assessTerminalState(release(BEFORE), agreed, NOW)).toBe('succeeded');
	});

	it.each<[string, TerminalState]>([
		['4.2/error-rate', 'needs-human'],
		['4.2/resource-usage', 'succeeded'],
	])('%s was only tried: %s', (stepKey, expected) => {
		const tried = step(stepKey, 'passed', { result: { dryRun: true, wouldBe: 'passed' } });
		const steps = [...without(PROOFS, stepKey), ...WATCHED, tried];
		expect(assessTerminalState(release(BEFORE), steps, NOW)).toBe(expected);
	});

	it('the watch is not over: needs-human', () => {
		expect(assessTerminalState(release(AFTER), [...PROOFS, ...WATCHED], NOW)).toBe('needs-human');
	});

	it.each([...PROOFS_OF_SUCCESS.slice(1), 'watch/health', 'watch/error-rate'])('%s is missing', (stepKey) => {
		const steps = without([...PROOFS, ...WATCHED], stepKey);
		expect(assessTerminalState(release(BEFORE), steps, NOW)).toBe('needs-human');
	});

	it.each(['failed', 'inconclusive', 'started'] as const)('any of its steps stands as %s', (state) => {
		for (const { stepKey } of [...PROOFS, ...WATCHED]) {
			const steps = [...without([...PROOFS, ...WATCHED], stepKey), step(stepKey, state)];
			expect([stepKey, assessTerminalState(release(BEFORE), steps, NOW)]).toEqual([stepKey, 'needs-human']);
		}
	});

	it('one of several items of a step failed: the passed ones before it do not hide it', () => {
		const steps = [...PROOFS, ...WATCHED, step('3.2/check-live', 'failed', { itemKey: 'frontend' })];
		expect(assessTerminalState(release(BEFORE), steps, NOW)).toBe('needs-human');
	});
});
