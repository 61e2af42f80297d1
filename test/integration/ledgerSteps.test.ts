import { recordStep } from '../../lib/release/recordStep';
import type { Sample } from '../../lib/release/model';
import { PASSED, ROLL_BACK, START, stepOf, useLedgerDatabase } from './ledgerDatabase';

const db = useLedgerDatabase(1);

describe('a rehearsal', () => {
	it('holds no lock: it begins beside a release, and a release beside it', async () => {
		const rehearsal = await db.begin({ rehearsal: true });
		const real = await db.begin();
		expect(rehearsal).toMatchObject({ token: 0, rehearsal: true });
		expect(await db.begin({ rehearsal: true })).toMatchObject({ token: 0 });
		expect(await db.lock()).toMatchObject({ holder: real.id, token: 1 });
		expect(await db.ledger.listLiveReleases(db.environment)).toEqual([real]);
		await db.ledger.finishRelease(rehearsal, 'failed-before-change', '');
		expect(await db.lock()).toMatchObject({ holder: real.id, token: 1 });
	});

	it('records what it judges, and is refused every change before anything is written', async () => {
		const rehearsal = await db.begin({ rehearsal: true });
		const judging = stepOf(rehearsal, { kind: 'verdict' });
		await recordStep(db.ledger, judging, { run: async () => ({ result: null, verdict: 'passed' }) });
		const run = jest.fn();
		const changing = stepOf(rehearsal, { stepKey: '2.1/deploy-migrations', kind: 'change' });
		await expect(recordStep(db.ledger, changing, { run })).rejects.toMatchObject({
			code: 'RELEASE.MANUAL_RUN_NOT_ARMED',
		});
		expect(run).not.toHaveBeenCalled();
		expect((await db.ledger.readSteps(rehearsal.id)).map(({ stepKey, state }) => [stepKey, state])).toEqual([
			['1.1/check-http', 'passed'],
		]);
	});
});

describe('a step', () => {
	it('is read back as it was recorded, item by item, and keeps its first way back', async () => {
		const release = await db.begin();
		const backend = stepOf(release, { itemKey: 'backend', kind: 'change' });
		const frontend = stepOf(release, { itemKey: 'frontend', kind: 'change' });
		await db.ledger.startStep(backend, { inputHash: 'one', inverse: { to: ['1', { deep: null }] } });
		await db.ledger.finishStep(backend, { ...PASSED, state: 'failed', error: { code: 'X' } });
		await db.ledger.startStep(backend, { inputHash: 'two', inverse: 'second' });
		await db.ledger.startStep(frontend, START);
		await db.ledger.finishStep(frontend, { ...PASSED, result: 'text', evidence: 7 });
		const record = await db.ledger.readStep(release.id, backend.stepKey, 'backend');
		expect(record).toEqual({
			stepKey: '1.1/check-http',
			itemKey: 'backend',
			kind: 'change',
			state: 'started',
			inputHash: 'two',
			attempts: 2,
			startedAt: expect.any(Date) as Date,
			finishedAt: null,
			result: null,
			evidence: null,
			inverse: { to: ['1', { deep: null }] },
			error: null,
		});
		expect(await db.ledger.readSteps(release.id, backend.stepKey)).toEqual([
			record,
			expect.objectContaining({ itemKey: 'frontend', result: 'text', evidence: 7, state: 'passed' }),
		]);
		expect(await db.ledger.readSteps(release.id, '9/other')).toEqual([]);
	});
});

describe('what a step leaves', () => {
	const SAMPLES: Sample[] = [
		{
			metric: 'error-rate',
			target: 'backend',
			value: 0.1 + 0.2,
			problem: '',
			takenAt: '2026-01-23T20:00:00.001Z',
			monotonicMs: 1234.5678,
			bootId: 'boot-1',
		},
		{
			metric: 'error-rate',
			target: 'backend',
			value: null,
			problem: "no data; it's away",
			takenAt: '2026-01-23T20:00:05.000Z',
			monotonicMs: 6234.5678,
			bootId: 'boot-1',
		},
		{
			metric: 'health',
			target: 'frontend',
			value: 0,
			problem: '',
			takenAt: '2026-01-23T20:00:05.000Z',
			monotonicMs: 0,
			bootId: 'boot-2',
		},
	];

	it('its samples read back as they were taken, in order', async () => {
		const release = await db.begin();
		const step = stepOf(release, { stepKey: '4.2/error-rate' });
		await db.ledger.startStep(step, START);
		await db.ledger.finishStep(step, { ...PASSED, samples: [...SAMPLES].reverse() });
		expect(await db.ledger.readSamples(release.id)).toEqual(SAMPLES);
		expect(await db.ledger.readSamples('r-other')).toEqual([]);
		const stored = await db.rows(
			'SELECT DISTINCT step_key, recorded_at > taken_at AS later FROM deployment_runbook.sample WHERE release_id = $1',
			[release.id],
		);
		expect(stored).toEqual([{ step_key: '4.2/error-rate', later: true }]);
	});

	it('its point of no return is set once: the first one stays', async () => {
		const release = await db.begin();
		for (const stepKey of ['2.1/deploy-migrations', '3.2/switch-traffic']) {
			const step = stepOf(release, { stepKey });
			await db.ledger.startStep(step, START);
			await db.ledger.finishStep(step, { ...PASSED, pointOfNoReturn: { reason: `after ${stepKey}` } });
		}
		const { pointOfNoReturn } = (await db.ledger.readRelease(release.id)) ?? {};
		expect(pointOfNoReturn).toEqual({
			stepKey: '2.1/deploy-migrations',
			reason: 'after 2.1/deploy-migrations',
			since: expect.any(String) as string,
		});
		expect(Math.abs(Date.parse(pointOfNoReturn?.since ?? '') - Date.now())).toBeLessThan(60_000);
	});

	it('of a stale token is nothing at all: no step, no sample, no point of no return', async () => {
		const old = await db.begin();
		const step = stepOf(old, { stepKey: '2.1/deploy-migrations' });
		await db.ledger.startStep(step, START);
		await db.ledger.takeOver(old.id, ROLL_BACK);
		const before = await db.everything();
		const end = { ...PASSED, samples: SAMPLES, pointOfNoReturn: { reason: 'dropped' } };
		await expect(db.ledger.finishStep(step, end)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(await db.everything()).toEqual(before);
	});

	it('that cannot be stored leaves no half: neither the step’s end nor its samples', async () => {
		const release = await db.begin();
		const step = stepOf(release);
		await db.ledger.startStep(step, START);
		const [sample] = SAMPLES;
		const samples = [sample!, { ...sample!, takenAt: 'yesterday evening' }];
		await expect(db.ledger.finishStep(step, { ...PASSED, samples })).rejects.toThrow('invalid input syntax');
		expect(await db.ledger.readStep(release.id, step.stepKey, '')).toMatchObject({ state: 'started' });
		expect(await db.ledger.readSamples(release.id)).toEqual([]);
	});
});

describe('a required gate', () => {
	const requires = ['gate-1/approval'];

	it('counts with its approval in the ledger, not with a step of that name', async () => {
		const release = await db.begin();
		await db.pass(release, 'gate-1/approval');
		const change = stepOf(release, { stepKey: '2.1/deploy-migrations', kind: 'change', requires });
		const run = jest.fn(async () => ({ result: null }));
		await expect(recordStep(db.ledger, change, { run })).rejects.toMatchObject({
			code: 'RELEASE.STEP_NOT_PROVEN',
			meta: { state: 'recorded, but its gate is not in the ledger' },
		});
		const gate = { gate: 'gate-1/approval', quorum: 1, approvers: [], evidence: {}, evidenceHash: 'e' };
		await db.ledger.gates.openGate(release, { ...gate, expiresInMs: 60_000, executionId: '1', wakeSeal: '' });
		await expect(recordStep(db.ledger, change, { run })).rejects.toMatchObject({
			meta: { state: 'recorded, but its gate is open' },
		});
		await db.ledger.gates.decideGate(release, 'gate-1/approval', { state: 'approved', reason: '' });
		await recordStep(db.ledger, change, { run });
		expect(run).toHaveBeenCalledTimes(1);
	});
});

describe('how long steps usually take', () => {
	it('is the median over the environment’s releases, without rehearsals and what did not pass', async () => {
		for (const [index, seconds] of [10, 30, 20, 1000].entries()) {
			const release = await db.begin({ rehearsal: index === 3 });
			await db.pass(release, '1.2/create-backup');
			await db.ledger.startStep(stepOf(release, { stepKey: '2.1/deploy-migrations' }), START);
			await db.sql.query(
				`UPDATE deployment_runbook.step SET finished_at = started_at + $2 * interval '1 second' WHERE release_id = $1 AND state = 'passed'`,
				[release.id, seconds],
			);
			await db.ledger.finishRelease(release, 'failed-before-change', '');
		}
		const usual = await db.ledger.readUsualDurations(db.environment);
		expect([...usual]).toEqual([['1.2/create-backup', 20_000]]);
		expect(await db.ledger.readUsualDurations('unknown')).toEqual(new Map());
	});
});
