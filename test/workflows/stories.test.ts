import { REQUEST, Stage, type Ending } from './story';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const failed = { verdict: 'failed' as const };
const inconclusive = { verdict: 'inconclusive' as const };

/** What was run of one workflow, without the Release node's bookkeeping. */
function ranOf({ called }: { called: readonly string[] }, workflowId: string): string[] {
	const names = called
		.filter((entry) => entry.startsWith(`${workflowId}/`))
		.map((entry) => entry.slice(workflowId.length + 1));
	return names.filter((name) => !['Release', 'Finish', 'Return verdict'].includes(name));
}

const PHASE_1 = [
	'Check HTTP health',
	'Check Postgres',
	'Check Redis',
	'Check cluster',
	'Check login before',
	'Create backup',
	'Verify backup',
];
const PHASE_2 = ['Migration status', 'Ask for approval 1', 'Record approval 1', 'Deploy migrations'];
const BEFORE_THE_SWITCH = [
	'Record what is live',
	'Set image',
	'Wait for rollout',
	'Check preview',
	'Ask for approval 2',
	'Record approval 2',
];
const PHASE_4 = ['Check login', 'Error rate', 'Response time'];
const ROLL_BACK = ['Switch back', 'Check live', 'Page: rolled back'];

function expectNotReached({ runner }: Ending, ...workflowIds: string[]): void {
	expect(workflowIds.filter((id) => runner.reached(id))).toEqual([]);
}

describe('a release in which all goes well', () => {
	it('runs the phases in the order of the runbook and is watched', async () => {
		const ending = await stage.deploy();
		expect(ranOf(ending, 'phase-1-pre-deploy')).toEqual(PHASE_1);
		expect(ranOf(ending, 'phase-2-migration')).toEqual(PHASE_2);
		expect(ranOf(ending, 'phase-3-rollout').slice(0, 8)).toEqual([
			...BEFORE_THE_SWITCH,
			'Switch traffic',
			'Check live',
		]);
		expect(ranOf(ending, 'phase-4-validation')).toEqual(PHASE_4);
		expect(ranOf(ending, 'deploy-production')).toEqual(['Start watch', 'Tell: deployed']);
		expectNotReached(ending, 'roll-back-production', 'on-failure');
		expect(ending.release).toMatchObject({ state: 'watching', finishedAt: null });
	});

	it('holds the environment: another delivery is told who stands in the way, and touches nothing', async () => {
		const { runner, release } = await stage.deploy();
		const before = stage.called.length;
		await runner.start('deploy-production', {
			at: 'Release webhook',
			items: [{ ...REQUEST, version: '2026.11.7', deliveryId: 'msg_2' }],
			mode: 'webhook',
		});
		const since = stage.called.slice(before);
		expect(since.filter((name) => !name.startsWith('on-failure/'))).toEqual([
			'deploy-production/Release',
			'deploy-production/Tell who stands in the way',
		]);
		expect(runner.output('deploy-production', 'Release', 1)?.[0]).toMatchObject({
			release: { id: release?.id, started: false },
		});
	});
});

describe('nothing is changed', () => {
	it.each([
		['a health check fails', { outcomes: { 'phase-1-pre-deploy/Check Postgres': failed } }, PHASE_1.slice(0, 2)],
		[
			'a health check cannot tell',
			{ outcomes: { 'phase-1-pre-deploy/Check Redis': inconclusive } },
			PHASE_1.slice(0, 3),
		],
		['the backup is damaged', { outcomes: { 'phase-1-pre-deploy/Verify backup': failed } }, PHASE_1],
	])('when %s', async (_, plot, ran) => {
		const ending = await stage.deploy(plot);
		expect(ranOf(ending, 'phase-1-pre-deploy')).toEqual(ran);
		expectNotReached(ending, 'phase-2-migration', 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ranOf(ending, 'deploy-production')).toEqual(['Finish: stopped before the rollout', 'Tell: stopped']);
		expect(ending.release).toMatchObject({ state: 'failed-before-change' });
	});

	it.each(['reject', 'expire'] as const)('when the answer at gate 1 is: %s', async (answer) => {
		const ending = await stage.deploy({ answers: { 'phase-2-migration/Gate 1': answer } });
		expect(ranOf(ending, 'phase-2-migration')).toEqual(PHASE_2.slice(0, 3));
		expectNotReached(ending, 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ending.release).toMatchObject({ state: 'rejected' });
	});

	it('when the approvers cannot be asked because the pager is down', async () => {
		const ending = await stage.deploy({
			outcomes: { 'phase-2-migration/Ask for approval 1': new Error('the pager is down') },
		});
		expect(ranOf(ending, 'phase-2-migration')).toEqual(PHASE_2.slice(0, 2));
		expectNotReached(ending, 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ending.release).toMatchObject({ state: 'failed-before-change' });
	});
});

describe('a migration that fails half-way', () => {
	it('stops for a human: no rollout, and nobody rolls a schema back by itself', async () => {
		const ending = await stage.deploy({
			outcomes: { 'phase-2-migration/Deploy migrations': new Error('column already exists') },
		});
		expectNotReached(ending, 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ranOf(ending, 'on-failure')).toContain('Page: a run died');
		expect(ending.release).toMatchObject({ state: 'needs-human' });
	});
});

describe('traffic is never switched', () => {
	it.each([
		[
			'a pod is never ready',
			{ outcomes: { 'phase-3-rollout/Wait for rollout': failed } },
			BEFORE_THE_SWITCH.slice(0, 3),
		],
		[
			'the rollout cannot be judged',
			{ outcomes: { 'phase-3-rollout/Wait for rollout': inconclusive } },
			BEFORE_THE_SWITCH.slice(0, 3),
		],
		[
			'the preview is not healthy',
			{ outcomes: { 'phase-3-rollout/Check preview': failed } },
			BEFORE_THE_SWITCH.slice(0, 4),
		],
		['gate 2 is refused', { answers: { 'phase-3-rollout/Gate 2': 'reject' as const } }, BEFORE_THE_SWITCH],
		['nobody answers at gate 2', { answers: { 'phase-3-rollout/Gate 2': 'expire' as const } }, BEFORE_THE_SWITCH],
	])('when %s', async (_, plot, ran) => {
		const ending = await stage.deploy(plot);
		expect(ranOf(ending, 'phase-3-rollout')).toEqual(ran);
		expectNotReached(ending, 'phase-4-validation');
		expect(ranOf(ending, 'roll-back-production')).toEqual(ROLL_BACK);
		expect(ending.release).toMatchObject({ state: 'stopped-schema-ahead' });
	});
});

describe('the old version is brought back', () => {
	it.each([
		['the live check fails after the switch', { 'phase-3-rollout/Check live': failed }],
		['the login does not work', { 'phase-4-validation/Check login': failed }],
		['the error rate breaks its threshold', { 'phase-4-validation/Error rate': failed }],
		['the error rate cannot be measured', { 'phase-4-validation/Error rate': inconclusive }],
		['answers are too slow', { 'phase-4-validation/Response time': failed }],
	])('when %s', async (_, outcomes) => {
		const ending = await stage.deploy({ outcomes });
		expect(ranOf(ending, 'roll-back-production')).toEqual(ROLL_BACK);
		expect(ranOf(ending, 'deploy-production')).toEqual([]);
		expect(ending.release).toMatchObject({ state: 'rolled-back-verified' });
	});

	it('even when the pager is down', async () => {
		const outcomes = {
			'phase-4-validation/Error rate': failed,
			'roll-back-production/Page: rolled back': new Error('the pager is down'),
			'on-failure/Page: a run died': new Error('the pager is down'),
		};
		const ending = await stage.deploy({ outcomes });
		expect(ranOf(ending, 'roll-back-production').slice(0, 2)).toEqual(ROLL_BACK.slice(0, 2));
		expect(ending.release).toMatchObject({ state: 'rolled-back-verified' });
	});

	it('when phase 4 dies instead of judging', async () => {
		const ending = await stage.deploy({
			outcomes: { 'phase-4-validation/Error rate': new Error('out of memory') },
		});
		expect(ranOf(ending, 'roll-back-production')).toEqual(ROLL_BACK);
		expect(ending.release).toMatchObject({ state: 'rolled-back-verified' });
	});

	it('and is not called verified when it does not answer', async () => {
		const ending = await stage.deploy({
			outcomes: { 'phase-4-validation/Error rate': failed, 'roll-back-production/Check live': failed },
		});
		expect(ranOf(ending, 'deploy-production')).toEqual(['Page: rollback not proven']);
		expect(ending.release).toMatchObject({ state: 'rolled-back-unverified' });
	});
});

describe('the watch', () => {
	const tick = async (
		outcomes: Record<string, { verdict: 'failed' | 'inconclusive' | 'passed' }>,
	): Promise<Ending> => {
		const ending = await stage.deploy();
		for (const [name, outcome] of Object.entries(outcomes)) stage.set(`watch-production/${name}`, outcome);
		await ending.runner.start('watch-production', { at: 'Every 15 seconds' });
		const release = ending.release && (await stage.database.ledger.readRelease(ending.release.id));
		return { ...ending, called: [...stage.called], release };
	};

	it('goes on while all is well and the window is open', async () => {
		const ending = await tick({});
		expect(ranOf(ending, 'watch-production')).toEqual(expect.arrayContaining(['Watch health', 'Watch error rate']));
		expectNotReached(ending, 'roll-back-production');
		expect(ending.release).toMatchObject({ state: 'watching' });
	});

	it.each(['Watch health', 'Watch error rate'])('rolls back when %s fails', async (name) => {
		const ending = await tick({ [name]: failed });
		expect(ranOf(ending, 'roll-back-production')).toEqual(ROLL_BACK);
		expect(ending.release).toMatchObject({ state: 'rolled-back-verified' });
	});

	it.each(['Watch health', 'Watch error rate'])(
		'asks a person when %s cannot tell, and changes nothing',
		async (name) => {
			const ending = await tick({ [name]: inconclusive });
			expect(ranOf(ending, 'watch-production')).toContain('Page: watch cannot tell');
			expectNotReached(ending, 'roll-back-production');
			expect(ending.release).toMatchObject({ state: 'watching' });
		},
	);

	it('does nothing when no release is watched', async () => {
		const runner = await stage.open({});
		await runner.start('watch-production', { at: 'Every 15 seconds' });
		expect(ranOf({ called: stage.called }, 'watch-production').filter((name) => name.startsWith('Watch'))).toEqual(
			[],
		);
		expect(runner.reached('roll-back-production')).toBe(false);
	});
});

describe('the form', () => {
	it('starts the same release as the CI’s webhook', async () => {
		const runner = await stage.open({});
		const items = [
			{ Version: '2026.11.2', Environment: 'production', Commit: '4f9c2a1', 'Your name': 'Release manager' },
		];
		await runner.start('deploy-production', { at: 'Release form', items, mode: 'webhook' });
		expect(runner.waiting().map((execution) => runner.waitsAt(execution))).toEqual(['phase-2-migration/Gate 1']);
		expect(runner.output('deploy-production', 'Release', 2)?.[0]).toMatchObject({
			release: { version: '2026.11.2', startedBy: 'Release manager', rehearsal: false },
		});
	});
});

describe('a manual run in the editor', () => {
	it('rehearses: it judges, and the first change is refused', async () => {
		const runner = await stage.open({});
		await runner.start('deploy-production', { at: 'Manual rehearsal', mode: 'manual' });
		expect(ranOf({ called: stage.called }, 'phase-1-pre-deploy')).toEqual(PHASE_1.slice(0, 5));
		const errors = runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
		expect(errors).toContainEqual(expect.stringContaining('RELEASE.MANUAL_RUN_NOT_ARMED'));
	});
});
