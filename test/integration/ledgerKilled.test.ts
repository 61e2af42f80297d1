import { connectPostgres } from '../../lib/support/postgres.client';
import { START, PASSED, stepOf, useLedgerDatabase } from './ledgerDatabase';

const db = useLedgerDatabase(2);
const STALE = { executionId: 'again', staleAfterMs: 60_000 };
const GATE = { gate: 'gate-1/approval', quorum: 1, approvers: [], evidence: {}, evidenceHash: 'e', wakeSeal: '' };

describe('a release whose run was killed', () => {
	it('while it waited can be resumed once that is known, and not before', async () => {
		const release = await db.begin({ executionId: '41' });
		await db.ledger.gates.openGate(release, { ...GATE, expiresInMs: 3_600_000, executionId: '42' });
		await db.silence(61);
		await expect(db.ledger.resumeRelease(release.id, STALE)).rejects.toMatchObject({
			code: 'RELEASE.NOT_RESUMABLE',
		});
		await db.ledger.stopWaiting(release.id, 'another run');
		expect(await db.ledger.readRelease(release.id)).toMatchObject({ state: 'waiting' });
		await db.ledger.stopWaiting(release.id, '41');
		expect(await db.ledger.readRelease(release.id)).toMatchObject({ state: 'running', waitingUntil: null });
		expect(await db.ledger.resumeRelease(release.id, STALE)).toMatchObject({ resumes: 1, executionId: 'again' });
	});

	it('has the token of the run that recorded the end of a step, not of the one that began it', async () => {
		const release = await db.begin();
		await db.ledger.startStep(stepOf(release), START);
		await db.silence(61);
		const resumed = await db.ledger.resumeRelease(release.id, STALE);
		await db.ledger.finishStep(stepOf(resumed), PASSED);
		const sql = 'SELECT token::int AS token FROM deployment_runbook.step WHERE release_id = $1';
		expect(await db.rows(sql, [release.id])).toEqual([{ token: 2 }]);
	});
});

describe('a beat', () => {
	it('does not wait for whoever has the environment, and is no sign of life then', async () => {
		const release = await db.begin();
		await db.silence(61);
		const other = await connectPostgres(db.connection);
		const sql = 'SELECT 1 FROM deployment_runbook.environment WHERE name = $1 FOR UPDATE';
		try {
			await other.query('BEGIN');
			await other.query(sql, [release.environment]);
			await db.ledger.beat(release);
			expect(await db.ledger.listStopped(release.environment, 60_000)).toHaveLength(1);
			await other.query('ROLLBACK');
		} finally {
			await other.end();
		}
		await db.ledger.beat(release);
		expect(await db.ledger.listStopped(release.environment, 60_000)).toEqual([]);
	});
});
