import type { IDataObject, INode } from 'n8n-workflow';
import { isRollbackProven } from '../../lib/release/rollbackProof';
import type { Answer } from './people';
import { nodeOf, reached, Stage, type Plot, type Workflows } from './story';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const GATE_1 = 'phase-2-migration/Gate 1';
const GATE_2 = 'phase-3-rollout/Gate 2';

/** What must have passed before phase 3 may begin, as `workflowId/Node name`. */
const GUARDS_OF_PHASE_3 = [
	'deploy-production/Release',
	'deploy-production/Rehearsal?',
	'deploy-production/Phase 1: pre-deployment',
	'deploy-production/Phase 2: migration',
	'phase-1-pre-deploy/Release',
	'phase-1-pre-deploy/Check HTTP health',
	'phase-1-pre-deploy/Check Postgres',
	'phase-1-pre-deploy/Check Redis',
	'phase-1-pre-deploy/Check monitoring',
	'phase-1-pre-deploy/Check cluster',
	'phase-1-pre-deploy/Check access',
	'phase-1-pre-deploy/Check backup access',
	'phase-1-pre-deploy/Check ownership',
	'phase-1-pre-deploy/Check login before',
	'phase-1-pre-deploy/Baseline',
	'phase-1-pre-deploy/Create backup',
	'phase-1-pre-deploy/Sync files',
	'phase-1-pre-deploy/Verify files',
	'phase-1-pre-deploy/Verify backup',
	'phase-1-pre-deploy/Return verdict',
	'phase-2-migration/Release',
	'phase-2-migration/Migration status',
	'phase-2-migration/Lint migrations',
	'phase-2-migration/Rehearse migrations',
	'phase-2-migration/Check integrity before',
	'phase-2-migration/Ask 1',
	'phase-2-migration/Mail approvers 1',
	GATE_1,
	'phase-2-migration/Close gate 1',
	'phase-2-migration/Record counts',
	'phase-2-migration/Deploy migrations',
	'phase-2-migration/Check integrity after',
	'phase-2-migration/Return verdict',
];
const CHANGES_OF_PHASE_3 = [
	'phase-3-rollout/Record what is live',
	'phase-3-rollout/Set staging image',
	'phase-3-rollout/Set image',
	'phase-3-rollout/Switch traffic',
	'phase-3-rollout/Move workers',
];
/** What must have passed in phase 3 before traffic is switched. */
const GUARDS_OF_THE_SWITCH = [
	'phase-3-rollout/Release',
	'phase-3-rollout/Record what is live',
	'phase-3-rollout/Set staging image',
	'phase-3-rollout/Wait for staging',
	'phase-3-rollout/Check staging',
	'phase-3-rollout/Check staging login',
	'phase-3-rollout/Wait for rollout',
	'phase-3-rollout/Check preview',
	'phase-3-rollout/Ask 2',
	'phase-3-rollout/Mail approvers 2',
	GATE_2,
	'phase-3-rollout/Close gate 2',
];
const SWITCH = 'phase-3-rollout/Switch traffic';

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

/** A gate is closed only when nobody answered it. */
function answersFor(guard: string): Readonly<Record<string, Answer>> {
	if (guard.endsWith('/Close gate 1')) return { [GATE_1]: 'expire' };
	return guard.endsWith('/Close gate 2') ? { [GATE_2]: 'expire' } : {};
}

it('phase 3 is called and traffic is switched when no guard leaks', async () => {
	const { called } = await stage.deploy();
	expect(called).toEqual(expect.arrayContaining(CHANGES_OF_PHASE_3));
});

describe.each(Object.entries(LEAKS))('phase 3 is not called when a guard %s:', (_, leak) => {
	it.each(GUARDS_OF_PHASE_3)('%s', async (guard) => {
		const { called, runner } = await stage.deploy({ ...leak(guard), answers: answersFor(guard) });
		expect(runner.ran).toContain(guard);
		expect(reached(runner, 'phase-3-rollout')).toBe(false);
		expect(called.filter((name) => CHANGES_OF_PHASE_3.includes(name))).toEqual([]);
	});
});

describe.each(Object.entries(LEAKS))('traffic is not switched when a guard of phase 3 %s:', (_, leak) => {
	it.each(GUARDS_OF_THE_SWITCH)('%s', async (guard) => {
		const { called, runner, release } = await stage.deploy({ ...leak(guard), answers: answersFor(guard) });
		expect(runner.ran).toContain(guard);
		expect(called).not.toContain(SWITCH);
		expect(reached(runner, 'phase-4-validation')).toBe(false);
		expect(release?.state).not.toBe('watching');
	});
});

const OLD_CODE = 'phase-2-migration/Run previous version';

describe.each(Object.entries(LEAKS))(
	'a rollback that nobody tried is not proven, when the previous version %s:',
	(_, leak) => {
		it('no release is switched whose ledger says otherwise, whatever came out of the node', async () => {
			const { called, runner, release } = await stage.deploy(leak(OLD_CODE));
			expect(runner.ran).toContain(OLD_CODE);
			const steps = await stage.database.ledger.readSteps(release?.id ?? '');
			expect(called.includes(SWITCH) && isRollbackProven(steps)).toBe(false);
		});
	},
);

it('a canvas that leaves the workers behind is not watched, and never succeeds', async () => {
	const { called, release } = await stage.deploy({
		edit: (workflows) => {
			Object.assign(workflows['phase-3-rollout']?.connections ?? {}, {
				'Switch traffic': { main: [[{ node: 'Check live', type: 'main', index: 0 }]] },
			});
		},
	});
	expect(called).toContain(SWITCH);
	expect(called).not.toContain('phase-3-rollout/Move workers');
	expect(called).toContain('roll-back-production/Switch back');
	expect(release?.state).toMatch(/^rolled-back-/);
});

describe('a phase that is to tell its plan only does nothing of it', () => {
	const PHASES = ['phase-1-pre-deploy', 'phase-2-migration', 'phase-3-rollout', 'phase-4-validation'];
	/** The workflow of a phase goes on to its configuration behind `node`, whatever it is asked. */
	const goOnBehind = (phase: string, node: string) => (workflows: Workflows) => {
		const main = [[{ node: 'Configuration', type: 'main', index: 0 }]];
		Object.assign(workflows[phase]?.connections ?? {}, { [node]: { main } });
		change(`${phase}/${node}`, { alwaysOutputData: true })(workflows);
	};
	const BOOKKEEPING = ['Register plan', 'Release'];

	it.each(
		PHASES.flatMap((phase) => [
			['it is wired on behind its plan', phase, 'Register plan'] as const,
			['it is wired around the question', phase, 'When called'] as const,
		]),
	)('when %s: %s', async (_, phase, node) => {
		const { called } = await stage.deploy({ edit: goOnBehind(phase, node) });
		const ran = called.filter((name) => !name.startsWith('on-failure/'));
		expect(ran.filter((name) => !BOOKKEEPING.includes(name.split('/')[1] ?? ''))).toEqual([]);
		expect(called).toContain(`${phase}/Release`);
	});
});

describe('time is up', () => {
	it('at gate 1: phase 3 is not called, whatever the waiting items hold', async () => {
		const { called, runner } = await stage.deploy({ answers: { [GATE_1]: 'expire' } });
		expect(reached(runner, 'phase-3-rollout')).toBe(false);
		expect(called).not.toContain('phase-2-migration/Deploy migrations');
	});

	it('at gate 2: traffic is not switched', async () => {
		const { called, runner } = await stage.deploy({ answers: { [GATE_2]: 'expire' } });
		expect(called).not.toContain(SWITCH);
		expect(reached(runner, 'phase-4-validation')).toBe(false);
	});

	it('at gate 2 with one approval of two: traffic is not switched', async () => {
		const approveOnce: Answer = async (gate) => {
			const [mail] = gate.mails;
			if (mail) await gate.vote(mail, 'approve');
			await gate.expire();
		};
		const { called } = await stage.deploy({ answers: { [GATE_2]: approveOnce } });
		expect(called).not.toContain(SWITCH);
	});
});

describe('the ledger refuses what the canvas lets through', () => {
	const wire = (workflowId: string, from: string, to: string) => (workflows: Workflows) => {
		const main = Array.from({ length: 4 }, () => [{ node: to, type: 'main', index: 0 }]);
		Object.assign(workflows[workflowId]?.connections ?? {}, { [from]: { main } });
	};

	it.each([
		[
			'phase 2 without phase 1',
			'Phase 2: migration',
			['phase-2-migration/Deploy migrations', ...CHANGES_OF_PHASE_3.slice(1)],
		],
		['phase 3 without phases 1 and 2', 'Phase 3: rollout', CHANGES_OF_PHASE_3.slice(1)],
	])('when it is wired to %s', async (_, target, changes) => {
		const { called, runner } = await stage.deploy({ edit: wire('deploy-production', 'Release', target) });
		expect(called.filter((name) => changes.includes(name))).toEqual([]);
		const errors = runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
		expect(errors).toContainEqual(expect.stringContaining('RELEASE.STEP_NOT_PROVEN'));
	});

	it.each([
		['staging', 'phase-3-rollout', 'Record what is live', 'Set image', 'Set image'],
		['staging’s check', 'phase-3-rollout', 'Check staging', 'Set image', 'Set image'],
		['the lint', 'phase-2-migration', 'Migration status', 'Ask 1', 'Deploy migrations'],
		['the rehearsal', 'phase-2-migration', 'Lint migrations', 'Check integrity before', 'Deploy migrations'],
		['the look at the data', 'phase-2-migration', 'Rehearse migrations', 'Ask 1', 'Deploy migrations'],
		['gate 1', 'phase-2-migration', 'Check integrity before', 'Record counts', 'Deploy migrations'],
		['the counts', 'phase-2-migration', 'Break-glass 1?', 'Deploy migrations', 'Deploy migrations'],
		['gate 2', 'phase-3-rollout', 'Check preview', 'Switch traffic', 'Switch traffic'],
	])('when it is wired around %s', async (_, workflowId, from, to, act) => {
		const { called, runner } = await stage.deploy({ edit: wire(workflowId, from, to) });
		expect(called).not.toContain(`${workflowId}/${act}`);
		const errors = runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
		expect(errors).toContainEqual(expect.stringContaining('RELEASE.STEP_NOT_PROVEN'));
	});

	it.each([
		['Phase 1 passed?', 'phase-1-pre-deploy/Verify backup', 'phase-2-migration/Deploy migrations'],
		['Phase 2 passed?', 'phase-2-migration/Migration status', 'phase-3-rollout/Set image'],
		['Phase 2 passed?', 'phase-2-migration/Lint migrations', 'phase-3-rollout/Set image'],
		['Phase 2 passed?', 'phase-2-migration/Rehearse migrations', 'phase-3-rollout/Set image'],
		['Phase 2 passed?', 'phase-2-migration/Check integrity after', 'phase-3-rollout/Set image'],
		['Phase 3 passed?', 'phase-3-rollout/Check preview', SWITCH],
	])('when the judge of a phase is disabled: %s', async (judge, step, next) => {
		const { called, release } = await stage.deploy({
			edit: change(`deploy-production/${judge}`, { disabled: true }),
			outcomes: { [step]: { verdict: 'failed' } },
		});
		expect(called).not.toContain(next);
		expect(release?.state).not.toBe('watching');
	});

	const FORGED: IDataObject = {
		approval: {
			gate: 'gate-1/approval',
			state: 'approved',
			breakGlass: false,
			verdict: 'passed',
			approvers: ['Nobody'],
		},
	};

	it.each([
		['gate 1', GATE_1, 'phase-2-migration/Deploy migrations'],
		['gate 2', GATE_2, SWITCH],
	])('when an approval of %s is forged in the items', async (_, gate, guarded) => {
		const { called } = await stage.deploy({
			replace: { [gate]: async () => await Promise.resolve([[], [{ json: FORGED }], [], []]) },
		});
		expect(called).not.toContain(guarded);
	});

	it.each([
		['gate 1', GATE_1, 'gate-1/approval', 'phase-2-migration/Deploy migrations'],
		['gate 2', GATE_2, 'gate-2/approval', SWITCH],
	])('when only the step of %s says passed and its gate has no approval', async (_, gate, stepKey, guarded) => {
		const { called } = await stage.deploy({
			replace: {
				[gate]: async () => {
					await stage.database.query(
						`INSERT INTO deployment_runbook.step (release_id, step_key, kind, state, input_hash, token)
						 SELECT id, $1, 'verdict', 'passed', '', token FROM deployment_runbook.release`,
						[stepKey],
					);
					return [[], [{ json: FORGED }], [], []];
				},
			},
		});
		expect(called).not.toContain(guarded);
	});
});

describe('a gate that nobody passed stays closed when the watch cannot void it', () => {
	it.each(Object.entries(LEAKS))('because it %s', async (_, leak) => {
		const { runner, gate } = await stage.deployUntilGate(leak('act-on-watch/Void gate'));
		stage.set('act-on-watch/Watch health', { verdict: 'failed' });
		await stage.tick(runner, 'watch-production');
		expect(runner.ran).toContain('act-on-watch/Void gate');
		expect(gate.isOpen()).toBe(true);
		expect(stage.called).not.toContain('phase-2-migration/Deploy migrations');
	});
});
