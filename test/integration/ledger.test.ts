import { setTimeout as delay } from 'node:timers/promises';
import type { Release } from '../../lib/release/model';
import { connectPostgres } from '../../lib/support/postgres.client';
import { PASSED, ROLL_BACK, START, outcomeOf, stepOf, useLedgerDatabase } from './ledgerDatabase';

// Ten n8n workers that start at once, on a database that holds nothing.
const db = useLedgerDatabase(10);
const VOTED_ON = { quorum: 1, approvers: [], evidence: {}, evidenceHash: 'e' };
const GATE = { gate: 'gate-1/approval', ...VOTED_ON, expiresInMs: 60_000, executionId: '1', wakeSeal: '' };

describe('beginning', () => {
	it('of fifty at once exactly one is started, and all others are answered with it', async () => {
		const answers = await Promise.all(
			Array.from({ length: 50 }, async (_, index) => await db.ledgers[index % 10]!.beginRelease(db.wanted())),
		);
		const started = answers.filter((answer) => answer.outcome === 'started').map(({ release }) => release);
		expect(started).toHaveLength(1);
		expect(new Set(answers.map(({ release }) => release.id))).toEqual(new Set([started[0]?.id]));
		expect(await db.lock()).toMatchObject({ holder: started[0]?.id, token: 1 });
		expect(await db.ledger.listLiveReleases(db.environment)).toEqual(started);
	});

	it('reads back exactly what was begun, by id and by execution', async () => {
		const asked = db.wanted({ deliveryId: `msg-${db.environment}` });
		const { release } = await db.ledger.beginRelease(asked);
		expect(release).toEqual({
			...asked,
			state: 'running',
			token: 1,
			resumes: 0,
			startedAt: expect.any(Date) as Date,
			waitingUntil: null,
			watchUntil: null,
			rollingBackAt: null,
			pointOfNoReturn: null,
			finishedAt: null,
			reason: '',
			heartbeatAt: expect.any(Date) as Date,
		});
		expect(await db.ledger.readRelease(asked.id)).toEqual(release);
		expect(await db.ledger.readReleaseByExecution(asked.executionId)).toEqual(release);
		expect(await db.ledger.readRelease('r-unknown')).toBeUndefined();
		expect(await db.ledger.readReleaseByExecution('unknown')).toBeUndefined();
		expect(await db.ledger.listLiveReleases('unknown')).toEqual([]);
	});

	it('environments do not stand in each other’s way', async () => {
		await db.begin();
		await db.begin({ environment: `${db.environment}-other` });
	});

	it('by the same delivery again answers with its release, also when that has finished', async () => {
		const deliveryId = `msg-${db.environment}`;
		const release = await db.begin({ deliveryId });
		const finished = await db.ledger.finishRelease(release, 'failed-before-change', '');
		expect(await db.ledger.beginRelease(db.wanted({ deliveryId }))).toEqual({
			release: finished,
			outcome: 'known-delivery',
		});
		expect(await db.ledger.listLiveReleases(db.environment)).toEqual([]);
	});

	it('of a version that already serves answers with the release that brought it, until another one took traffic', async () => {
		const version = '2026.11.23';
		const release = await db.begin({ version });
		const serving = await db.ledger.finishRelease(release, 'succeeded', '');
		const again = { release: serving, outcome: 'known-version' };
		expect(await db.ledger.beginRelease(db.wanted({ version }))).toEqual(again);
		// One that never switched leaves the old version serving.
		await db.ledger.finishRelease(await db.begin(), 'failed-before-change', '');
		expect(await db.ledger.beginRelease(db.wanted({ version }))).toEqual(again);
		const next = await db.begin();
		await db.pass(next, '3.2/switch-traffic');
		await db.ledger.finishRelease(next, 'succeeded', '');
		expect(await db.ledger.beginRelease(db.wanted({ version }))).toMatchObject({ outcome: 'started' });
	});

	it('of the version that is being deployed says so', async () => {
		const release = await db.begin({ version: '2026.11.23' });
		expect(await db.ledger.beginRelease(db.wanted({ version: '2026.11.23' }))).toEqual({
			release,
			outcome: 'known-version',
		});
	});

	it('keeps who overrode the change calendar, and why', async () => {
		const override = { person: 'the release manager', reason: "a 'security' fix" };
		expect(await db.ledger.readRelease((await db.begin({ override })).id)).toMatchObject({ override });
	});

	it('a delivery id is new once, whoever asks at the same instant', async () => {
		const answers = await Promise.all(
			db.ledgers.map(async (one) => await one.acceptDelivery(`msg-${db.environment}`)),
		);
		expect(answers.filter((fresh) => fresh)).toHaveLength(1);
		expect(await db.ledger.acceptDelivery(`msg-${db.environment}`)).toBe(false);
		expect(await db.ledger.acceptDelivery(`msg-${db.environment}-2`)).toBe(true);
	});
});

describe('the token', () => {
	it('only rises: each release and each takeover gets a higher one than all before', async () => {
		const tokens: number[] = [];
		for (let round = 0; round < 3; round += 1) {
			const release = await db.begin();
			const taken = await db.ledger.takeOver(release.id, ROLL_BACK);
			await db.ledger.finishRelease(taken, 'rolled-back-verified', '');
			tokens.push(release.token, taken.token);
		}
		expect(tokens).toEqual([1, 2, 3, 4, 5, 6]);
		expect(await db.lock()).toMatchObject({ holder: null, token: 6 });
	});

	it('survives takeovers, finishes and begins that run against each other: one holds in the end', async () => {
		let last = 0;
		for (let round = 0; round < 5; round += 1) {
			const release = (await db.ledger.beginRelease(db.wanted())).release;
			const outcomes = await Promise.allSettled([
				db.ledgers[1]!.takeOver(release.id, ROLL_BACK),
				db.ledgers[2]!.finishRelease(release, 'succeeded', ''),
				db.ledgers[3]!.beginRelease(db.wanted()),
				db.ledgers[4]!.enterWatching(release, 1000),
				db.ledgers[5]!.takeOver(release.id, ROLL_BACK),
			]);
			const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
			for (const reason of refused) expect(reason).toMatchObject({ code: 'RELEASE.FENCED_OUT' });
			const live = await db.ledger.listLiveReleases(db.environment);
			const lock = await db.lock();
			expect(live).toMatchObject([{ id: lock?.holder, token: lock?.token }]);
			expect(lock?.token).toBeGreaterThan(last);
			last = lock?.token ?? 0;
			await db.ledger.finishRelease(live[0]!, 'needs-human', '');
		}
	});

	it('of takeovers at the same instant differs, and only the last one holds', async () => {
		const release = await db.begin();
		const taken = await Promise.all(db.ledgers.map(async (one) => await one.takeOver(release.id, ROLL_BACK)));
		const tokens = taken.map(({ token }) => token).sort((a, b) => a - b);
		expect(tokens).toEqual(Array.from({ length: db.ledgers.length }, (_, index) => index + 2));
		const held = await Promise.allSettled(
			taken.map(async (one) => await db.ledger.startStep(stepOf(one), START).then(() => one.token)),
		);
		expect(held.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))).toEqual([tokens.at(-1)]);
	});
});

describe('fencing', () => {
	it('refuses the old token every write after a takeover, and nothing has changed', async () => {
		const old = await db.begin();
		await db.ledger.startStep(stepOf(old), START);
		const taken = await db.ledger.takeOver(old.id, ROLL_BACK);
		const before = await db.everything();
		const writes: Array<() => Promise<unknown>> = [
			async () => await db.ledger.startStep(stepOf(old), START),
			async () => await db.ledger.startStep(stepOf(old, { stepKey: '2.1/new' }), START),
			async () => await db.ledger.finishStep(stepOf(old), PASSED),
			async () => await db.ledger.enterWatching(old, 1000),
			async () => await db.ledger.finishRelease(old, 'succeeded', 'not true'),
		];
		for (const write of writes) {
			await expect(write()).rejects.toMatchObject({
				code: 'RELEASE.FENCED_OUT',
				meta: { releaseId: old.id, token: old.token },
			});
		}
		await db.ledger.beat(old);
		expect(await db.everything()).toEqual(before);
		await db.ledger.finishStep(stepOf(taken), PASSED);
		expect(await db.ledger.finishRelease(taken, 'needs-human', '')).toMatchObject({ state: 'needs-human' });
	});

	it('marks a release that another one’s rollback pre-empts, and fences it out', async () => {
		const old = await db.begin();
		await db.ledger.finishRelease(old, 'succeeded', '');
		const running = await db.begin();
		const taken = await db.ledger.takeOver(old.id, ROLL_BACK);
		expect(taken.token).toBeGreaterThan(running.token);
		expect(await db.ledger.readRelease(running.id)).toMatchObject({
			state: 'needs-human',
			finishedAt: expect.any(Date) as Date,
		});
		await expect(db.ledger.startStep(stepOf(running), START)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		await expect(db.ledger.finishRelease(running, 'succeeded', '')).rejects.toMatchObject({
			code: 'RELEASE.FENCED_OUT',
		});
	});

	it('refuses to roll back what a later release has replaced, and pre-empts nobody', async () => {
		const switched = async (): Promise<Release> => {
			const release = await db.begin();
			const step = stepOf(release, { stepKey: '3.2/switch-traffic' });
			await db.ledger.startStep(step, START);
			await db.ledger.finishStep(step, PASSED);
			return release;
		};
		const old = await switched();
		await db.ledger.finishRelease(old, 'succeeded', '');
		const live = await switched();
		await expect(db.ledger.takeOver(old.id, ROLL_BACK)).rejects.toMatchObject({
			code: 'RELEASE.NOT_LIVE',
			message: expect.stringContaining(live.id) as string,
		});
		expect(await db.lock()).toMatchObject({ holder: live.id, token: live.token });
		expect(await db.ledger.readRelease(live.id)).toMatchObject({ state: 'running', finishedAt: null });
		// Once the later one is rolled back, the old one serves again.
		const back = await db.ledger.takeOver(live.id, ROLL_BACK);
		const step = stepOf(back, { stepKey: 'rollback/switch-back' });
		await db.ledger.startStep(step, START);
		await db.ledger.finishStep(step, PASSED);
		await db.ledger.finishRelease(back, 'rolled-back-verified', '');
		expect(await db.ledger.takeOver(old.id, ROLL_BACK)).toMatchObject({ id: old.id, state: 'running' });
	});

	it('a finished release that is rolled back holds its environment again, and ends anew', async () => {
		const old = await db.begin();
		await db.ledger.finishRelease(old, 'succeeded', '');
		const taken = await db.ledger.takeOver(old.id, ROLL_BACK);
		expect(taken).toMatchObject({ state: 'running', finishedAt: null });
		expect(await db.ledger.beginRelease(db.wanted())).toEqual({ release: taken, outcome: 'locked' });
		await db.ledger.finishRelease(taken, 'rolled-back-verified', '');
		expect(await db.ledger.readLastStable(db.environment)).toBeUndefined();
	});

	it('for an emergency takes a live release from the run that holds it, and no finished one', async () => {
		const emergency = { reason: 'taken over by the on-call engineer', intent: 'continue' as const };
		const old = await db.begin();
		const taken = await db.ledger.takeOver(old.id, emergency);
		expect(taken).toMatchObject({ token: 2, reason: emergency.reason, rollingBackAt: null, state: 'running' });
		await expect(db.ledger.startStep(stepOf(old), START)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		await db.ledger.finishRelease(taken, 'needs-human', '');
		await expect(db.ledger.takeOver(old.id, emergency)).rejects.toMatchObject({ code: 'RELEASE.NOT_JOINABLE' });
		expect(await db.lock()).toMatchObject({ holder: null, token: 2 });
	});

	it('a rollback that is taken over keeps when it began', async () => {
		const first = await db.ledger.takeOver((await db.begin()).id, ROLL_BACK);
		const second = await db.ledger.takeOver(first.id, { reason: 'hangs', intent: 'continue' });
		const third = await db.ledger.takeOver(first.id, { reason: 'again', intent: 'rollBack' });
		expect(first.rollingBackAt).toEqual(expect.any(Date));
		expect([second.rollingBackAt, third.rollingBackAt]).toEqual([first.rollingBackAt, first.rollingBackAt]);
	});

	it('refuses to take the lock for a release that is unknown or a rehearsal, and pre-empts nobody', async () => {
		const running = await db.begin();
		const rehearsal = await db.begin({ rehearsal: true });
		await expect(db.ledger.takeOver('r-unknown', ROLL_BACK)).rejects.toMatchObject({ code: 'RELEASE.UNKNOWN' });
		await expect(db.ledger.takeOver(rehearsal.id, ROLL_BACK)).rejects.toMatchObject({
			code: 'RELEASE.MANUAL_RUN_NOT_ARMED',
		});
		expect(await db.ledger.listLiveReleases(db.environment)).toEqual([running]);
		expect(await db.lock()).toMatchObject({ holder: running.id, token: running.token });
	});

	it.each<[string, (old: Release) => Promise<unknown>]>([
		['finishes', async (old) => await db.ledger.finishRelease(old, 'succeeded', '')],
		['enters the watch', async (old) => await db.ledger.enterWatching(old, 1000)],
		['begins a step', async (old) => await db.ledger.startStep(stepOf(old, { stepKey: '2.1/new' }), START)],
		['ends a step', async (old) => await db.ledger.finishStep(stepOf(old), PASSED)],
		['opens a gate', async (old) => await db.ledger.gates.openGate(old, GATE)],
		[
			'decides a gate',
			async (old) => await db.ledger.gates.decideGate(old, 'gate-0/open', { state: 'approved', reason: '' }),
		],
	])('refuses a holder that %s while a takeover is being written', async (_, write) => {
		const old = await db.begin();
		await db.ledger.startStep(stepOf(old), START);
		await db.ledger.gates.openGate(old, { ...GATE, gate: 'gate-0/open' });
		// A takeover by hand, stopped before its commit.
		await db.sql.query('BEGIN');
		await db.sql.query('UPDATE deployment_runbook.environment SET token = token + 1 WHERE name = $1', [
			db.environment,
		]);
		await db.sql.query('UPDATE deployment_runbook.release SET token = token + 1 WHERE id = $1', [old.id]);
		const late = outcomeOf(write(old));
		const observer = await connectPostgres(db.superuser);
		await db.lockWaiter(observer).finally(async () => await observer.end());
		await db.sql.query('COMMIT');
		expect(await late).toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(await db.ledger.readRelease(old.id)).toMatchObject({ state: 'waiting', finishedAt: null });
		expect(await db.ledger.readSteps(old.id)).toMatchObject([{ stepKey: '1.1/check-http', state: 'started' }]);
		expect(await db.ledger.gates.readGate(old.id, 'gate-0/open')).toMatchObject({ state: 'open' });
		expect(await db.ledger.gates.readGate(old.id, GATE.gate)).toBeUndefined();
	});
});

describe('the lock', () => {
	it('is freed by finishing; the next release begins', async () => {
		const first = await db.begin();
		const finished = await db.ledger.finishRelease(first, 'succeeded', 'watched');
		expect(finished).toMatchObject({ state: 'succeeded', finishedAt: expect.any(Date) as Date });
		expect(await db.lock()).toEqual({ holder: null, token: 1, heartbeatAt: null });
		expect(await db.rows('SELECT reason FROM deployment_runbook.release WHERE id = $1', [first.id])).toEqual([
			{ reason: 'watched' },
		]);
		expect(await db.ledger.readLastStable(db.environment)).toEqual(finished);
		expect(await db.begin()).toMatchObject({ token: 2 });
	});

	it('stays while it is watched', async () => {
		const release = await db.begin();
		const watching = await db.ledger.enterWatching(release, 60_000);
		expect(watching).toMatchObject({ state: 'watching', finishedAt: null });
		expect((watching.watchUntil?.getTime() ?? 0) - Date.now()).toBeGreaterThan(50_000);
		expect(await db.ledger.beginRelease(db.wanted())).toEqual({ release: watching, outcome: 'locked' });
	});

	it('beats: a heartbeat rises with each beat and each step', async () => {
		const release = await db.begin();
		const heartbeat = async (): Promise<number> => (await db.lock())?.heartbeatAt?.getTime() ?? 0;
		const first = await heartbeat();
		await delay(5);
		await db.ledger.beat(release);
		const second = await heartbeat();
		await delay(5);
		await db.ledger.startStep(stepOf(release), START);
		expect(first).toBeGreaterThan(0);
		expect(second).toBeGreaterThan(first);
		expect(await heartbeat()).toBeGreaterThan(second);
	});
});
