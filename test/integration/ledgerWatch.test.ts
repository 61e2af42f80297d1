import type { Release, Sample } from '../../lib/release/model';
import { verifyChain } from '../../lib/release/report/verifyChain';
import type { NewLook, SignalLook } from '../../lib/release/watchStore';
import { judgeSignal } from '../../lib/watch/judgeSignal';
import { lookAround, type Todo, type WatchedEnvironment } from '../../lib/watch/lookAround';
import { BAD, HEALTH, OK } from '../lib/watch/looks';
import { PASSED, ROLL_BACK, START, stepOf, useLedgerDatabase } from './ledgerDatabase';

const db = useLedgerDatabase(4);
const watch = () => db.ledger.watch;
const VIEW = { watcher: 'n8n', horizonMs: 3_600_000 };

function lookOf(change: Partial<NewLook> = {}): NewLook {
	return {
		environment: db.environment,
		watcher: 'n8n',
		releaseId: null,
		takenAt: '2026-11-23T14:00:00.000Z',
		monotonicMs: 1000,
		bootId: 'boot-1',
		signals: { health: OK },
		counters: null,
		samples: [],
		...change,
	};
}

async function standing(watcher = 'n8n') {
	const [found] = await watch().readStandings([db.environment], { ...VIEW, watcher });
	return found!;
}

async function watching(): Promise<Release> {
	const release = await db.begin();
	await db.pass(release, '3.2/switch-traffic');
	return await db.ledger.enterWatching(release, 600_000);
}

describe('looks', () => {
	it('are read back in order with the ledger’s own time, each watcher’s apart', async () => {
		const before = Date.now();
		const first = await watch().recordLooks([lookOf({ signals: { health: BAD } })]);
		await watch().recordLooks([lookOf({ watcher: 'outside' })]);
		const second = await watch().recordLooks([lookOf({ monotonicMs: 16_000 })]);
		const { looks, nowMs, release, memory, alerts } = await standing();
		expect(looks).toEqual([
			{ recordedAtMs: first, monotonicMs: 1000, bootId: 'boot-1', signals: { health: BAD } },
			{ recordedAtMs: second, monotonicMs: 16_000, bootId: 'boot-1', signals: { health: OK } },
		]);
		expect(Math.abs(first - before)).toBeLessThan(60_000);
		expect(nowMs).toBeGreaterThanOrEqual(second);
		expect({ release, memory, alerts }).toEqual({ release: null, memory: null, alerts: [] });
		expect((await standing('outside')).looks).toHaveLength(1);
	});

	it('remember what the counters stood at; a slower look does not overwrite a newer one', async () => {
		await watch().recordLooks([lookOf({ monotonicMs: 2000, counters: { pods: { a: { c: 7 } } } })]);
		await watch().recordLooks([lookOf({ monotonicMs: 1000, counters: { pods: { a: { c: 5 } } } })]);
		await watch().recordLooks([lookOf({ monotonicMs: 3000, counters: null })]);
		expect((await standing()).memory).toMatchObject({ monotonicMs: 2000, counters: { pods: { a: { c: 7 } } } });
		await watch().recordLooks([lookOf({ bootId: 'boot-2', monotonicMs: 10, counters: { pods: {} } })]);
		expect((await standing()).memory).toMatchObject({ bootId: 'boot-2', counters: { pods: {} } });
	});

	it('of a release become its samples; old ones that belong to none are forgotten', async () => {
		const release = await watching();
		const sample: Sample = {
			metric: 'health',
			target: 'backend',
			value: 1,
			problem: '',
			takenAt: '2026-11-23T14:00:00.000Z',
			monotonicMs: 1000,
			bootId: 'boot-1',
		};
		await watch().recordLooks([lookOf({ releaseId: release.id, samples: [sample] }), lookOf()]);
		expect(await db.ledger.readSamples(release.id)).toEqual([sample]);
		await db.sql.query("UPDATE deployment_runbook.look SET recorded_at = recorded_at - interval '25 hours'");
		await watch().recordLooks([lookOf()]);
		const left = await db.rows<{ release_id: string | null }>(
			'SELECT release_id FROM deployment_runbook.look WHERE environment = $1 ORDER BY recorded_at',
			[db.environment],
		);
		expect(left.map(({ release_id }) => release_id)).toEqual([release.id, null]);
	});
});

describe('the standing of an environment', () => {
	it('tells of its live release what the watch needs', async () => {
		const release = await watching();
		await db.silence(90);
		const found = (await standing()).release!;
		expect(found).toEqual({
			id: release.id,
			token: release.token,
			version: release.version,
			state: 'watching',
			switchedAtMs: expect.any(Number) as number,
			watchUntilMs: expect.any(Number) as number,
			silentMs: expect.any(Number) as number,
			rollingBack: false,
			rollbackProven: true,
		});
		expect(found.silentMs).toBeGreaterThanOrEqual(90_000);
		expect(found.watchUntilMs! - found.switchedAtMs!).toBeGreaterThan(590_000);
		await db.ledger.takeOver(release.id, ROLL_BACK);
		expect((await standing()).release).toMatchObject({ state: 'running', rollingBack: true });
	});

	it('tells whether it may go back by itself: once it migrates, only if the version before has passed on the new schema', async () => {
		const proven = async () => (await standing()).release?.rollbackProven;
		const release = await watching();
		expect(await proven()).toBe(true);
		await db.pass(release, '2.1/deploy-migrations');
		expect(await proven()).toBe(false);
		const tried = stepOf(release, { stepKey: '2.1/old-code', kind: 'verdict' });
		for (const [state, expected] of [
			['inconclusive', false],
			['failed', false],
			['passed', true],
		] as const) {
			await db.ledger.startStep(tried, START);
			expect(await proven()).toBe(false);
			await db.ledger.finishStep(tried, { ...PASSED, state });
			expect([state, await proven()]).toEqual([state, expected]);
		}
	});

	it('of an environment that nobody ever released to is empty, and of several comes in one statement', async () => {
		const found = await watch().readStandings([db.environment, 'nowhere'], VIEW);
		expect(found.map(({ environment, release, looks }) => ({ environment, release, looks }))).toEqual([
			{ environment: db.environment, release: null, looks: [] },
			{ environment: 'nowhere', release: null, looks: [] },
		]);
	});
});

describe('the one automatic rollback', () => {
	const claim = (release: Release, change: object = {}) => ({
		releaseId: release.id,
		act: 'roll-back' as const,
		watcher: 'n8n',
		reason: 'health: held for 121 s',
		reclaimAfterMs: 30_000,
		...change,
	});

	it('is claimed by exactly one of many watchers that see the breach in the same instant', async () => {
		const release = await watching();
		const claims = db.ledgers.flatMap((ledger, index) => [
			ledger.watch.claimAct(claim(release, { watcher: `watcher-${index}` })),
			ledger.watch.claimAct(claim(release, { watcher: `watcher-${index}` })),
		]);
		expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
	});

	it('is claimed again when its claim grew old and nobody took the release over, and by one again', async () => {
		const release = await watching();
		expect(await watch().claimAct(claim(release))).toBe(true);
		await db.sql.query(
			"UPDATE deployment_runbook.watch_act SET claimed_at = claimed_at - interval '31 seconds' WHERE release_id = $1",
			[release.id],
		);
		const again = await Promise.all(db.ledgers.map(async (ledger) => await ledger.watch.claimAct(claim(release))));
		expect(again.filter(Boolean)).toHaveLength(1);
	});

	it('is never claimed once the rollback has begun, or the release has ended', async () => {
		const release = await watching();
		const taken = await db.ledger.takeOver(release.id, ROLL_BACK);
		expect(await watch().claimAct(claim(release))).toBe(false);
		await db.ledger.finishRelease(taken, 'needs-human', 'done');
		expect(await watch().claimAct(claim(release))).toBe(false);
	});

	it('stands in the release’s hash chain', async () => {
		const release = await watching();
		await watch().claimAct(claim(release));
		const events = await db.ledger.readEvents(release.id);
		expect(events.map(({ kind }) => kind)).toContain('watch_act.recorded');
		expect(verifyChain(events)).toEqual({ verified: true, broken: null });
	});
});

describe('alerts', () => {
	it('are opened, raised, answered by a person and resolved', async () => {
		const alert = { environment: db.environment, signal: 'health', level: 'critical', reason: 'down' } as const;
		await watch().raiseAlerts([{ ...alert, level: 'warning' }]);
		await watch().raiseAlerts([alert]);
		expect((await standing()).alerts).toMatchObject([{ signal: 'health', level: 'critical', acknowledged: false }]);
		expect(await watch().acknowledgeAlerts(db.environment, "O'Hara; --")).toEqual(['health']);
		expect((await standing()).alerts).toMatchObject([{ level: 'critical', acknowledged: true }]);
		await watch().raiseAlerts([{ ...alert, level: 'rollback' }]);
		expect((await standing()).alerts).toMatchObject([{ level: 'rollback', acknowledged: false }]);
		await watch().resolveAlert(db.environment, 'health');
		expect((await standing()).alerts).toEqual([]);
		expect(await watch().acknowledgeAlerts(db.environment, 'on-call')).toEqual([]);
	});
});

describe('releases of the past', () => {
	it('are read newest first with the looks of one watcher, whatever became of them', async () => {
		const first = await watching();
		const at = await watch().recordLooks([lookOf({ releaseId: first.id, signals: { health: BAD } })]);
		await watch().recordLooks([lookOf({ releaseId: first.id, watcher: 'outside' })]);
		await watch().recordLooks([lookOf()]);
		await db.ledger.finishRelease(first, 'needs-human', 'as the story goes');
		const second = await watching();
		await watch().recordLooks([lookOf({ releaseId: second.id, monotonicMs: 2000 })]);
		await db.ledger.finishRelease(second, 'succeeded', '');
		const recorded = await watch().readRecorded(db.environment, { watcher: 'n8n', limit: 10 });
		expect(recorded.map(({ id, state, looks }) => [id, state, looks.length])).toEqual([
			[second.id, 'succeeded', 1],
			[first.id, 'needs-human', 1],
		]);
		expect(recorded[1]?.looks).toEqual([
			{ recordedAtMs: at, monotonicMs: 1000, bootId: 'boot-1', signals: { health: BAD } },
		]);
		expect(recorded[1]?.switchedAtMs).toBeLessThanOrEqual(at);
		expect(await watch().readRecorded(db.environment, { watcher: 'n8n', limit: 1 })).toHaveLength(1);
		expect(await watch().readRecorded('nowhere', { watcher: 'n8n', limit: 1 })).toEqual([]);
	});
});

describe('a watch whose process dies in the middle of a breach', () => {
	const QUICK = {
		...HEALTH,
		intervalMs: 200,
		minimumSamples: 3,
		limits: HEALTH.limits.map((limit) => ({ ...limit, heldForMs: 600 })),
	};

	it('is gone on with by another process on the same ledger: the rollback is neither lost nor doubled', async () => {
		const release = await watching();
		const environment: WatchedEnvironment = {
			name: db.environment,
			rules: [QUICK],
			staleAfterMs: 60_000,
			answerWithinMs: 60_000,
			giveUpAfterMs: 600_000,
		};
		const health: SignalLook = BAD;
		const todo: Todo[] = [];
		// Each look goes through another ledger, as each of n8n's processes has its own; the one before is never asked again.
		for (let index = 0; todo.length === 0 && index < 40; index += 1) {
			const { watch: store } = db.ledgers[index % db.ledgers.length]!;
			const looked = await lookAround([environment], {
				watcher: 'n8n',
				ports: {
					ledger: store,
					measure: async () => ({ signals: { health }, counters: null, samples: [] }),
					clock: {
						now: () => new Date(),
						monotonicMs: () => performance.now(),
						sleep: async () => undefined,
					},
					bootId: index % 2 === 0 ? 'host-a' : 'host-b',
				},
			});
			todo.push(...looked.flatMap((one) => one.todo.filter(({ kind }) => kind === 'act')));
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		expect(todo).toMatchObject([{ kind: 'act', act: 'roll-back', releaseId: release.id, token: release.token }]);
		expect(judgeSignal((await standing()).looks, QUICK).level).toBe('rollback');
		const rows = await db.rows('SELECT attempts FROM deployment_runbook.watch_act WHERE release_id = $1', [
			release.id,
		]);
		expect(rows).toEqual([{ attempts: 1 }]);
	});
});
