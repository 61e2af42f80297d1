import type { INode } from 'n8n-workflow';
import { answerGate, type Answer } from './people';
import { nodeOf, ranOf, reached, Stage, type Ending, type Plot, type Workflows } from './story';
import type { WorkflowRunner } from './runWorkflow';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const WORKFLOW = 'contract-release';
const GATE_1 = 'phase-2-migration/Gate 1';
const FLOOR = 'phase-2-migration/Raise schema floor';
const DEPLOY = 'phase-2-migration/Deploy migrations';
const FORM = { Environment: 'production', 'Your name': 'On-call engineer', 'Release to resume': '' };
const REPORTS = { result: { url: 'https://reports.example.com/release.html' } };

/** A release whose watch has ended well. */
async function succeed(plot: Plot = {}): Promise<WorkflowRunner> {
	const outcomes = {
		'phase-2-migration/Lint migrations': { result: { deploys: [], heldBack: ['3_drop'] } },
		[`${WORKFLOW}/Report: contracted`]: REPORTS,
		[`${WORKFLOW}/Report: stopped`]: REPORTS,
	};
	const runner = await stage.open({ ...plot, outcomes: { ...outcomes, ...plot.outcomes } });
	await stage.request(runner);
	await stage.database.query('UPDATE deployment_runbook.release SET watch_until = now()');
	await stage.tick(runner, 'watch-production');
	return runner;
}

async function sendForm(
	runner: WorkflowRunner,
	{ answer = 'approve', releaseId = '' }: { answer?: Answer | undefined; releaseId?: string } = {},
): Promise<Ending> {
	const before = stage.called.length;
	const items = [{ ...FORM, 'Release to resume': releaseId }];
	const started = await runner.start(WORKFLOW, { at: 'Contract form', items });
	for (let gates = 0; gates < 3; gates += 1) {
		const [gate] = stage.gates(runner);
		if (!gate) break;
		await answerGate(gate, answer);
	}
	const ending = await stage.ending(runner, started);
	return { ...ending, called: ending.called.slice(before) };
}

/** The outcomes of the plot are those of the contract release, not of the one before it. */
async function contract({ outcomes = {}, ...plot }: Plot = {}): Promise<Ending> {
	const runner = await succeed(plot);
	for (const [name, outcome] of Object.entries(outcomes)) stage.set(name, outcome);
	return await sendForm(runner, { answer: plot.answers?.[GATE_1] });
}

it('what was held back runs in a release of its own: no image, two persons, the way back closed before it', async () => {
	const { called, release, mails } = await contract();
	expect(release).toMatchObject({ state: 'succeeded', contracts: true, version: '2026.11.2' });
	expect(ranOf({ called }, WORKFLOW)).toEqual([
		'Check previous version is gone',
		'Report: contracted',
		'Tell: contracted',
	]);
	expect(ranOf({ called }, 'phase-2-migration')).toEqual([
		'Migration status',
		'Lint migrations',
		'Rehearse migrations',
		'Run previous version',
		'Check integrity before',
		'Ask 1',
		'Mail approvers 1',
		'Gate 1',
		'Gate 1',
		'Gate 1',
		'Raise schema floor',
		'Record counts',
		'Deploy migrations',
		'Check integrity after',
	]);
	expect(called.some((name) => name.startsWith('phase-3-rollout/'))).toBe(false);
	for (const name of ['Lint migrations', 'Rehearse migrations', 'Deploy migrations'])
		expect(stage.given(`phase-2-migration/${name}`)).toMatchObject({ upTo: 'all' });
	const votes = await stage.database.ledger.gates.readVotes(release?.id ?? '', 'gate-1/approval');
	expect(new Set(votes.map(({ approver }) => approver)).size).toBe(2);
	expect(mails.length).toBeGreaterThan(1);
});

it('a release that deploys images holds back what contracts, and closes no way back', async () => {
	const { called } = await stage.deploy();
	expect(called).toContain(DEPLOY);
	expect(called).not.toContain(FLOOR);
	expect(stage.given(DEPLOY)).toMatchObject({ upTo: 'lastExpand' });
});

describe('it does not begin', () => {
	it('while the version that serves is watched', async () => {
		const runner = await stage.open();
		await stage.request(runner);
		const { called, release } = await sendForm(runner);
		expect(release).toMatchObject({ state: 'watching', contracts: false });
		expect(called.filter((name) => !name.startsWith('on-failure/'))).toEqual([`${WORKFLOW}/Release`]);
		expect(await stage.refusals()).toContain('RELEASE.NOT_CONTRACTIBLE');
	});

	it('when the last release that moved traffic was rolled back', async () => {
		const runner = await stage.open({ outcomes: { 'phase-4-validation/Error rate': { verdict: 'failed' } } });
		await stage.request(runner);
		const { called } = await sendForm(runner);
		expect(called.filter((name) => !name.startsWith('on-failure/'))).toEqual([`${WORKFLOW}/Release`]);
		expect(await stage.refusals()).toContain('RELEASE.NOT_CONTRACTIBLE');
	});
});

const approveOnce: Answer = async (gate) => {
	const [mail] = gate.mails;
	if (mail) await gate.vote(mail, 'approve');
	await gate.expire();
};

describe('nothing is taken away', () => {
	it.each<[string, Plot]>([
		[
			'when another version still runs',
			{ outcomes: { [`${WORKFLOW}/Check previous version is gone`]: { verdict: 'failed' } } },
		],
		[
			'when nobody can tell what runs',
			{ outcomes: { [`${WORKFLOW}/Check previous version is gone`]: { verdict: 'inconclusive' } } },
		],
		['when the rehearsal fails', { outcomes: { 'phase-2-migration/Rehearse migrations': { verdict: 'failed' } } }],
		['when nobody answers', { answers: { [GATE_1]: 'expire' } }],
		['when one of two approves', { answers: { [GATE_1]: approveOnce } }],
		['when somebody says no', { answers: { [GATE_1]: 'reject' } }],
	])('%s, and the release ends', async (_, plot) => {
		const { called, release } = await contract(plot);
		expect(called).not.toContain(FLOOR);
		expect(called).not.toContain(DEPLOY);
		expect(called).toContain(`${WORKFLOW}/Tell: stopped`);
		expect(release).toMatchObject({ contracts: true, finishedAt: expect.any(Date) });
		expect(release?.state).toMatch(/^(rejected|failed-before-change)$/);
	});

	const change =
		(name: string, settings: Partial<INode>) =>
		(workflows: Workflows): void =>
			void Object.assign(nodeOf(workflows, name), settings);
	const LEAKS: Record<string, (guard: string) => Plot> = {
		'throws and is set to continue': (guard) => ({
			edit: change(guard, { onError: 'continueRegularOutput' }),
			replace: { [guard]: async () => await Promise.reject(new Error('connection reset')) },
		}),
		'is disabled': (guard) => ({ edit: change(guard, { disabled: true }) }),
	};
	const GUARDS = [
		`${WORKFLOW}/Release`,
		`${WORKFLOW}/Phase 1: pre-deployment`,
		`${WORKFLOW}/Check previous version is gone`,
	];
	describe.each(Object.entries(LEAKS))('when a guard %s:', (_, leak) => {
		it.each(GUARDS)('%s', async (guard) => {
			const { called, runner } = await contract(leak(guard));
			expect(runner.ran).toContain(guard);
			expect(called).not.toContain(DEPLOY);
		});
	});

	// The release before it goes through the same phase, so that these are spoilt when its turn has come.
	it.each(Object.entries(LEAKS))('when raising the floor %s: the ledger refuses the migration', async (_, leak) => {
		const { called, runner } = await contract(leak(FLOOR));
		expect(runner.ran).toContain(FLOOR);
		expect(called).not.toContain(DEPLOY);
		const errors = runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
		expect(errors).toContainEqual(expect.stringContaining('RELEASE.STEP_NOT_PROVEN'));
	});

	it('when the canvas lets everything be deployed by an ordinary release', async () => {
		const edit = (workflows: Workflows): void =>
			void Object.assign(nodeOf(workflows, DEPLOY).parameters, { upTo: 'all' });
		const { called, runner } = await stage.deploy({ edit });
		expect(called).not.toContain(DEPLOY);
		const errors = runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
		expect(errors).toContainEqual(expect.stringContaining('RELEASE.STEP_NOT_PROVEN'));
		expect(reached(runner, 'phase-3-rollout')).toBe(false);
	});
});

it('a run that dies in the migration is resumed by its own form, and by no other', async () => {
	const runner = await succeed();
	const dead = await stage.kill(runner, { during: DEPLOY }, async () => await sendForm(runner));
	expect(dead.contracts).toBe(true);
	await stage.resume(runner, dead);
	expect(await stage.refusals()).toContain('RELEASE.NOT_RESUMABLE');
	stage.observe(DEPLOY, 'not-done');
	const { called, release } = await sendForm(runner, { releaseId: dead.id });
	expect(called).toContain(DEPLOY);
	expect(release).toMatchObject({ id: dead.id, state: 'succeeded' });
});
