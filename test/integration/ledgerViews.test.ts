import type { TerminalState } from '../../lib/release/model';
import { PASSED, ROLL_BACK, START, stepOf, useLedgerDatabase } from './ledgerDatabase';

const db = useLedgerDatabase(1);

interface Story {
	/** When the release started; a time in 2020, so that nothing depends on today. */
	readonly startedAt: string;
	/** Minutes from there to its traffic; absent: it never took any. */
	readonly switchedAfter?: number;
	/** Minutes from there to its rollback, and to the old version's traffic. */
	readonly rolledBack?: readonly [number, number];
	readonly state: TerminalState;
	readonly rehearsal?: boolean;
}

/** Writes a release through the ledger and moves it to its time. */
async function tell({ startedAt, switchedAfter, rolledBack, state, rehearsal = false }: Story): Promise<string> {
	let release = await db.begin({ rehearsal });
	const { id } = release;
	const finish = async (stepKey: string, afterMinutes: number): Promise<void> => {
		await db.ledger.startStep(stepOf(release, { stepKey }), START);
		await db.ledger.finishStep(stepOf(release, { stepKey }), PASSED);
		await db.sql.query(
			`UPDATE deployment_runbook.step SET finished_at = $3::timestamptz + $4 * interval '1 minute' WHERE release_id = $1 AND step_key = $2`,
			[id, stepKey, startedAt, afterMinutes],
		);
	};
	if (switchedAfter !== undefined) await finish('3.2/switch-traffic', switchedAfter);
	if (rolledBack) {
		release = await db.ledger.takeOver(id, ROLL_BACK);
		await finish('rollback/switch-back', rolledBack[1]);
	}
	await db.ledger.finishRelease(release, state, '');
	await db.sql.query(
		`UPDATE deployment_runbook.release SET started_at = $2,
			rolling_back_at = CASE WHEN $3::float IS NOT NULL THEN $2::timestamptz + $3 * interval '1 minute' END WHERE id = $1`,
		[id, startedAt, rolledBack?.[0] ?? null],
	);
	return id;
}

async function view(text: string): Promise<unknown[]> {
	return await db.rows(`SELECT ${text}`, [db.environment]);
}

describe('the four figures of software delivery', () => {
	it('are those of the rows', async () => {
		const good = await tell({ startedAt: '2020-03-02T10:00:00Z', switchedAfter: 40, state: 'succeeded' });
		const slow = await tell({ startedAt: '2020-03-04T10:00:00Z', switchedAfter: 90, state: 'succeeded' });
		const back = await tell({
			startedAt: '2020-03-10T10:00:00Z',
			switchedAfter: 30,
			rolledBack: [35, 42.5],
			state: 'rolled-back-verified',
		});
		const human = await tell({ startedAt: '2020-04-01T10:00:00Z', switchedAfter: 20, state: 'needs-human' });
		await tell({ startedAt: '2020-03-05T10:00:00Z', state: 'rejected' });
		await tell({ startedAt: '2020-03-06T10:00:00Z', switchedAfter: 10, state: 'succeeded', rehearsal: true });

		expect(
			await view(
				`release_id, failed FROM deployment_runbook.deployment WHERE environment = $1 ORDER BY switched_at`,
			),
		).toEqual([
			{ release_id: good, failed: false },
			{ release_id: slow, failed: false },
			{ release_id: back, failed: true },
			{ release_id: human, failed: true },
		]);
		expect(
			await view(`to_char(week AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS week, deployments::int
				FROM deployment_runbook.deployment_frequency WHERE environment = $1 ORDER BY 1`),
		).toEqual([
			{ week: '2020-03-02', deployments: 2 },
			{ week: '2020-03-09', deployments: 1 },
			{ week: '2020-03-30', deployments: 1 },
		]);
		expect(
			await view(`release_id, extract(epoch FROM lead_time)::int / 60 AS minutes
				FROM deployment_runbook.lead_time WHERE environment = $1 ORDER BY lead_time`),
		).toEqual([
			{ release_id: human, minutes: 20 },
			{ release_id: back, minutes: 30 },
			{ release_id: good, minutes: 40 },
			{ release_id: slow, minutes: 90 },
		]);
		expect(
			await view(`to_char(month AT TIME ZONE 'UTC', 'YYYY-MM') AS month, deployments::int, failures::int, round(rate, 3)::float AS rate
				FROM deployment_runbook.change_failure_rate WHERE environment = $1 ORDER BY 1`),
		).toEqual([
			{ month: '2020-03', deployments: 3, failures: 1, rate: 0.333 },
			{ month: '2020-04', deployments: 1, failures: 1, rate: 1 },
		]);
		expect(
			await view(`release_id, extract(epoch FROM time_to_restore)::float AS seconds
				FROM deployment_runbook.time_to_restore WHERE environment = $1`),
		).toEqual([{ release_id: back, seconds: 450 }]);
	});

	it('count no rollback that never served again, and no switch that failed', async () => {
		const release = await db.begin();
		await db.ledger.startStep(stepOf(release, { stepKey: '3.2/switch-traffic' }), START);
		await db.ledger.finishStep(stepOf(release, { stepKey: '3.2/switch-traffic' }), { ...PASSED, state: 'failed' });
		expect(await view('* FROM deployment_runbook.deployment WHERE environment = $1')).toEqual([]);
		await db.pass(release, '3.2/switch-traffic');
		const taken = await db.ledger.takeOver(release.id, ROLL_BACK);
		await db.ledger.startStep(stepOf(taken, { stepKey: 'rollback/switch-back' }), START);
		await db.ledger.finishRelease(taken, 'needs-human', '');
		expect(await view('failed FROM deployment_runbook.deployment WHERE environment = $1')).toEqual([
			{ failed: true },
		]);
		expect(await view('* FROM deployment_runbook.time_to_restore WHERE environment = $1')).toEqual([]);
	});
});

describe('freezes', () => {
	const declared = (change: object = {}) => ({
		environment: db.environment,
		reason: "the year's end",
		declaredBy: 'finance',
		from: new Date('2020-12-20T17:00:00.123Z'),
		until: null,
		...change,
	});

	it('read back as they were declared, and are gone once lifted; lifting again keeps who was first', async () => {
		const freeze = await db.ledger.declareFreeze(declared());
		expect(freeze).toEqual({
			...declared(),
			id: expect.stringMatching(/^freeze-[0-9a-f]{8}$/) as string,
			liftedAt: null,
		});
		expect(await db.ledger.listFreezes(db.environment)).toEqual([freeze]);
		expect(await db.ledger.listFreezes('elsewhere')).toEqual([]);
		const lifted = await db.ledger.liftFreeze(freeze.id, 'one');
		expect(lifted).toEqual({ ...freeze, liftedAt: expect.any(Date) as Date });
		expect(await db.ledger.liftFreeze(freeze.id, 'two')).toEqual(lifted);
		expect(await db.rows('SELECT lifted_by FROM deployment_runbook.freeze WHERE id = $1', [freeze.id])).toEqual([
			{ lifted_by: 'one' },
		]);
		expect(await db.ledger.listFreezes(db.environment)).toEqual([]);
	});

	it('that are over are not listed; those to come are', async () => {
		await db.ledger.declareFreeze(declared({ until: new Date('2020-12-27T00:00:00Z') }));
		const next = await db.ledger.declareFreeze(
			declared({ from: new Date('2099-01-01'), until: new Date('2099-01-02') }),
		);
		expect(await db.ledger.listFreezes(db.environment)).toEqual([next]);
	});

	it('that nobody declared cannot be lifted', async () => {
		await expect(db.ledger.liftFreeze('freeze-none', 'one')).rejects.toMatchObject({
			code: 'RELEASE.FREEZE_UNKNOWN',
			meta: { freezeId: 'freeze-none' },
		});
	});
});

describe('phases', () => {
	it('keep their first start after a resume, and end anew', async () => {
		const { id } = await db.begin();
		await db.ledger.startPhase(id, 'phase-2-migration');
		await db.ledger.finishPhase(id, 'phase-2-migration');
		const [first] = await db.ledger.readPhases(id);
		expect(first).toMatchObject({ finishedAt: expect.any(Date) as Date });
		await db.ledger.startPhase(id, 'phase-2-migration');
		expect(await db.ledger.readPhases(id)).toEqual([{ ...first, finishedAt: null }]);
		await db.ledger.finishPhase(id, 'never-started');
		expect(await db.ledger.readPhases(id)).toHaveLength(1);
	});

	it('are warned of once, whoever asks at the same instant, also clocks that are no phase', async () => {
		const { id } = await db.begin();
		await db.ledger.startPhase(id, 'phase-2-migration');
		for (const clock of ['phase-2-migration', 'rollback-start']) {
			const claims = await Promise.all(
				Array.from({ length: 5 }, async () => await db.ledger.claimWarning(id, clock)),
			);
			expect(claims.filter((claimed) => claimed)).toHaveLength(1);
		}
	});
});

describe('lists of releases', () => {
	it('are newest first, rehearsals too, and no longer than asked for', async () => {
		const first = await db.begin();
		await db.ledger.finishRelease(first, 'rejected', '');
		const second = await db.begin();
		const rehearsal = await db.begin({ rehearsal: true });
		const ids = async (limit: number): Promise<string[]> =>
			(await db.ledger.listReleases(db.environment, limit)).map(({ id }) => id);
		expect(await ids(10)).toEqual([rehearsal.id, second.id, first.id]);
		expect(await ids(1)).toEqual([rehearsal.id]);
		expect(await db.ledger.listLiveReleases(db.environment)).toEqual([second]);
		const everywhere = await db.ledger.listLiveReleases();
		expect(everywhere.map(({ id }) => id)).toContain(second.id);
	});
});
