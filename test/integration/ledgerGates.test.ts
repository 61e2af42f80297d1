import type { NewGate, Vote } from '../../lib/release/gate';
import { recordStep } from '../../lib/release/recordStep';
import { ROLL_BACK, stepOf, useLedgerDatabase } from './ledgerDatabase';
import type { Release } from '../../lib/release/model';

const db = useLedgerDatabase(4);
const GATE = 'gate-1/approval';
const PERSONS = [
	{ id: 'one', name: 'Person One', email: 'one@example.com', breakGlass: false },
	{ id: 'two', name: "Person O'Two", email: 'two@example.com', breakGlass: true },
];
const APPROVED = { state: 'approved', reason: 'approved by both' } as const;
const gates = () => db.ledger.gates;

function gateOf(change: Partial<NewGate> = {}): NewGate {
	return {
		gate: GATE,
		quorum: 2,
		approvers: PERSONS,
		evidence: { digests: ['sha256:a'], 'it’s': null },
		evidenceHash: 'shown',
		expiresInMs: 3_600_000,
		executionId: '41',
		wakeSeal: 'sealed-1',
		...change,
	};
}

function voteOf(release: Release, change: Partial<Vote> = {}): Vote {
	const facts = { gate: GATE, approver: 'one', nonce: 'n-1', decision: 'approve', comment: "it's fine; --" } as const;
	return { releaseId: release.id, ...facts, strength: 'link', evidenceHash: 'shown', ...change };
}

async function expire(release: Release): Promise<void> {
	await db.sql.query(
		"UPDATE deployment_runbook.gate SET expires_at = now() - interval '1 second' WHERE release_id = $1",
		[release.id],
	);
}

describe('opening a gate', () => {
	it('shows what is voted on and lets its release wait until it expires', async () => {
		const release = await db.begin();
		const opened = await gates().openGate(release, gateOf());
		const { expiresInMs, ...shown } = gateOf();
		expect(opened).toEqual({
			...shown,
			releaseId: release.id,
			state: 'open',
			openedAt: expect.any(Date) as Date,
			expiresAt: new Date(opened.openedAt.getTime() + expiresInMs),
			decidedAt: null,
			reason: '',
		});
		expect(await gates().readGate(release.id, GATE)).toEqual(opened);
		expect(await gates().readGate(release.id, 'gate-2/approval')).toBeUndefined();
		expect(await db.ledger.readRelease(release.id)).toMatchObject({
			state: 'waiting',
			waitingUntil: opened.expiresAt,
		});
	});

	it('again for the same evidence keeps deadline and votes; only where to wake is new', async () => {
		const release = await db.begin();
		const opened = await gates().openGate(release, gateOf());
		await gates().castVote(voteOf(release));
		const again = { executionId: '42', wakeSeal: 'sealed-2', expiresInMs: 7_200_000 };
		expect(await gates().openGate(release, gateOf(again))).toEqual({
			...opened,
			executionId: '42',
			wakeSeal: 'sealed-2',
		});
		expect(await gates().readVotes(release.id, GATE)).toHaveLength(1);
		expect(await db.ledger.readRelease(release.id)).toMatchObject({ waitingUntil: opened.expiresAt });
	});

	it('again after its approval keeps the approval, and nobody waits', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		const decided = await gates().decideGate(release, GATE, APPROVED);
		await expire(release);
		const again = await gates().openGate(release, gateOf());
		expect(again).toMatchObject({ state: 'approved', decidedAt: decided.decidedAt, reason: 'approved by both' });
		expect(await db.ledger.readRelease(release.id)).toMatchObject({ state: 'running', waitingUntil: null });
	});

	it.each([
		['approved, for other evidence', APPROVED, { evidenceHash: 'changed' }],
		['rejected, for the same evidence', { state: 'rejected', reason: 'no' } as const, {}],
		['expired, for the same evidence', { state: 'expired', reason: 'nobody came' } as const, {}],
	])('anew after it was %s asks again: earlier votes are older than it', async (_, decision, change) => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		await gates().castVote(voteOf(release));
		await gates().decideGate(release, GATE, decision);
		const anew = await gates().openGate(release, gateOf(change));
		expect(anew).toMatchObject({ state: 'open', decidedAt: null, reason: '', ...change });
		expect(anew.expiresAt.getTime() - anew.openedAt.getTime()).toBe(3_600_000);
		const [vote] = await gates().readVotes(release.id, GATE);
		expect(vote!.votedAt.getTime()).toBeLessThan(anew.openedAt.getTime());
		expect(await db.ledger.readRelease(release.id)).toMatchObject({ state: 'waiting' });
	});

	it('anew for the same evidence after its deadline passed has a new deadline', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		await expire(release);
		const anew = await gates().openGate(release, gateOf());
		expect(anew.expiresAt.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
	});

	it('never shows where to wake in the chain of events', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf({ wakeSeal: 'canary-seal' }));
		const events = await db.ledger.readEvents(release.id);
		expect(events.map(({ kind }) => kind)).toContain('gate.open');
		expect(JSON.stringify(events)).not.toContain('canary-seal');
	});
});

describe('voting', () => {
	it('stores a vote as it was given', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		const vote = voteOf(release, { decision: 'break-glass', strength: 'github' });
		expect(await gates().castVote(vote)).toBe('recorded');
		expect(await gates().readVotes(release.id, GATE)).toEqual([{ ...vote, votedAt: expect.any(Date) as Date }]);
	});

	it('a second time with the same link is recorded as a refusal, and the first vote stands', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		await gates().castVote(voteOf(release));
		expect(await gates().castVote(voteOf(release, { decision: 'reject', comment: 'after all' }))).toBe('replayed');
		expect(await gates().readVotes(release.id, GATE)).toMatchObject([{ decision: 'approve' }]);
		expect(await db.ledger.readRefusals(release.id)).toEqual([
			{
				releaseId: release.id,
				environment: db.environment,
				code: 'APPROVAL.REPLAYED',
				message: 'This link has voted before',
				person: 'one',
				at: expect.any(Date) as Date,
			},
		]);
	});

	it('with one link four times in the same instant counts once; three are refusals', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		const answers = await Promise.all(db.ledgers.map(async (one) => await one.gates.castVote(voteOf(release))));
		expect(answers.sort()).toEqual(['recorded', 'replayed', 'replayed', 'replayed']);
		expect(await gates().readVotes(release.id, GATE)).toHaveLength(1);
		expect(await db.ledger.readRefusals(release.id)).toHaveLength(3);
	});

	it('of two persons in the same instant: both stand', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		const votes = [voteOf(release), voteOf(release, { approver: 'two', nonce: 'n-2', decision: 'reject' })];
		const answers = await Promise.all(
			votes.map(async (vote, index) => await db.ledgers[index]!.gates.castVote(vote)),
		);
		expect(answers).toEqual(['recorded', 'recorded']);
		const stored = await gates().readVotes(release.id, GATE);
		expect(stored.map(({ approver, decision }) => [approver, decision]).sort()).toEqual([
			['one', 'approve'],
			['two', 'reject'],
		]);
	});

	it('for a gate that was never opened is an error and leaves nothing', async () => {
		const release = await db.begin();
		await expect(gates().castVote(voteOf(release))).rejects.toThrow('foreign key');
		expect(await gates().readVotes(release.id, GATE)).toEqual([]);
	});

	it('that is refused elsewhere is kept with who and why, also when the release is unknown', async () => {
		const release = await db.begin();
		const refusal = { gate: GATE, approver: 'one', code: 'APPROVAL.EXPIRED', message: 'too late' };
		await gates().refuseVote({ releaseId: release.id, ...refusal });
		await gates().refuseVote({ releaseId: 'r-forged', ...refusal });
		expect(await db.ledger.readRefusals(release.id)).toMatchObject([
			{ environment: db.environment, person: 'one', code: 'APPROVAL.EXPIRED' },
		]);
		expect(await db.ledger.readRefusals('r-forged')).toMatchObject([{ environment: '', person: 'one' }]);
	});
});

describe('deciding', () => {
	it('ends the wait, beats, and is final: a second decision changes nothing', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		await db.silence(3600);
		const decided = await gates().decideGate(release, GATE, APPROVED);
		expect(decided).toMatchObject({ ...APPROVED, decidedAt: expect.any(Date) as Date });
		expect(await db.ledger.readRelease(release.id)).toMatchObject({ state: 'running', waitingUntil: null });
		expect(await db.ledger.listStopped(db.environment, 60_000)).toEqual([]);
		expect(await gates().decideGate(release, GATE, { state: 'rejected', reason: 'no' })).toEqual(decided);
	});

	it('of four in the same instant the first one counts for all', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		const states = ['approved', 'rejected', 'expired', 'approved'] as const;
		const answers = await Promise.all(
			states.map(
				async (state, index) =>
					await db.ledgers[index]!.gates.decideGate(release, GATE, { state, reason: `by ${index}` }),
			),
		);
		expect(new Set(answers.map(({ state, reason }) => `${state} ${reason}`)).size).toBe(1);
		expect(await gates().readGate(release.id, GATE)).toEqual(answers[0]);
	});

	it('under a stale token, or a gate that nobody opened, is refused', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		const nowhere = gates().decideGate(release, 'gate-2/approval', APPROVED);
		await expect(nowhere).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		await db.ledger.takeOver(release.id, ROLL_BACK);
		const before = await db.everything();
		await expect(gates().decideGate(release, GATE, APPROVED)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		await expect(gates().openGate(release, gateOf())).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(await db.everything()).toEqual(before);
	});
});

describe('voiding', () => {
	it('an open gate stays void, whatever was about to be decided from its votes', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		expect(await gates().voidGate(release.id, GATE, 'the error rate rose')).toBe(true);
		expect(await gates().voidGate(release.id, GATE, 'again')).toBe(false);
		const void_ = { state: 'void', reason: 'the error rate rose' };
		expect(await gates().readGate(release.id, GATE)).toMatchObject({ ...void_, decidedAt: null });
		expect(await gates().decideGate(release, GATE, APPROVED)).toMatchObject({
			...void_,
			decidedAt: expect.any(Date) as Date,
		});
		const change = stepOf(release, { stepKey: '2.1/deploy-migrations', kind: 'change', requires: [GATE] });
		await db.pass(release, GATE);
		const run = jest.fn(async () => ({ result: null }));
		await expect(recordStep(db.ledger, change, { run })).rejects.toMatchObject({ code: 'RELEASE.STEP_NOT_PROVEN' });
		expect(run).not.toHaveBeenCalled();
	});

	it('a decided gate, or one that nobody opened, changes nothing', async () => {
		const release = await db.begin();
		expect(await gates().voidGate(release.id, GATE, 'late')).toBe(false);
		await gates().openGate(release, gateOf());
		await gates().decideGate(release, GATE, APPROVED);
		expect(await gates().voidGate(release.id, GATE, 'late')).toBe(false);
		expect(await gates().readGate(release.id, GATE)).toMatchObject(APPROVED);
	});

	it('against a decision in the same instant: either counts, never both', async () => {
		for (let round = 0; round < 10; round += 1) {
			const release = await db.begin({ environment: `${db.environment}-${round}` });
			await gates().openGate(release, gateOf());
			const [voided, decided] = await Promise.all([
				db.ledgers[1]!.gates.voidGate(release.id, GATE, 'breach'),
				db.ledgers[2]!.gates.decideGate(release, GATE, APPROVED),
			]);
			expect(decided.state).toBe(voided ? 'void' : 'approved');
			expect(await gates().readGate(release.id, GATE)).toEqual(decided);
		}
	});
});

describe('finding gates whose answer did not arrive', () => {
	const unanswered = async (forMs: number): Promise<string[]> =>
		(await gates().listUnanswered(db.environment, forMs)).map(({ releaseId }) => releaseId);

	it('finds one whose vote has waited long enough, until it is decided', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		expect(await unanswered(0)).toEqual([]);
		await gates().castVote(voteOf(release));
		expect(await unanswered(60_000)).toEqual([]);
		expect(await unanswered(0)).toEqual([release.id]);
		expect(await gates().listUnanswered('elsewhere', 0)).toEqual([]);
		await gates().decideGate(release, GATE, APPROVED);
		expect(await unanswered(0)).toEqual([]);
	});

	it('finds a voided one at once, and none whose votes are for other evidence', async () => {
		const release = await db.begin();
		await gates().openGate(release, gateOf());
		await gates().castVote(voteOf(release, { evidenceHash: 'other' }));
		expect(await unanswered(0)).toEqual([]);
		await gates().voidGate(release.id, GATE, 'breach');
		expect(await unanswered(60_000)).toEqual([release.id]);
	});
});
