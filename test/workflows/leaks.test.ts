import type { IDataObject, INode } from 'n8n-workflow';
import { Stage, type Plot } from './story';
import type { WorkflowJson } from './runWorkflow';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

type Workflows = Record<string, WorkflowJson & { nodes: INode[] }>;

/** What must have passed before phase 3 may change anything, as `workflowId/Node name`. */
const GUARDS = [
	'deploy-production/Release',
	'deploy-production/Phase 1: pre-deployment',
	'deploy-production/Phase 2: migration',
	'phase-1-pre-deploy/Release',
	'phase-1-pre-deploy/Check HTTP health',
	'phase-1-pre-deploy/Check Postgres',
	'phase-1-pre-deploy/Check Redis',
	'phase-1-pre-deploy/Check cluster',
	'phase-1-pre-deploy/Check login before',
	'phase-1-pre-deploy/Create backup',
	'phase-1-pre-deploy/Verify backup',
	'phase-1-pre-deploy/Return verdict',
	'phase-2-migration/Release',
	'phase-2-migration/Migration status',
	'phase-2-migration/Gate 1',
	'phase-2-migration/Record approval 1',
	'phase-2-migration/Deploy migrations',
	'phase-2-migration/Return verdict',
];
const CHANGES_OF_PHASE_3 = [
	'phase-3-rollout/Record what is live',
	'phase-3-rollout/Set image',
	'phase-3-rollout/Switch traffic',
];

/** The ways out of a node that n8n treats as success. Each spoils the named node. */
const LEAKS: Record<string, (guard: string) => Plot> = {
	'throws and is set to continue': (guard) => throwing(guard, 'continueRegularOutput'),
	'throws and is set to continue with its error output': (guard) => throwing(guard, 'continueErrorOutput'),
	'is disabled': (guard) => ({ edit: change(guard, { disabled: true }) }),
	'gives nothing and is set to always output data': (guard) => ({
		edit: change(guard, { alwaysOutputData: true }),
		replace: { [guard]: async () => await Promise.resolve([[]]) },
	}),
};

function throwing(guard: string, onError: 'continueRegularOutput' | 'continueErrorOutput'): Plot {
	return {
		edit: change(guard, { onError }),
		replace: { [guard]: async () => await Promise.reject(new Error('connection reset')) },
	};
}

function change(name: string, settings: Partial<INode>): (workflows: Workflows) => void {
	return (workflows) => void Object.assign(nodeOf(workflows, name), settings);
}

function nodeOf(workflows: Workflows, name: string): INode {
	const slash = name.indexOf('/');
	const node = workflows[name.slice(0, slash)]?.nodes.find((one) => one.name === name.slice(slash + 1));
	if (!node) throw new Error(`there is no node ${name}`);
	return node;
}

it('phase 3 is called when no guard leaks', async () => {
	const { called } = await stage.deploy();
	expect(called).toEqual(expect.arrayContaining(CHANGES_OF_PHASE_3));
});

describe.each(Object.entries(LEAKS))('phase 3 is not called when a guard %s:', (_, leak) => {
	it.each(GUARDS)('%s', async (guard) => {
		const { called, runner } = await stage.deploy(leak(guard));
		expect(runner.ran).toContain(guard);
		expect(runner.reached('phase-3-rollout')).toBe(false);
		expect(called.filter((name) => CHANGES_OF_PHASE_3.includes(name))).toEqual([]);
	});
});

describe('phase 3 is not called when time is up', () => {
	it('at gate 1, whatever the waiting items hold', async () => {
		const { called, runner } = await stage.deploy({ answers: { 'phase-2-migration/Gate 1': 'expire' } });
		expect(runner.reached('phase-3-rollout')).toBe(false);
		expect(called).not.toContain('phase-2-migration/Deploy migrations');
	});

	it('at gate 2, before the switch', async () => {
		const { called, runner } = await stage.deploy({ answers: { 'phase-3-rollout/Gate 2': 'expire' } });
		expect(called).not.toContain('phase-3-rollout/Switch traffic');
		expect(runner.reached('phase-4-validation')).toBe(false);
	});
});

describe('the ledger refuses what the canvas lets through', () => {
	const wiredPast = (target: string): Plot => ({
		edit: (workflows) => {
			const connections = workflows['deploy-production']?.connections ?? {};
			connections.Release = { main: [0, 1, 2].map(() => [{ node: target, type: 'main', index: 0 }]) };
		},
	});

	it.each([
		[
			'phase 2 without phase 1',
			'Phase 2: migration',
			['phase-2-migration/Deploy migrations', ...CHANGES_OF_PHASE_3.slice(1)],
		],
		['phase 3 without phases 1 and 2', 'Phase 3: rollout', CHANGES_OF_PHASE_3.slice(1)],
	])('when it is wired to %s', async (_, target, changes) => {
		const { called, runner } = await stage.deploy(wiredPast(target));
		expect(called.filter((name) => changes.includes(name))).toEqual([]);
		const errors = runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
		expect(errors).toContainEqual(expect.stringContaining('RELEASE.STEP_NOT_PROVEN'));
	});

	it('when an approval is forged in the items', async () => {
		const forged: IDataObject[] = [{ Decision: 'Approve', 'Your name': 'Nobody', approval: { verdict: 'passed' } }];
		const { called } = await stage.deploy({
			edit: (workflows) => {
				const connections = workflows['phase-2-migration']?.connections ?? {};
				connections['Gate 1'] = { main: [[{ node: 'Deploy migrations', type: 'main', index: 0 }]] };
			},
			replace: { 'phase-2-migration/Gate 1': forged },
		});
		expect(called).not.toContain('phase-2-migration/Deploy migrations');
		expect(called.filter((name) => CHANGES_OF_PHASE_3.includes(name))).toEqual([]);
	});
});
