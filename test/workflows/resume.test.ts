import { voteUnder, linkOf } from './people';
import { nodeOf, ranOf, reached, Stage, type KillMoment } from './story';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

/** Every change of a release in which all goes well, in order. */
const CHANGES = [
	'phase-1-pre-deploy/Create backup',
	'phase-1-pre-deploy/Sync files',
	'phase-2-migration/Record counts',
	'phase-2-migration/Deploy migrations',
	'phase-3-rollout/Record what is live',
	'phase-3-rollout/Set staging image',
	'phase-3-rollout/Set image',
	'phase-3-rollout/Switch traffic',
	'phase-3-rollout/Move workers',
];
const MAILS = ['phase-2-migration/Mail approvers 1', 'phase-3-rollout/Mail approvers 2'];

function times(name: string): number {
	return stage.called.filter((one) => one === name).length;
}

describe('a release whose run was killed goes on behind the last proven step', () => {
	/** What is found of the change in which it was killed; how often its act happens in all; which gates it had passed. */
	const KILLS: Array<[KillMoment, { observed?: 'done' | 'not-done'; acts: number; asked?: [number, number] }]> = [
		[{ before: 'phase-1-pre-deploy/Check HTTP health' }, { acts: 0 }],
		[{ during: 'phase-1-pre-deploy/Check Redis' }, { acts: 2 }],
		[{ during: 'phase-1-pre-deploy/Create backup' }, { observed: 'not-done', acts: 2 }],
		[{ during: 'phase-1-pre-deploy/Sync files' }, { observed: 'done', acts: 1 }],
		[{ during: 'phase-1-pre-deploy/Sync files' }, { observed: 'not-done', acts: 2 }],
		[{ before: 'phase-1-pre-deploy/Verify backup' }, { acts: 0 }],
		[{ during: 'phase-1-pre-deploy/Verify backup' }, { acts: 2 }],
		[{ before: 'deploy-production/Phase 2: migration' }, { acts: 0 }],
		[{ during: 'phase-2-migration/Migration status' }, { acts: 2 }],
		[{ during: 'phase-2-migration/Lint migrations' }, { acts: 2 }],
		[{ during: 'phase-2-migration/Rehearse migrations' }, { acts: 2 }],
		[{ during: 'phase-2-migration/Run previous version' }, { acts: 2 }],
		[{ during: 'phase-2-migration/Check integrity before' }, { acts: 2 }],
		[{ during: 'phase-2-migration/Record counts' }, { observed: 'not-done', acts: 2 }],
		[{ during: 'phase-2-migration/Check integrity after' }, { acts: 2 }],
		[{ before: 'phase-2-migration/Deploy migrations' }, { acts: 0 }],
		[{ during: 'phase-2-migration/Deploy migrations' }, { observed: 'done', acts: 1 }],
		[{ during: 'phase-2-migration/Deploy migrations' }, { observed: 'not-done', acts: 2 }],
		[{ before: 'deploy-production/Phase 3: rollout' }, { acts: 0 }],
		[{ during: 'phase-3-rollout/Record what is live' }, { observed: 'done', acts: 1 }],
		[{ during: 'phase-3-rollout/Set staging image' }, { observed: 'done', acts: 1 }],
		[{ during: 'phase-3-rollout/Check staging login' }, { acts: 2 }],
		[{ during: 'phase-3-rollout/Set image' }, { observed: 'not-done', acts: 2 }],
		[{ during: 'phase-3-rollout/Wait for rollout' }, { acts: 2 }],
		[{ during: 'phase-3-rollout/Check preview' }, { acts: 2 }],
		[{ before: 'phase-3-rollout/Switch traffic' }, { acts: 0 }],
		[{ during: 'phase-3-rollout/Switch traffic' }, { observed: 'done', acts: 1 }],
		[{ during: 'phase-3-rollout/Switch traffic' }, { observed: 'not-done', acts: 2 }],
		[{ during: 'phase-3-rollout/Move workers' }, { observed: 'done', acts: 1 }],
		[{ during: 'phase-3-rollout/Move workers' }, { observed: 'not-done', acts: 2 }],
		[{ during: 'phase-3-rollout/Check live' }, { acts: 2 }],
		[{ during: 'phase-4-validation/Error rate' }, { acts: 2 }],
		[{ before: 'deploy-production/Start watch' }, { acts: 0 }],
	];

	it.each(KILLS)('%j %j', async (moment, { observed, acts }) => {
		const runner = await stage.open();
		const release = await stage.kill(runner, moment, async () => await stage.request(runner));
		const killedIn = 'during' in moment ? moment.during : undefined;
		if (killedIn !== undefined && observed !== undefined) stage.observe(killedIn, observed);
		const ending = await stage.resume(runner, release);

		expect(ending.release).toMatchObject({ id: release.id, state: 'watching', resumes: 1 });
		expect(ending.release?.token).toBeGreaterThan(release.token);
		for (const change of CHANGES) expect([change, times(change)]).toEqual([change, change === killedIn ? acts : 1]);
		if (killedIn !== undefined) expect(times(killedIn)).toBe(acts);
		// Who has voted is not asked again, and nobody is asked twice at a gate.
		expect(MAILS.map(times)).toEqual([1, 1]);
		expect(reached(runner, 'roll-back-production')).toBe(false);
		expect(reached(runner, 'on-failure')).toBe(false);
	});
});

it('a change whose outcome cannot be told is not repeated: the release stops for a person', async () => {
	const runner = await stage.open();
	const during = 'phase-2-migration/Deploy migrations';
	const release = await stage.kill(runner, { during }, async () => await stage.request(runner));
	const ending = await stage.resume(runner, release);
	expect(times(during)).toBe(1);
	await expect(stage.refusals()).resolves.toContain('RELEASE.OUTCOME_UNKNOWN');
	expect(reached(runner, 'phase-3-rollout')).toBe(false);
	expect(ending.release).toMatchObject({ state: 'needs-human' });
	expect(ranOf(ending, 'on-failure')).toContain('Page: a run died');
});

it('a release that is killed again while it resumes can be resumed again', async () => {
	const runner = await stage.open();
	const first = { during: 'phase-3-rollout/Set image' };
	const release = await stage.kill(runner, first, async () => await stage.request(runner));
	stage.observe(first.during, 'done');
	await stage.kill(runner, { before: 'phase-3-rollout/Ask 2' }, async () => await stage.resume(runner, release));
	const ending = await stage.resume(runner, release);
	expect(ending.release).toMatchObject({ state: 'watching', resumes: 2 });
	expect(CHANGES.map(times)).toEqual(CHANGES.map(() => 1));
	expect(MAILS.map(times)).toEqual([1, 1]);
});

it('the run that was taken for dead is refused every write when it wakes', async () => {
	const { runner, gate } = await stage.deployUntilGate();
	// Nobody ended the wait although its time is over.
	await stage.database.query("UPDATE deployment_runbook.release SET waiting_until = now() - interval '2 minutes'");
	await stage.database.query("UPDATE deployment_runbook.gate SET expires_at = now() - interval '2 minutes'");
	const [release] = await stage.database.ledger.listLiveReleases();
	if (!release) throw new Error('no release waits');
	const ending = await stage.resume(runner, release, {
		answers: {
			'phase-2-migration/Gate 1': async (waiting) => {
				if (waiting.execution.id === gate.execution.id) await waiting.expire();
				else for (const mail of waiting.mails.slice(0, 1)) await waiting.vote(mail, 'approve');
			},
		},
	});
	expect(gate.execution.status).toBe('error');
	expect(gate.execution.run.data.resultData.error?.message).toContain('RELEASE.FENCED_OUT');
	expect(ending.release).toMatchObject({ id: release.id, state: 'watching', resumes: 1 });
	expect(CHANGES.map(times)).toEqual(CHANGES.map(() => 1));
});

it('a run that was killed when a vote woke it is told of, and is resumed with that vote', async () => {
	const { runner, gate } = await stage.deployUntilGate();
	const release = await stage.kill(runner, { before: 'phase-2-migration/Gate 1' }, async () => {
		const [mail] = gate.mails;
		if (mail) await gate.vote(mail, 'approve');
	});
	expect(gate.execution.status).toBe('error');
	await stage.database.query(
		"UPDATE deployment_runbook.gate SET opened_at = opened_at - interval '5 minutes', looked_at = looked_at - interval '5 minutes'",
	);
	await stage.database.query("UPDATE deployment_runbook.vote SET voted_at = voted_at - interval '4 minutes'");
	const watched = await stage.tick(runner, 'watchdog');
	expect(watched.called).toContain('watchdog/Page: release stopped');
	const ending = await stage.resume(runner, release, { answers: { 'phase-2-migration/Gate 1': 'expire' } });
	expect(ending.release).toMatchObject({ state: 'watching', resumes: 1 });
	expect(CHANGES.map(times)).toEqual(CHANGES.map(() => 1));
});

it('a run that was killed between asking and waiting is told of, and is resumed', async () => {
	const runner = await stage.open();
	const before = 'phase-2-migration/Mail approvers 1';
	const release = await stage.kill(runner, { before }, async () => await stage.request(runner));
	await stage.database.query("UPDATE deployment_runbook.gate SET opened_at = opened_at - interval '5 minutes'");
	expect((await stage.tick(runner, 'watchdog')).called).toContain('watchdog/Page: release stopped');
	const ending = await stage.resume(runner, release);
	expect(ending.release).toMatchObject({ state: 'watching', resumes: 1 });
	expect(MAILS.map(times)).toEqual([1, 1]);
});

describe('a resume is refused', () => {
	const killed = async () => {
		const runner = await stage.open();
		const before = 'deploy-production/Phase 3: rollout';
		const release = await stage.kill(runner, { before }, async () => await stage.request(runner));
		return { runner, release };
	};
	const expectRefused = async (
		{ runner, release }: Awaited<ReturnType<typeof killed>>,
		code: string,
	): Promise<void> => {
		const before = stage.called.length;
		const ending = await stage.resume(runner, release);
		expect(ending.started.run.data.resultData.error?.message).toContain(code);
		const changed = stage.called.slice(before).filter((name) => CHANGES.includes(name));
		expect(changed).toEqual([]);
		await expect(stage.refusals()).resolves.toContain(code);
		expect(ending.release).toMatchObject({ token: release.token, resumes: 0, finishedAt: release.finishedAt });
	};

	it('while the heartbeat is fresh', async () => {
		const story = await killed();
		await stage.silence('5 seconds');
		await expectRefused(story, 'RELEASE.NOT_RESUMABLE');
	});

	it('while it waits for approval', async () => {
		const { runner } = await stage.deployUntilGate();
		const [release] = await stage.database.ledger.listLiveReleases();
		if (!release) throw new Error('no release waits');
		const request = { intent: 'resume', releaseId: release.id, version: '', deliveryId: 'msg_2' };
		const started = await runner.start('deploy-production', {
			at: 'Release webhook',
			items: [{ environment: 'production', startedBy: 'ci', authors: [], images: [], commit: '', ...request }],
			mode: 'webhook',
		});
		expect(started.run.data.resultData.error?.message).toContain('RELEASE.NOT_RESUMABLE');
		expect(stage.gates(runner)).toHaveLength(1);
		for (const gate of stage.gates(runner))
			for (const mail of gate.mails.slice(0, 1))
				await expect(voteUnder(linkOf(mail), 'approve')).resolves.toMatchObject({ outcome: 'recorded' });
		await stage.ending(runner, started);
	});

	it('once it has finished', async () => {
		const { runner, release } = await stage.deploy({ answers: { 'phase-2-migration/Gate 1': 'reject' } });
		if (!release) throw new Error('there was no release');
		await expectRefused({ runner, release }, 'RELEASE.NOT_RESUMABLE');
	});

	it('while it is being watched', async () => {
		const { runner, release } = await stage.deploy();
		if (!release) throw new Error('there was no release');
		await expectRefused({ runner, release }, 'RELEASE.NOT_RESUMABLE');
	});

	it.each(['phase-3-rollout/Switch traffic', 'phase-4-validation/Error rate', 'deploy-production/Reason'])(
		'when a workflow was edited since: %s',
		async (name) => {
			const story = await killed();
			stage.edit((workflows) => Object.assign(nodeOf(workflows, name), { alwaysOutputData: true }));
			await expectRefused(story, 'RELEASE.WORKFLOW_CHANGED');
		},
	);

	it('when the configuration was edited since', async () => {
		const story = await killed();
		stage.configure((settings) => (settings.namespace = 'elsewhere'));
		await expectRefused(story, 'RELEASE.WORKFLOW_CHANGED');
	});

	it('for a release that the ledger does not know', async () => {
		const story = await killed();
		const before = stage.called.length;
		const ending = await stage.resume(story.runner, { ...story.release, id: 'r-unknown' });
		expect(ending.started.run.data.resultData.error?.message).toContain('RELEASE.UNKNOWN');
		expect(stage.called.slice(before).filter((name) => CHANGES.includes(name))).toEqual([]);
	});
});
