import { ranOf, reached, Stage } from './story';
import type { WorkflowRunner } from './runWorkflow';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

async function submit(runner: WorkflowRunner, checklist: 'business' | 'readiness', answer: 'yes' | 'no') {
	const [release] = await stage.database.ledger.listReleases('production', 1);
	const item = {
		'Release ID': release?.id ?? '',
		'Your name': 'Ann',
		Checklist: checklist,
		'Login works': 'yes',
		'Reports are generated correctly': answer,
		Comment: '',
		submittedAt: '2026-11-26T20:00:00.000Z',
		formMode: 'production',
	};
	const at = checklist === 'business' ? 'Business form' : 'Readiness form';
	return await stage.ending(runner, await runner.start('answer-checklist', { at, items: [item], mode: 'webhook' }));
}

describe('the business checklist, while the new version serves', () => {
	it('answered with yes is in the ledger under a name, and pages nobody', async () => {
		const { runner } = await stage.deploy();
		const ending = await submit(runner, 'business', 'yes');
		expect(ending.started.status).toBe('success');
		expect(ranOf(ending, 'answer-checklist')).toEqual(['Record answers']);
		const steps = await stage.database.ledger.readSteps(ending.release?.id ?? '', '4.3/business-checklist');
		expect(steps).toMatchObject([{ itemKey: 'Ann', state: 'passed' }]);
	});

	it('answered with no pages at once with the way back, and changes nothing by itself', async () => {
		const { runner } = await stage.deploy();
		const ending = await submit(runner, 'business', 'no');
		expect(stage.given('answer-checklist/Page: somebody says no')).toMatchObject({
			page: {
				severity: 'critical',
				summary: expect.stringMatching(
					/^Ann says no about release .*: Reports are generated correctly/,
				) as string,
				links: [{ text: 'Roll back' }],
			},
		});
		expect(stage.called).not.toContain('answer-checklist/Void gate');
		expect(reached(runner, 'roll-back-production')).toBe(false);
		expect(ending.release).toMatchObject({ state: 'watching' });
	});

	it('a release with a no does not end as succeeded', async () => {
		const { runner } = await stage.deploy();
		await submit(runner, 'business', 'no');
		await stage.database.query('UPDATE deployment_runbook.release SET watch_until = now()');
		const ending = await stage.tick(runner, 'watch-production');
		expect(ranOf(ending, 'act-on-watch').slice(-2)).toEqual(['Report', 'Page: release needs a person']);
		expect(ending.release).toMatchObject({ state: 'needs-human' });
	});
});

describe('the readiness checklist, while a release waits for approval', () => {
	it('answered with no voids the gate: the release is rejected', async () => {
		const { runner, gate } = await stage.deployUntilGate();
		const ending = await submit(runner, 'readiness', 'no');
		expect(ranOf(ending, 'answer-checklist').slice(-2)).toEqual(['Void gate', 'Wake gate']);
		expect(gate.isOpen()).toBe(false);
		expect(stage.called).not.toContain('phase-2-migration/Deploy migrations');
		expect(ending.release).toMatchObject({ state: 'rejected' });
	});

	it('answered with yes leaves the gate open', async () => {
		const { runner, gate } = await stage.deployUntilGate();
		await submit(runner, 'readiness', 'yes');
		expect(gate.isOpen()).toBe(true);
	});
});
