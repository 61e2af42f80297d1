import { nodeOf, ranOf, reached, REQUEST, Stage, type Ending, type Plot } from './story';
import { linkOf } from './people';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const VIEW = { watcher: 'n8n', horizonMs: 3_600_000 };
const failed = { verdict: 'failed' as const };
const inconclusive = { verdict: 'inconclusive' as const };

const PHASE_1 = [
	'Check HTTP health',
	'Check Postgres',
	'Check Redis',
	'Check monitoring',
	'Check cluster',
	'Check access',
	'Check backup access',
	'Check ownership',
	'Check login before',
	'Baseline',
	'Create backup',
	'Sync files',
	'Verify files',
	'Verify backup',
];
/** A gate runs once to wait, and once more for each vote. */
const PHASE_2 = [
	'Migration status',
	'Lint migrations',
	'Rehearse migrations',
	'Run previous version',
	'Check integrity before',
	'Ask 1',
	'Mail approvers 1',
	'Gate 1',
	'Gate 1',
	'Record counts',
	'Deploy migrations',
	'Check integrity after',
];
const BEFORE_GATE_2 = [
	'Record what is live',
	'Set staging image',
	'Wait for staging',
	'Check staging',
	'Check staging login',
	'Set image',
	'Wait for rollout',
	'Check preview',
];
const GATE_2 = ['Ask 2', 'Mail approvers 2', 'Gate 2', 'Gate 2', 'Gate 2'];
const PHASE_4 = [
	'Check login',
	'Critical path',
	'Suites',
	'Error rate',
	'Response time',
	'Lighthouse',
	'Resource usage',
	'Database',
];
const ROLL_BACK = [
	'Switch back',
	'Page: traffic is back',
	'Check live',
	'Check login',
	'Watch',
	'Report',
	'Page: rolled back',
];

function expectNotReached({ runner }: Ending, ...workflowIds: string[]): void {
	expect(workflowIds.filter((id) => reached(runner, id))).toEqual([]);
}

describe('a release in which all goes well', () => {
	it('runs the phases in the order of the runbook and is watched', async () => {
		const ending = await stage.deploy();
		expect(ranOf(ending, 'phase-1-pre-deploy')).toEqual(PHASE_1);
		expect(ranOf(ending, 'phase-2-migration')).toEqual(PHASE_2);
		expect(ranOf(ending, 'phase-3-rollout')).toEqual([
			...BEFORE_GATE_2,
			...GATE_2,
			'Switch traffic',
			'Move workers',
			'Check live',
			'Read logs',
		]);
		expect(ranOf(ending, 'phase-4-validation')).toEqual(PHASE_4);
		expect(ranOf(ending, 'deploy-production')).toEqual(['Start watch', 'Report: deployed', 'Tell: deployed']);
		expectNotReached(ending, 'roll-back-production', 'on-failure', 'rehearse-production');
		expect(ending.release).toMatchObject({ state: 'watching', finishedAt: null });
		expect(JSON.stringify(stage.given('deploy-production/Tell: deployed'))).toContain(
			'https://reports.example.com/release.html',
		);
	});

	it('asks each approver at each gate, under a link of their own', async () => {
		const { mails } = await stage.deploy();
		const asked = ['on-call@yourdomain.com', 'devops-lead@yourdomain.com', 'technical-lead@yourdomain.com'];
		expect(mails.map(({ to }) => to)).toEqual([...asked, ...asked]);
		expect(new Set(mails.map(linkOf)).size).toBe(6);
		expect(new Set(mails.map(({ from }) => from))).toEqual(new Set(['releases@yourdomain.com']));
		for (const mail of mails) {
			expect(mail.subject).toContain('2026.11.2');
			expect(mail.html).toContain(linkOf(mail).replaceAll('&', '&amp;'));
		}
	});

	it('holds the environment: another delivery is told who stands in the way, and touches nothing', async () => {
		const { runner, release } = await stage.deploy();
		const before = stage.called.length;
		await stage.request(runner, { request: { version: '2026.11.7', deliveryId: 'msg_2' } });
		expect(stage.called.slice(before)).toEqual([
			'deploy-production/Release',
			'deploy-production/Tell who stands in the way',
		]);
		expect(runner.output('deploy-production', 'Release', 1)?.[0]).toMatchObject({
			release: { id: release?.id, started: false, outcome: 'locked' },
		});
	});

	it('succeeds once its watch is over; the same version and the same delivery are then only answered', async () => {
		const { runner, release } = await stage.deploy();
		await stage.database.query('UPDATE deployment_runbook.release SET watch_until = now()');
		const { started } = await stage.tick(runner, 'watch-production');
		expect((await stage.ending(runner, started)).release).toMatchObject({ id: release?.id, state: 'succeeded' });
		const before = stage.called.length;
		for (const [deliveryId, version, outcome] of [
			['msg_2', REQUEST.version, 'known-version'],
			['msg_1', '2026.11.9', 'known-delivery'],
		] as const) {
			await stage.request(runner, { request: { deliveryId, version } });
			expect(runner.output('deploy-production', 'Release', 1)?.[0]).toMatchObject({
				release: { id: release?.id, started: false, outcome },
			});
		}
		expect(new Set(stage.called.slice(before))).toEqual(
			new Set(['deploy-production/Release', 'deploy-production/Tell who stands in the way']),
		);
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
		['no alert would arrive', { outcomes: { 'phase-1-pre-deploy/Check monitoring': failed } }, PHASE_1.slice(0, 4)],
		[
			'the credential lacks a right',
			{ outcomes: { 'phase-1-pre-deploy/Check access': failed } },
			PHASE_1.slice(0, 6),
		],
		[
			'a backup lacks a right',
			{ outcomes: { 'phase-1-pre-deploy/Check backup access': failed } },
			PHASE_1.slice(0, 7),
		],
		[
			'GitOps would put the selector back',
			{ outcomes: { 'phase-1-pre-deploy/Check ownership': failed } },
			PHASE_1.slice(0, 8),
		],
		[
			'the files cannot be shown to be copied',
			{ outcomes: { 'phase-1-pre-deploy/Verify files': inconclusive } },
			PHASE_1.slice(0, 13),
		],
		['the backup is damaged', { outcomes: { 'phase-1-pre-deploy/Verify backup': failed } }, PHASE_1],
	])('when %s', async (_, plot, ran) => {
		const ending = await stage.deploy(plot);
		expect(ranOf(ending, 'phase-1-pre-deploy')).toEqual(ran);
		expectNotReached(ending, 'phase-2-migration', 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ranOf(ending, 'deploy-production')).toEqual([
			'Finish: stopped before the rollout',
			'Report: stopped',
			'Tell: stopped',
		]);
		expect(ending.release).toMatchObject({ state: 'failed-before-change' });
	});

	it.each([
		['fails', failed],
		['cannot be judged', inconclusive],
	])('when the rehearsal %s: nobody is asked', async (_, outcome) => {
		const ending = await stage.deploy({ outcomes: { 'phase-2-migration/Rehearse migrations': outcome } });
		expect(ranOf(ending, 'phase-2-migration')).toEqual(PHASE_2.slice(0, 3));
		expectNotReached(ending, 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ending).toMatchObject({ mails: [], release: { state: 'failed-before-change' } });
	});

	it.each([
		['are not sound', failed],
		['cannot be looked at', inconclusive],
	])('when the data %s before the migration: nobody is asked', async (_, outcome) => {
		const ending = await stage.deploy({ outcomes: { 'phase-2-migration/Check integrity before': outcome } });
		expect(ranOf(ending, 'phase-2-migration')).toEqual(PHASE_2.slice(0, 5));
		expectNotReached(ending, 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ending).toMatchObject({ mails: [], release: { state: 'failed-before-change' } });
	});

	it('when gate 1 is rejected', async () => {
		const ending = await stage.deploy({ answers: { 'phase-2-migration/Gate 1': 'reject' } });
		expect(ranOf(ending, 'phase-2-migration')).toEqual(PHASE_2.slice(0, 9));
		expectNotReached(ending, 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ending.release).toMatchObject({
			state: 'rejected',
			reason: expect.stringContaining('gate-1/approval is failed') as string,
		});
	});

	it('when nobody answers at gate 1', async () => {
		const ending = await stage.deploy({ answers: { 'phase-2-migration/Gate 1': 'expire' } });
		expect(ranOf(ending, 'phase-2-migration')).toEqual([...PHASE_2.slice(0, 8), 'Close gate 1']);
		expectNotReached(ending, 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ending.release).toMatchObject({ state: 'rejected' });
	});

	it.each([
		['the mail server is down', { replace: { 'phase-2-migration/Mail approvers 1': broken('no route to host') } }],
		['the ledger takes no gate', { outcomes: { 'phase-2-migration/Ask 1': new Error('disk full') } }],
	])('when the approvers cannot be asked because %s', async (_, plot: Plot) => {
		const ending = await stage.deploy(plot);
		expect(ranOf(ending, 'phase-2-migration').slice(0, 6)).toEqual(PHASE_2.slice(0, 6));
		expect(ending.called).not.toContain('phase-2-migration/Deploy migrations');
		expectNotReached(ending, 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ranOf(ending, 'on-failure')).toContain('Page: a run died');
		expect(ending.release).toMatchObject({ state: 'failed-before-change' });
	});

	it('when the start is refused because nobody is left to approve', async () => {
		const authors = ['on-call', 'devops-lead@yourdomain.com', 'Technical lead'];
		const ending = await stage.deploy({ request: { authors } });
		expect(ending.called).not.toContain('phase-2-migration/Deploy migrations');
		expect(ending.mails).toEqual([]);
		expect(ending.release).toMatchObject({ state: 'failed-before-change' });
	});
});

describe('a configuration without monitoring', () => {
	const step = async (): Promise<unknown[]> =>
		await stage.database.query(
			"SELECT state, result FROM deployment_runbook.step WHERE step_key = '1.1/check-monitoring'",
		);
	const outcomes = { 'phase-1-pre-deploy/Check monitoring': 'real' } as const;

	it('is released, and the record and the approvers’ cards say that it was not checked', async () => {
		const configure = (settings: Record<string, unknown>): void => void (settings.monitoring = { enabled: false });
		const ending = await stage.deploy({ configure, outcomes });
		expect(ending.release).toMatchObject({ state: 'watching' });
		expect(await step()).toEqual([
			{
				state: 'passed',
				result: {
					configured: false,
					reason: 'not configured: the configuration names no monitoring, so none was checked',
				},
			},
		]);
		const gates = await stage.database.query<{ evidence: unknown }>('SELECT evidence FROM deployment_runbook.gate');
		for (const { evidence } of gates) expect(JSON.stringify(evidence)).toContain('names no monitoring');
		expect(gates).toHaveLength(2);
	});

	it('that says nothing of monitoring is refused', async () => {
		const ending = await stage.deploy({ configure: (settings) => delete settings.monitoring });
		expect(ending.release).toBeUndefined();
		expect(ending.started.run.data.resultData.error?.message).toContain('configuration.monitoring');
	});
});

describe('a configuration without staging', () => {
	const configure = (settings: Record<string, unknown>): void => void (settings.staging = { enabled: false });

	it('goes straight to production, and the step that sets the images is told so', async () => {
		const ending = await stage.deploy({ configure });
		expect(ranOf(ending, 'phase-3-rollout').slice(0, 3)).toEqual([
			'Record what is live',
			'Set image',
			'Wait for rollout',
		]);
		expect(stage.given('phase-3-rollout/Set image')).toMatchObject({ stagingFirst: false });
		expect(ending.release).toMatchObject({ state: 'watching' });
	});

	it('that says nothing of staging is refused', async () => {
		const ending = await stage.deploy({ configure: (settings) => delete settings.staging });
		expect(ending.release).toBeUndefined();
		expect(ending.started.run.data.resultData.error?.message).toContain('configuration.staging');
	});
});

describe('a previous version that is not proven on the new schema', () => {
	it.each<[string, Plot]>([
		['fails', { outcomes: { 'phase-2-migration/Run previous version': failed } }],
		['cannot be judged', { outcomes: { 'phase-2-migration/Run previous version': inconclusive } }],
	])(
		'%s: the release goes on, for people to decide, and the ledger says that it does not go back by itself',
		async (_, plot) => {
			const ending = await stage.deploy(plot);
			expect(ranOf(ending, 'phase-2-migration')).toEqual(PHASE_2);
			expect(ending.release).toMatchObject({ state: 'watching' });
			expect(ending.mails[0]?.html).toContain('Rollback is NOT proven');
			const [standing] = await stage.database.ledger.watch.readStandings([REQUEST.environment], VIEW);
			expect(standing?.release?.rollbackProven).toBe(false);
		},
	);

	it('is not brought back by itself when phase 4 fails: a person is paged, and the release keeps its lock', async () => {
		const ending = await stage.deploy({
			outcomes: {
				'phase-2-migration/Run previous version': failed,
				'phase-4-validation/Error rate': failed,
			},
		});
		expect(ranOf(ending, 'deploy-production')).toEqual(['Page: a person decides']);
		expectNotReached(ending, 'roll-back-production', 'on-failure');
		expect(ending.release).toMatchObject({ state: 'running', finishedAt: null });
		expect(JSON.stringify(stage.given('deploy-production/Page: a person decides'))).toContain('phase-4-validation');
	});

	it('is no reason to stay where traffic was never switched', async () => {
		const ending = await stage.deploy({
			outcomes: {
				'phase-2-migration/Run previous version': failed,
				'phase-3-rollout/Check preview': failed,
			},
		});
		expect(ranOf(ending, 'roll-back-production')).toEqual(ROLL_BACK);
		expect(ending.release).toMatchObject({ state: 'stopped-schema-ahead' });
	});

	it('without a word of how it is started is inconclusive, and asks no cluster', async () => {
		const ending = await stage.deploy({
			configure: (settings) => delete settings.previousVersion,
			outcomes: {
				'phase-2-migration/Rehearse migrations': {
					verdict: 'passed',
					result: { migrations: [{ name: '1_a' }], database: { name: 'scratch_r_1' } },
				},
				'phase-2-migration/Run previous version': 'real',
			},
			edit: (workflows) =>
				void Object.assign(nodeOf(workflows, 'phase-2-migration/Run previous version').parameters, {
					dropScratch: false,
				}),
		});
		const [step] = await stage.database.ledger.readSteps(ending.release?.id ?? '', '2.1/old-code');
		expect(step).toMatchObject({
			state: 'inconclusive',
			result: { configured: false, ran: false, reason: expect.stringMatching(/^not configured/) as string },
		});
	});

	it('of a release in which all goes well is proven', async () => {
		await stage.deploy();
		const [standing] = await stage.database.ledger.watch.readStandings([REQUEST.environment], VIEW);
		expect(standing?.release?.rollbackProven).toBe(true);
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

describe('a migration after which the data are not sound', () => {
	it.each([
		['failed', failed],
		['inconclusive', inconclusive],
	])('never reaches phase 3 (%s): the old version serves, and the schema is ahead', async (_, outcome) => {
		const ending = await stage.deploy({ outcomes: { 'phase-2-migration/Check integrity after': outcome } });
		expect(ranOf(ending, 'phase-2-migration')).toEqual(PHASE_2);
		expectNotReached(ending, 'phase-3-rollout', 'phase-4-validation', 'roll-back-production');
		expect(ending.release).toMatchObject({
			state: 'stopped-schema-ahead',
			reason: expect.stringContaining('2.2/integrity-after') as string,
		});
	});
});

describe('traffic is never switched', () => {
	it.each([
		[
			'a pod is never ready on staging',
			{ outcomes: { 'phase-3-rollout/Wait for staging': failed } },
			BEFORE_GATE_2.slice(0, 3),
		],
		[
			'staging cannot be looked at',
			{ outcomes: { 'phase-3-rollout/Check staging': inconclusive } },
			BEFORE_GATE_2.slice(0, 4),
		],
		[
			'nobody can log in on staging',
			{ outcomes: { 'phase-3-rollout/Check staging login': failed } },
			BEFORE_GATE_2.slice(0, 5),
		],
		[
			'a pod is never ready',
			{ outcomes: { 'phase-3-rollout/Wait for rollout': failed } },
			BEFORE_GATE_2.slice(0, 7),
		],
		[
			'the rollout cannot be judged',
			{ outcomes: { 'phase-3-rollout/Wait for rollout': inconclusive } },
			BEFORE_GATE_2.slice(0, 7),
		],
		['the preview is not healthy', { outcomes: { 'phase-3-rollout/Check preview': failed } }, BEFORE_GATE_2],
		[
			'gate 2 is rejected',
			{ answers: { 'phase-3-rollout/Gate 2': 'reject' as const } },
			[...BEFORE_GATE_2, ...GATE_2.slice(0, 4)],
		],
		[
			'nobody answers at gate 2',
			{ answers: { 'phase-3-rollout/Gate 2': 'expire' as const } },
			[...BEFORE_GATE_2, ...GATE_2.slice(0, 3), 'Close gate 2'],
		],
	])('when %s', async (_, plot: Plot, ran) => {
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
		['the critical path is broken', { 'phase-4-validation/Critical path': failed }],
		['a suite of the operators fails', { 'phase-4-validation/Suites': failed }],
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
		expect(ranOf(ending, 'roll-back-production').slice(0, 5)).toEqual(ROLL_BACK.slice(0, 5));
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

describe('the object storage for reports is down', () => {
	const credentials = {
		s3: {
			endpoint: 'http://127.0.0.1:1',
			region: 'us-east-1',
			accessKeyId: 'key',
			secretAccessKey: 'secret',
			forcePathStyle: true,
		},
	};
	const really = (name: string): Plot => ({ credentials, outcomes: { [name]: 'real' } });

	it('a release that serves is neither rolled back nor forgotten for it', async () => {
		const ending = await stage.deploy(really('deploy-production/Report: deployed'));
		expect(ranOf(ending, 'deploy-production')).toContain('Tell: deployed');
		expectNotReached(ending, 'roll-back-production');
		expect(ending.release).toMatchObject({ state: 'watching' });
	});

	it('a stopped release is told of all the same', async () => {
		const plot = really('deploy-production/Report: stopped');
		const outcomes = { ...plot.outcomes, 'phase-1-pre-deploy/Check Redis': failed };
		const ending = await stage.deploy({ ...plot, outcomes });
		expect(ranOf(ending, 'deploy-production')).toContain('Tell: stopped');
		expectNotReached(ending, 'on-failure');
	});

	it('a rollback is done, told of and returns its verdict', async () => {
		const plot = really('roll-back-production/Report');
		const outcomes = { ...plot.outcomes, 'phase-4-validation/Error rate': failed };
		const ending = await stage.deploy({ ...plot, outcomes });
		expect(ending.release).toMatchObject({ state: 'rolled-back-verified' });
		expect(ranOf(ending, 'roll-back-production')).toEqual(ROLL_BACK);
		expectNotReached(ending, 'on-failure');
	});
});

describe('the start', () => {
	it('by the form is the same release as by the CI’s webhook', async () => {
		const runner = await stage.open();
		const items = [
			{
				Intent: 'begin',
				Version: '2026.11.2',
				Environment: 'production',
				Commit: '4f9c2a1',
				'Commit authors': 'devops-lead, somebody@yourdomain.com',
				'Your name': 'Release manager',
				'Release to resume': '',
				'Override of a closed change calendar: person': '',
				'Override of a closed change calendar: reason': '',
			},
		];
		await runner.start('deploy-production', { at: 'Release form', items, mode: 'webhook' });
		expect(runner.waiting().map((execution) => runner.waitsAt(execution))).toEqual(['phase-2-migration/Gate 1']);
		expect(runner.output('deploy-production', 'Release', 2)?.[0]).toMatchObject({
			release: {
				version: '2026.11.2',
				startedBy: 'Release manager',
				authors: ['devops-lead', 'somebody@yourdomain.com'],
				rehearsal: false,
				override: null,
			},
		});
	});

	const frozen = async (request: Plot['request'] = {}): Promise<Ending> => {
		const runner = await stage.open();
		await stage.database.ledger.declareFreeze({
			environment: 'production',
			reason: 'the end of the year',
			declaredBy: 'Release manager',
			from: new Date(Date.now() - 60_000),
			until: null,
		});
		return await stage.request(runner, { request });
	};

	it('is refused while the change calendar is closed, and the refusal is recorded', async () => {
		const ending = await frozen();
		expect(ending.release).toBeUndefined();
		expect(ending.started.run.data.resultData.error?.message).toContain('RELEASE.WINDOW_CLOSED');
		expectNotReached(ending, 'phase-1-pre-deploy', 'phase-2-migration', 'phase-3-rollout');
		await expect(stage.refusals()).resolves.toEqual(['RELEASE.WINDOW_CLOSED']);
	});

	it('is refused while a window of the configuration is closed', async () => {
		const always = { name: 'never', kind: 'deny', schedule: '0 0 * * *', durationMinutes: 1440, timeZone: 'UTC' };
		const ending = await stage.deploy({ configure: (settings) => (settings.changeCalendar = [always]) });
		expect(ending.release).toBeUndefined();
		await expect(stage.refusals()).resolves.toEqual(['RELEASE.WINDOW_CLOSED']);
	});

	it('goes on with a written override, which stays in the record', async () => {
		const override = { person: 'Head of operations', reason: 'a hole in the login' };
		const ending = await frozen({ override });
		expect(ending.release).toMatchObject({ state: 'watching', override });
	});
});

describe('a rehearsal', () => {
	const CHECKS = [
		'Check HTTP health',
		'Check Postgres',
		'Check Redis',
		'Check cluster',
		'Check login before',
		'Migration status',
		'Error rate',
		'Response time',
		'Plan',
	];
	const rehearse = {
		'by hand in the editor': async (runner: Awaited<ReturnType<Stage['open']>>) =>
			await runner.start('deploy-production', { at: 'Manual rehearsal', mode: 'manual' }),
		'asked for by the CI': async (runner: Awaited<ReturnType<Stage['open']>>) =>
			(await stage.request(runner, { request: { intent: 'rehearse' } })).started,
	};

	describe.each(Object.entries(rehearse))('%s', (_, start) => {
		it('runs every read-only check, changes nothing and returns the plan', async () => {
			const runner = await stage.open();
			const ending = await stage.ending(runner, await start(runner));
			expect(ending.started.status).toBe('success');
			expect(ranOf(ending, 'rehearse-production')).toEqual(CHECKS);
			expectNotReached(ending, 'phase-1-pre-deploy', 'phase-2-migration', 'phase-3-rollout', 'on-failure');
			expect(ending.mails).toEqual([]);
			expect(ending.release).toMatchObject({ rehearsal: true, token: 0 });
			expect(ending.release?.finishedAt).not.toBeNull();
			const [found] = runner.output('deploy-production', 'Ready to release') ?? [];
			expect(found).toMatchObject({
				phase: { verdict: 'passed' },
				plan: { release: { images: [{ image: expect.stringContaining('@sha256:') as string }, {}] } },
			});
			const { plan } = found as { plan: { parts: Array<{ part: string }>; checks: unknown[] } };
			expect(plan.parts.map(({ part }) => part)).toEqual(
				expect.arrayContaining(['configuration', 'package', 'workflow/phase-3-rollout']),
			);
			expect(plan.checks).toHaveLength(8);
		});

		it('goes on to the end when a check fails, and says so', async () => {
			const runner = await stage.open({ outcomes: { 'rehearse-production/Check Postgres': failed } });
			const ending = await stage.ending(runner, await start(runner));
			expect(ranOf(ending, 'rehearse-production')).toEqual(CHECKS);
			expect(runner.output('deploy-production', 'Ready to release')).toBeUndefined();
			expect(runner.output('deploy-production', 'Look at the checks')?.[0]).toMatchObject({
				phase: { verdict: 'failed', reasons: ['rehearse/check-postgres is failed'] },
			});
		});
	});

	it('does not hold the environment', async () => {
		const runner = await stage.open();
		await rehearse['asked for by the CI'](runner);
		const ending = await stage.request(runner);
		expect(ending.release).toMatchObject({ state: 'watching', rehearsal: false });
	});

	it('ends when one of its checks dies', async () => {
		const runner = await stage.open({ outcomes: { 'rehearse-production/Check cluster': new Error('no route') } });
		const started = await rehearse['asked for by the CI'](runner);
		const ending = await stage.ending(runner, started);
		expect(ending.started.status).toBe('error');
		expect(ranOf(ending, 'on-failure')).toContain('Page: a run died');
		expectNotReached(ending, 'roll-back-production');
	});
});

function broken(message: string) {
	return async () => await Promise.reject(new Error(message));
}
