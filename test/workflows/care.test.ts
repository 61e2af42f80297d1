import type { IDataObject } from 'n8n-workflow';
import configuration from '../../workflows/configuration.json';
import { ranOf, reached, Stage, type Ending, type Plot } from './story';
import type { WorkflowRunner } from './runWorkflow';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const failed = { verdict: 'failed' as const };
const inconclusive = { verdict: 'inconclusive' as const };
const ROLL_BACK = [
	'Switch back',
	'Page: traffic is back',
	'Check live',
	'Check login',
	'Watch',
	'Report',
	'Page: rolled back',
];
const SWITCH = 'phase-3-rollout/Switch traffic';
const DEPLOY = 'phase-2-migration/Deploy migrations';

describe('the watch after a deployment', () => {
	const tick = async (outcomes: Record<string, typeof failed | typeof inconclusive>): Promise<Ending> => {
		const { runner } = await stage.deploy();
		for (const [name, outcome] of Object.entries(outcomes)) stage.set(`act-on-watch/${name}`, outcome);
		return await stage.tick(runner, 'watch-production');
	};

	it('goes on when the breach is over before it acts and the window is open', async () => {
		const ending = await tick({});
		expect(ranOf(ending, 'act-on-watch')).toEqual(['Watch health', 'Watch error rate']);
		expect(reached(ending.runner, 'roll-back-production')).toBe(false);
		expect(ending.release).toMatchObject({ state: 'watching' });
		expect(stage.called).not.toContain('act-on-watch/Scale down previous');
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
			expect(ranOf(ending, 'act-on-watch')).toContain('Page: watch cannot tell');
			expect(reached(ending.runner, 'roll-back-production')).toBe(false);
			expect(ending.release).toMatchObject({ state: 'watching' });
		},
	);

	it('ends it as needs-human when nobody could tell for as long again', async () => {
		const { runner } = await stage.deploy();
		await stage.database.query('UPDATE deployment_runbook.release SET watch_until = now()');
		stage.set('act-on-watch/Watch error rate', inconclusive);
		const ending = await stage.tick(runner, 'watch-production', { unjudged: true });
		expect(ranOf(ending, 'act-on-watch').slice(-3)).toEqual([
			'Page: watch cannot tell',
			'Report',
			'Page: release needs a person',
		]);
		const { page } = stage.given('act-on-watch/Page: release needs a person') as {
			page: { severity: string; summary: string; dedupKey: string };
		};
		expect(page).toMatchObject({ severity: 'error', dedupKey: `${ending.release?.id ?? ''}/needs-human` });
		expect(page.summary).toContain('ended as needs-human');
		expect(stage.called).not.toContain('act-on-watch/Tell: succeeded');
		// Nobody knows whether the way back is wanted.
		expect(stage.called).not.toContain('act-on-watch/Scale down previous');
		expect(reached(ending.runner, 'roll-back-production')).toBe(false);
		expect(ending.release).toMatchObject({ state: 'needs-human' });
	});

	it('reports and tells when its window ended without a breach', async () => {
		const { runner } = await stage.deploy();
		await stage.database.query('UPDATE deployment_runbook.release SET watch_until = now()');
		const ending = await stage.tick(runner, 'watch-production');
		expect(ranOf(ending, 'act-on-watch').slice(-3)).toEqual(['Scale down previous', 'Report', 'Tell: succeeded']);
		expect(stage.given('act-on-watch/Tell: succeeded')).toMatchObject({
			page: { severity: 'info', dedupKey: `${ending.release?.id ?? ''}/succeeded` },
		});
		expect(ending.release).toMatchObject({ state: 'succeeded' });
	});

	it('does nothing when no release is watched', async () => {
		const runner = await stage.open();
		const ending = await stage.tick(runner, 'watch-production');
		expect(ranOf(ending, 'watch-production')).toEqual(['Look']);
		expect(reached(ending.runner, 'act-on-watch')).toBe(false);
	});

	it('looks once, however many environments the configuration holds', async () => {
		const { nodes } = configuration as unknown as {
			nodes: Array<{ name: string; parameters: { jsonOutput: string } }>;
		};
		const shipped = nodes.find(({ name }) => name === 'Settings')?.parameters.jsonOutput ?? '{}';
		const settings = JSON.parse(shipped) as IDataObject;
		const items = ['north', 'south'].map((environment) => ({ json: { ...settings, environment } }));
		const runner = await stage.open({
			replace: { 'configuration/Settings': async () => await Promise.resolve([items]) },
		});
		const ending = await stage.tick(runner, 'watch-production');
		expect(ending.called).toEqual(['watch-production/Look']);
	});

	it('does nothing while a release runs', async () => {
		const runner = await stage.open();
		await stage.kill(runner, { before: 'phase-3-rollout/Set image' }, async () => await stage.request(runner));
		const ending = await stage.tick(runner, 'watch-production');
		expect(ranOf(ending, 'watch-production')).toEqual(['Look']);
		expect(reached(ending.runner, 'act-on-watch')).toBe(false);
	});
});

describe('a measurement fails while the release waits for approval', () => {
	it.each(['Watch health', 'Watch error rate'])('%s: gate 1 is void and the release ends rejected', async (name) => {
		const { runner, gate } = await stage.deployUntilGate();
		stage.set(`act-on-watch/${name}`, failed);
		const ending = await stage.tick(runner, 'watch-production');
		expect(ranOf(ending, 'act-on-watch').slice(-2)).toEqual(['Void gate', 'Wake gate']);
		expect(gate.isOpen()).toBe(false);
		expect(runner.output('phase-2-migration', 'Gate 1', 2)?.[0]).toMatchObject({
			approval: { state: 'void', reason: 'a measurement failed while the release waited for approval' },
		});
		expect(stage.called).not.toContain(DEPLOY);
		expect(stage.called).toContain('deploy-production/Tell: stopped');
		expect(reached(runner, 'roll-back-production')).toBe(false);
		expect(ending.release).toMatchObject({ state: 'rejected' });
	});

	it('at gate 2: traffic stays where it is, even with one approval', async () => {
		const { runner, gate } = await stage.deployUntilGate();
		for (const mail of gate.mails.slice(0, 1)) await gate.vote(mail, 'approve');
		const [second] = stage.gates(runner);
		expect(second?.name).toBe('phase-3-rollout/Gate 2');
		for (const mail of second?.mails.slice(0, 1) ?? []) await second?.vote(mail, 'approve');
		stage.set('act-on-watch/Watch health', failed);
		const ending = await stage.tick(runner, 'watch-production');
		expect(second?.isOpen()).toBe(false);
		expect(stage.called).not.toContain(SWITCH);
		expect(ending.release).toMatchObject({ state: 'stopped-schema-ahead' });
	});

	it('a vote that comes afterwards is refused', async () => {
		const { runner, gate } = await stage.deployUntilGate();
		await stage.database.query(
			"UPDATE deployment_runbook.gate SET state = 'void', reason = 'a measurement failed'",
		);
		for (const mail of gate.mails.slice(0, 1))
			await expect(gate.vote(mail, 'approve')).resolves.toMatchObject({ code: 'APPROVAL.EVIDENCE_CHANGED' });
		await stage.tick(runner, 'watchdog');
		expect(gate.isOpen()).toBe(false);
		expect(stage.called).not.toContain(DEPLOY);
	});

	it('when it only cannot tell, a person is asked and the gate stays open', async () => {
		const { runner, gate } = await stage.deployUntilGate();
		stage.set('act-on-watch/Watch health', inconclusive);
		const ending = await stage.tick(runner, 'watch-production');
		expect(ranOf(ending, 'act-on-watch')).toContain('Page: watch cannot tell');
		expect(gate.isOpen()).toBe(true);
	});

	it('and nothing fails: the gate stays open and is not watched to its end', async () => {
		const { runner, gate } = await stage.deployUntilGate();
		const ending = await stage.tick(runner, 'watch-production');
		expect(ranOf(ending, 'act-on-watch')).toEqual(['Watch health', 'Watch error rate']);
		expect(gate.isOpen()).toBe(true);
		expect(ending.release).toMatchObject({ state: 'waiting' });
	});
});

describe('the watchdog', () => {
	const QUIET = ['Look after', 'Wake gates', 'Sweep scratch databases'];
	const killed = async (before: string) => {
		const runner = await stage.open();
		const release = await stage.kill(runner, { before }, async () => await stage.request(runner));
		return { runner, release };
	};

	it.each([
		['no release is live', async () => await stage.open()],
		['a release runs', async () => (await alive(await killed('phase-3-rollout/Set image'))).runner],
		['a release waits for approval', async () => (await stage.deployUntilGate()).runner],
		['a release is watched', async () => (await stage.deploy()).runner],
	])('only wakes and sweeps while %s', async (_, open: () => Promise<WorkflowRunner>) => {
		const ending = await stage.tick(await open(), 'watchdog');
		expect(ranOf(ending, 'watchdog')).toEqual(QUIET);
	});

	async function alive(story: Awaited<ReturnType<typeof killed>>) {
		await stage.silence('5 seconds');
		return story;
	}

	it('pages with both ways out when a run died, and keeps the lock', async () => {
		const { runner, release } = await killed('phase-3-rollout/Set image');
		const ending = await stage.tick(runner, 'watchdog');
		expect(ranOf(ending, 'watchdog')).toContain('Page: release stopped');
		const { page } = stage.given('watchdog/Page: release stopped') as {
			page: { severity: string; summary: string; links: Array<{ href: string; text: string }> };
		};
		expect(page).toMatchObject({ severity: 'critical', summary: expect.stringContaining(release.id) as string });
		const links = Object.fromEntries(page.links.map(({ href, text }) => [text, new URL(href)]));
		expect(links.Resume?.pathname).toBe('/form/deploy-production');
		expect(Object.fromEntries(links.Resume?.searchParams ?? [])).toEqual({
			Intent: 'resume',
			Environment: 'production',
			'Release to resume': release.id,
		});
		expect(links['Roll back']?.pathname).toBe('/form/roll-back-production');
		expect(Object.fromEntries(links['Roll back']?.searchParams ?? [])).toEqual({ 'Release ID': release.id });
		expect(reached(runner, 'roll-back-production')).toBe(false);
		expect(ending.release).toMatchObject({ state: 'running', token: release.token, finishedAt: null });
	});

	it('rolls back once when nobody came after the switch', async () => {
		const { runner } = await killed('phase-4-validation/Error rate');
		await stage.silence('9 minutes');
		expect(ranOf(await stage.tick(runner, 'watchdog'), 'watchdog')).toContain('Page: release stopped');
		await stage.silence('11 minutes');
		const ending = await stage.tick(runner, 'watchdog');
		expect(ranOf(ending, 'roll-back-production')).toEqual(ROLL_BACK);
		expect(ending.release).toMatchObject({ state: 'rolled-back-verified' });
		const next = await stage.tick(runner, 'watchdog');
		expect(ranOf(next, 'watchdog')).toEqual(QUIET);
		expect(stage.called.filter((name) => name === 'roll-back-production/Switch back')).toHaveLength(1);
	});

	it('never rolls back by itself before the switch, however long nobody comes', async () => {
		const { runner } = await killed('phase-3-rollout/Set image');
		await stage.silence('10 hours');
		const ending = await stage.tick(runner, 'watchdog');
		expect(ranOf(ending, 'watchdog')).toContain('Page: release stopped');
		expect(reached(runner, 'roll-back-production')).toBe(false);
	});

	it('rolls back anew when the rollback itself died', async () => {
		const runner = await stage.open({ outcomes: { 'phase-4-validation/Error rate': failed } });
		const moment = { during: 'roll-back-production/Switch back' };
		await stage.kill(runner, moment, async () => await stage.request(runner));
		const ending = await stage.tick(runner, 'watchdog');
		expect(ranOf(ending, 'roll-back-production')).toEqual(ROLL_BACK);
		expect(ending.release).toMatchObject({ state: 'rolled-back-verified' });
	});

	it('pages when its rollback is not proven', async () => {
		const { runner } = await killed('phase-4-validation/Error rate');
		await stage.silence('11 minutes');
		stage.set('roll-back-production/Check live', failed);
		const ending = await stage.tick(runner, 'watchdog');
		expect(ranOf(ending, 'watchdog')).toContain('Page: rollback not proven');
		expect(ending.release).toMatchObject({ state: 'rolled-back-unverified' });
	});

	it('warns once when a phase runs out of its time', async () => {
		const { runner } = await alive(await killed('phase-3-rollout/Set image'));
		await stage.database.query(
			"UPDATE deployment_runbook.phase SET started_at = started_at - interval '17 minutes' WHERE phase = 'phase-3-rollout'",
		);
		expect(ranOf(await stage.tick(runner, 'watchdog'), 'watchdog')).toContain('Page: clock runs out');
		expect(stage.given('watchdog/Page: clock runs out')).toMatchObject({
			page: { severity: 'warning', summary: expect.stringMatching(/phase-3-rollout 8\d %/) as string },
		});
		expect(ranOf(await stage.tick(runner, 'watchdog'), 'watchdog')).toEqual(QUIET);
	});

	it('looks after the release and wakes its gate even when the sweep fails', async () => {
		const { runner } = await killed('phase-3-rollout/Set image');
		stage.set('watchdog/Sweep scratch databases', new Error('no route to host'));
		const ending = await stage.tick(runner, 'watchdog');
		expect(ranOf(ending, 'watchdog')).toEqual(expect.arrayContaining(['Page: release stopped', 'Wake gates']));
		expect(ranOf(ending, 'on-failure')).toContain('Page: a run died');
		expect(ending.release).toMatchObject({ state: 'running', finishedAt: null });
	});
});

describe('the error workflow', () => {
	/** What n8n 2.41 tells of a run that was killed. */
	const KILLED = [
		{ name: 'WorkflowCrashedError', message: 'Workflow did not finish, possible out-of-memory issue' },
		{ name: 'MaxStalledCountError', message: 'job stalled more than allowable limit' },
		{ name: 'Error', message: 'This execution failed to be processed too many times and will no longer retry.' },
	];
	const FAILED = { name: 'NodeOperationError', message: 'no route to host' };

	const died = async (
		runner: WorkflowRunner,
		executionId: string,
		{ error, mode = 'webhook' }: { error: typeof FAILED; mode?: string },
	): Promise<Ending> => {
		const execution = { id: executionId, error, lastNodeExecuted: 'Phase 3: rollout', mode };
		const workflow = { id: 'deploy-production', name: 'Deploy production' };
		const before = stage.called.length;
		const started = await runner.start('on-failure', { items: [{ execution, workflow }], mode: 'error' });
		const ending = await stage.ending(runner, started);
		return { ...ending, called: ending.called.slice(before) };
	};

	describe.each(KILLED)('of a run that was killed, which n8n calls $name', (error) => {
		it.each(['phase-3-rollout/Set image', 'phase-4-validation/Error rate'])(
			'pages and keeps the lock, so that it can be resumed: killed before %s',
			async (before) => {
				const runner = await stage.open();
				const release = await stage.kill(runner, { before }, async () => await stage.request(runner));
				const ending = await died(runner, release.executionId, { error });
				expect(ranOf(ending, 'on-failure')).toEqual(['Failed release', 'Page: run was killed']);
				const { page } = stage.given('on-failure/Page: run was killed') as { page: { summary: string } };
				expect(page.summary).toMatch(/the last step in the ledger is [34]\.\d\/\S+ \(passed\): n8n was killed/);
				expect(reached(runner, 'roll-back-production')).toBe(false);
				expect(ending.release).toMatchObject({ state: 'running', token: release.token, finishedAt: null });
				const resumed = await stage.resume(runner, release);
				expect(resumed.release).toMatchObject({ state: 'watching', resumes: 1 });
			},
		);
	});

	it.each([
		['ends the release before the switch', 'phase-3-rollout/Set image', 'stopped-schema-ahead'],
		['rolls back after it', 'phase-4-validation/Error rate', 'rolled-back-verified'],
	])('of a run that failed %s', async (_, before, state) => {
		const runner = await stage.open();
		const release = await stage.kill(runner, { before }, async () => await stage.request(runner));
		const ending = await died(runner, release.executionId, { error: FAILED });
		expect(ranOf(ending, 'on-failure')).toContain('Page: a run died');
		expect(ending.release).toMatchObject({ state });
	});

	it('of a run that began no release only pages', async () => {
		const { runner, release } = await stage.deploy();
		const ending = await died(runner, '4711', { error: FAILED });
		expect(ranOf(ending, 'on-failure')).toEqual(['Failed release', 'Page: a run died']);
		expect(ending.release).toEqual(release);
	});

	it.each(['phase-3-rollout/Set image', 'phase-4-validation/Error rate'])(
		'of a run that was called leaves it to its caller: killed before %s',
		async (before) => {
			const runner = await stage.open();
			const release = await stage.kill(runner, { before }, async () => await stage.request(runner));
			const ending = await died(runner, release.executionId, { error: FAILED, mode: 'integrated' });
			expect(ranOf(ending, 'on-failure')).toEqual(['Failed release']);
			expect(ending.release).toMatchObject({ state: 'running', token: release.token, finishedAt: null });
		},
	);

	it('of a run that was taken for dead leaves the release to the run that resumed it', async () => {
		const runner = await stage.open();
		const before = 'phase-3-rollout/Set image';
		const release = await stage.kill(runner, { before }, async () => await stage.request(runner));
		const resumed = await stage.resume(runner, release);
		const ending = await died(runner, release.executionId, { error: FAILED });
		expect(ending.called.filter((name) => name.startsWith('roll-back-production/'))).toEqual([]);
		expect(ending.release).toMatchObject({ state: 'watching', token: resumed.release?.token });
	});

	it('of a rehearsal changes nothing', async () => {
		const plot: Plot = { outcomes: { 'rehearse-production/Check cluster': new Error('no route to host') } };
		const ending = await stage.deploy({ ...plot, request: { intent: 'rehearse' } });
		expect(ranOf(ending, 'on-failure')).toContain('Page: a run died');
		expect(reached(ending.runner, 'roll-back-production')).toBe(false);
	});

	it('pages although the ledger does not answer', async () => {
		const { port: _, ...connection } = stage.database.connection;
		const credentials = { releaseLedger: { ...connection, port: 1, ssl: 'disable' } };
		const ending = await stage.deploy({ credentials });
		expect(ending.started.status).toBe('error');
		expect(ranOf(ending, 'on-failure')).toEqual(['Failed release', 'Page: a run died']);
		expect(stage.given('on-failure/Page: a run died')).toMatchObject({
			page: { severity: 'critical', summary: expect.stringContaining('RELEASE.LEDGER_UNREACHABLE') as string },
		});
		expect(ending.called.filter((name) => name.startsWith('phase-'))).toEqual([]);
	});
});
