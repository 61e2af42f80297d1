import { createHash } from 'node:crypto';
import type { LedgerEvent } from '../../lib/release/ledger';
import { PASSED, ROLL_BACK, START, stepOf, useLedgerDatabase } from './ledgerDatabase';
import type { Release } from '../../lib/release/model';

const db = useLedgerDatabase(8);

/** The chain's links, checked one by one as an auditor would. */
async function chainOf({ id }: Release): Promise<readonly LedgerEvent[]> {
	const events = await db.ledger.readEvents(id);
	let last = '';
	for (const [index, { sequence, kind, payload, hash }] of events.entries()) {
		expect(sequence).toBe(index + 1);
		expect(JSON.parse(payload)).toMatchObject({ release: id, sequence, kind });
		expect(hash).toBe(createHash('sha256').update(`${last}\n${payload}`).digest('hex'));
		last = hash;
	}
	return events;
}

const kinds = (events: readonly LedgerEvent[]): string[] => events.map(({ kind }) => kind);
const detailOf = (event: LedgerEvent | undefined): unknown =>
	(JSON.parse(event?.payload ?? '{}') as { detail?: unknown }).detail;

describe('the hash chain', () => {
	it('has a link for every write about a release, in order', async () => {
		const release = await db.begin();
		await db.ledger.registerPlan(release.id, [{ part: 'configuration', hash: 'a' }]);
		await db.pass(release, '1.1/check-http');
		const gate = { gate: 'gate-1/approval', quorum: 1, approvers: [], evidence: {}, evidenceHash: 'e' };
		await db.ledger.gates.openGate(release, { ...gate, expiresInMs: 60_000, executionId: '1', wakeSeal: 's' });
		await db.ledger.gates.castVote({
			releaseId: release.id,
			gate: 'gate-1/approval',
			approver: 'one',
			nonce: 'n',
			decision: 'approve',
			comment: 'ün “ok”\n',
			strength: 'link',
			evidenceHash: 'e',
		});
		await db.ledger.gates.decideGate(release, 'gate-1/approval', { state: 'approved', reason: '' });
		const refusal = { environment: '', code: 'RELEASE.FENCED_OUT', message: 'm', person: '' };
		await db.ledger.recordRefusal({ releaseId: release.id, ...refusal });
		await db.ledger.recordRefusal({ releaseId: '', ...refusal });
		await db.ledger.recordRefusal({ releaseId: 'r-forged', ...refusal });
		const taken = await db.ledger.takeOver(release.id, ROLL_BACK);
		await db.ledger.finishRelease(taken, 'needs-human', 'the end');
		const events = await chainOf(release);
		expect(kinds(events)).toEqual([
			'release.begun',
			'release.running',
			'plan_part.recorded',
			'step.started',
			'step.passed',
			'gate.open',
			'release.waiting',
			'vote.recorded',
			'gate.approved',
			'release.running',
			'refusal.recorded',
			'release.running',
			'release.running',
			'release.needs-human',
		]);
		expect(detailOf(events[7])).toMatchObject({ approver: 'one', comment: 'ün “ok”\n' });
		expect(await db.ledger.readEvents('r-forged')).toEqual([]);
	});

	it('shows a row that was changed by hand as one more link', async () => {
		const release = await db.begin();
		await db.pass(release, '4.2/error-rate');
		const before = await chainOf(release);
		await db.sql.query(
			`UPDATE deployment_runbook.step SET evidence = '{"rate":0}' WHERE release_id = $1 AND step_key = '4.2/error-rate'`,
			[release.id],
		);
		const after = await chainOf(release);
		expect(after.slice(0, -1)).toEqual(before);
		expect(detailOf(after.at(-1))).toMatchObject({ step_key: '4.2/error-rate', evidence: { rate: 0 } });
	});

	it('shows that a step was deleted, and which', async () => {
		const release = await db.begin();
		await db.pass(release, '1.2/verify-backup');
		await db.sql.query('DELETE FROM deployment_runbook.step WHERE release_id = $1', [release.id]);
		const last = (await chainOf(release)).at(-1);
		expect(last?.kind).toBe('step.deleted');
		expect(detailOf(last)).toMatchObject({ step_key: '1.2/verify-backup', state: 'passed' });
	});

	it('does not match any more when a link itself was changed or taken away', async () => {
		const release = await db.begin();
		await db.pass(release, '1.1/check-http');
		const tamper = async (statement: string): Promise<void> => {
			await db.sql.query('BEGIN');
			await db.sql.query(statement, [release.id]);
			const broken = (
				await db.sql.query<LedgerEvent>(
					'SELECT sequence, payload, hash FROM deployment_runbook.event WHERE release_id = $1 ORDER BY sequence',
					[release.id],
				)
			).rows;
			await db.sql.query('ROLLBACK');
			const fits = broken.every(({ sequence, payload, hash }, index) => {
				const before = broken[index - 1]?.hash ?? '';
				return (
					sequence === index + 1 &&
					hash === createHash('sha256').update(`${before}\n${payload}`).digest('hex')
				);
			});
			expect(fits).toBe(false);
		};
		await tamper(
			`UPDATE deployment_runbook.event SET payload = replace(payload, 'passed', 'failed') WHERE release_id = $1 AND kind = 'step.passed'`,
		);
		await tamper('DELETE FROM deployment_runbook.event WHERE release_id = $1 AND sequence = 2');
		await chainOf(release);
	});

	it('a release is never deleted', async () => {
		const release = await db.begin();
		await expect(
			db.sql.query('DELETE FROM deployment_runbook.release WHERE id = $1', [release.id]),
		).rejects.toMatchObject({ code: expect.stringMatching(/^23/) as string });
		expect(await db.ledger.readRelease(release.id)).toEqual(release);
	});

	it('has no gap and no fork when eight write at once', async () => {
		const release = await db.begin();
		const before = (await chainOf(release)).length;
		await Promise.all(
			db.ledgers.map(async (one, index) => {
				for (let round = 0; round < 5; round += 1) {
					const step = stepOf(release, { stepKey: `bench/${round}`, itemKey: String(index) });
					await one.startStep(step, START);
					await one.finishStep(step, PASSED);
				}
			}),
		);
		expect(await chainOf(release)).toHaveLength(before + 80);
	});
});

describe('eight writers of one release and a takeover in between', () => {
	it('take turns: none waits in a circle, and none writes under the old token after it', async () => {
		const release = await db.begin();
		const gate = { gate: 'gate-1/approval', quorum: 1, approvers: [], evidence: {}, evidenceHash: 'e' };
		const opened = { ...gate, expiresInMs: 60_000, executionId: '1', wakeSeal: '' };
		await db.ledger.gates.openGate(release, opened);
		const vote = { releaseId: release.id, gate: gate.gate, decision: 'approve', comment: '' } as const;
		const parts = (index: number, round: number) =>
			['configuration', 'package', `workflow/${round}`].map((part) => ({ part, hash: String(index) }));
		let tookOver = false;
		const late: string[] = [];
		const problems: unknown[] = [];
		const attempt = async (what: string, fenced: boolean, write: () => Promise<unknown>): Promise<void> => {
			const startedLate = tookOver;
			await write().then(
				() => (startedLate && fenced ? void late.push(what) : undefined),
				(error: unknown) => void problems.push(error),
			);
		};
		const writer = async (index: number): Promise<void> => {
			const one = db.ledgers[index]!;
			for (let round = 0; round < 12; round += 1) {
				const step = stepOf(release, { stepKey: `${round}`, itemKey: String(index % 3) });
				const person = { ...vote, approver: `p-${index}`, nonce: `${round % 4}`, strength: 'link' as const };
				const shuffled = index % 2 === 0 ? parts(index, round) : parts(index, round).reverse();
				await attempt('start', true, async () => await one.startStep(step, START));
				await attempt('vote', false, async () => await one.gates.castVote({ ...person, evidenceHash: 'e' }));
				await attempt('plan', false, async () => await one.registerPlan(release.id, shuffled));
				await attempt('gate', true, async () => await one.gates.openGate(release, opened));
				await attempt('finish', true, async () => await one.finishStep(step, PASSED));
				await attempt('void', false, async () => await one.gates.voidGate(release.id, gate.gate, 'breach'));
				await attempt('beat', false, async () => await one.beat(release));
				if (index === 0 && round === 6) {
					await one.takeOver(release.id, ROLL_BACK);
					tookOver = true;
				}
			}
		};
		await Promise.all(db.ledgers.map(async (_, index) => await writer(index)));
		for (const problem of problems) expect(problem).toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(problems.length).toBeGreaterThan(0);
		expect(late).toEqual([]);
		const { rows } = await db.sql.query<{ deadlocks: string }>(
			'SELECT deadlocks FROM pg_stat_database WHERE datname = $1',
			[db.name],
		);
		expect(rows).toEqual([{ deadlocks: '0' }]);
		await chainOf(release);
		expect(await db.lock()).toMatchObject({ holder: release.id, token: 2 });
	});
});

describe('the plan of a release', () => {
	it('keeps what was registered first, whoever registers something else in the same instant', async () => {
		const release = await db.begin();
		const known = await Promise.all(
			db.ledgers.map(
				async (one, index) =>
					await one.registerPlan(release.id, [{ part: 'configuration', hash: String(index) }]),
			),
		);
		const [first] = await db.ledger.readPlan(release.id);
		for (const parts of known) expect(parts).toEqual([first]);
	});

	it('is registered by eight in opposite orders without any waiting in a circle', async () => {
		const parts = Array.from({ length: 200 }, (_, index) => ({ part: `workflow/${index}`, hash: 'a' }));
		for (let round = 0; round < 10; round += 1) {
			const release = await db.begin({ environment: `${db.environment}-${round}` });
			const orders = db.ledgers.map((_, index) => (index % 2 === 0 ? parts : [...parts].reverse()));
			const known = await Promise.all(
				db.ledgers.map(async (one, index) => await one.registerPlan(release.id, orders[index]!)),
			);
			for (const one of known) expect(one).toHaveLength(parts.length);
		}
	});
});
