import { PASSED, ROLL_BACK, START, outcomeOf, stepOf, useLedgerDatabase } from './ledgerDatabase';
import type { NewGate } from '../../lib/release/gate';
import type { Release } from '../../lib/release/model';

const db = useLedgerDatabase(4);
const STALE = { executionId: 'again', staleAfterMs: 60_000 };

function gateOf(change: Partial<NewGate> = {}): NewGate {
	const facts = { gate: 'gate-1/approval', quorum: 1, approvers: [], evidence: {}, evidenceHash: 'e' };
	return { ...facts, expiresInMs: 60_000, executionId: '1', wakeSeal: '', ...change };
}

/** The wait of the environment's release ended so many seconds ago. */
async function endWait(release: Release, seconds: number): Promise<void> {
	await db.sql.query(
		"UPDATE deployment_runbook.release SET waiting_until = now() - $2 * interval '1 second' WHERE id = $1",
		[release.id, seconds],
	);
}

async function expectRefused(release: Release, problem: string): Promise<void> {
	const before = await db.everything();
	await expect(db.ledger.resumeRelease(release.id, STALE)).rejects.toMatchObject({
		code: 'RELEASE.NOT_RESUMABLE',
		meta: { releaseId: release.id, problem },
	});
	expect(await db.everything()).toEqual(before);
}

describe('resuming a release whose run died', () => {
	it('raises the token, counts it, and beats anew', async () => {
		const died = await db.begin();
		await db.silence(61);
		const resumed = await db.ledger.resumeRelease(died.id, STALE);
		expect(resumed).toEqual({
			...died,
			token: 2,
			resumes: 1,
			executionId: 'again',
			heartbeatAt: expect.any(Date) as Date,
		});
		expect(resumed.heartbeatAt!.getTime()).toBeGreaterThan(Date.now() - 30_000);
		expect(await db.ledger.readReleaseByExecution('again')).toEqual(resumed);
		// The old execution is still known for its release, which tells which execution holds it now.
		expect(await db.ledger.readReleaseByExecution(died.executionId)).toEqual(resumed);
	});

	it('fences the old run out of steps, gates, watch and end, should it wake', async () => {
		const old = await db.begin();
		await db.ledger.startStep(stepOf(old), START);
		await db.ledger.gates.openGate(old, gateOf());
		await endWait(old, 61);
		const resumed = await db.ledger.resumeRelease(old.id, STALE);
		const before = await db.everything();
		const writes: Array<() => Promise<unknown>> = [
			async () => await db.ledger.startStep(stepOf(old), START),
			async () => await db.ledger.startStep(stepOf(old, { stepKey: 'new' }), START),
			async () => await db.ledger.finishStep(stepOf(old), PASSED),
			async () => await db.ledger.gates.openGate(old, gateOf({ evidenceHash: 'other' })),
			async () => await db.ledger.gates.openGate(old, gateOf({ gate: 'gate-2/approval' })),
			async () => await db.ledger.gates.decideGate(old, 'gate-1/approval', { state: 'approved', reason: '' }),
			async () => await db.ledger.enterWatching(old, 1000),
			async () => await db.ledger.finishRelease(old, 'succeeded', ''),
		];
		for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		await db.ledger.beat(old);
		expect(await db.everything()).toEqual(before);
		await db.ledger.finishStep(stepOf(resumed), PASSED);
	});

	it('by four at the same instant is granted to one', async () => {
		const died = await db.begin();
		await db.silence(61);
		const outcomes = await Promise.all(
			db.ledgers.map(async (one) => await outcomeOf(one.resumeRelease(died.id, STALE))),
		);
		expect(outcomes.filter((one) => one === 'written')).toHaveLength(1);
		for (const refused of outcomes.filter((one) => one !== 'written'))
			expect(refused).toMatchObject({ code: 'RELEASE.NOT_RESUMABLE' });
		expect(await db.lock()).toMatchObject({ holder: died.id, token: 2 });
	});

	it.each([0, 59])('is refused while the heartbeat is %d seconds old', async (seconds) => {
		const release = await db.begin();
		await db.silence(seconds);
		await expectRefused(release, 'its run gave a sign of life a moment ago');
	});

	it('is refused when the heartbeat lies in the future: the clock went back', async () => {
		const release = await db.begin();
		await db.silence(-3600);
		await expectRefused(release, 'its run gave a sign of life a moment ago');
	});

	it('is refused while it waits for a person, however long the run is silent', async () => {
		const release = await db.begin();
		await db.ledger.gates.openGate(release, gateOf());
		await db.silence(3600);
		await expectRefused(release, 'its run gave a sign of life a moment ago');
		await endWait(release, 59);
		await expectRefused(release, 'its run gave a sign of life a moment ago');
		await endWait(release, 61);
		expect(await db.ledger.resumeRelease(release.id, STALE)).toMatchObject({
			state: 'running',
			waitingUntil: null,
			token: 2,
		});
	});

	it.each<[string, (release: Release) => Promise<unknown>, string]>([
		[
			'has finished',
			async (release) => await db.ledger.finishRelease(release, 'needs-human', ''),
			'it has finished',
		],
		[
			'is being watched',
			async (release) => await db.ledger.enterWatching(release, 1000),
			'its deployment is done and it is being watched',
		],
		[
			'is rolling back',
			async (release) => await db.ledger.takeOver(release.id, ROLL_BACK),
			'its rollback has begun',
		],
	])('is refused when it %s', async (_, happen, problem) => {
		const release = await db.begin();
		await happen(release);
		await db.silence(3600);
		await expectRefused(release, problem);
	});

	it('is refused for a rehearsal and for a release that nobody began', async () => {
		await expectRefused(await db.begin({ rehearsal: true }), 'a rehearsal changes nothing');
		await expect(db.ledger.resumeRelease('r-unknown', STALE)).rejects.toMatchObject({ code: 'RELEASE.UNKNOWN' });
	});
});

describe('finding releases whose run died', () => {
	const stopped = async (): Promise<string[]> =>
		(await db.ledger.listStopped(db.environment, 60_000)).map(({ id }) => id);

	it('finds a running one once its heartbeat is too old', async () => {
		const release = await db.begin();
		expect(await stopped()).toEqual([]);
		await db.silence(59);
		expect(await stopped()).toEqual([]);
		await db.silence(61);
		expect(await stopped()).toEqual([release.id]);
		await db.ledger.beat(release);
		expect(await stopped()).toEqual([]);
	});

	it('finds one that waits past its deadline, and none before', async () => {
		const release = await db.begin();
		await db.ledger.gates.openGate(release, gateOf());
		await db.silence(3600);
		expect(await stopped()).toEqual([]);
		await endWait(release, 61);
		expect(await stopped()).toEqual([release.id]);
	});

	it('finds a rollback that died, but nothing that is watched, has finished, rehearses or is elsewhere', async () => {
		const release = await db.begin();
		await db.begin({ rehearsal: true });
		await db.begin({ environment: `${db.environment}-other` });
		const taken = await db.ledger.takeOver(release.id, ROLL_BACK);
		await db.silence(61);
		expect(await stopped()).toEqual([release.id]);
		await db.ledger.enterWatching(taken, 1000);
		expect(await stopped()).toEqual([]);
		await db.ledger.finishRelease(taken, 'needs-human', '');
		await db.silence(61);
		expect(await stopped()).toEqual([]);
	});
});
