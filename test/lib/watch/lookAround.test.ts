import type { WatchedRelease } from '../../../lib/release/watchStore';
import { lookAround, type Measurement, type Todo, type WatchedEnvironment } from '../../../lib/watch/lookAround';
import { MemoryWatch } from '../../support/memoryWatch';
import { BAD, errors, ERROR_RATE, GAP, HEALTH, OK } from './looks';

const production: WatchedEnvironment = {
	name: 'production',
	rules: [HEALTH, ERROR_RATE],
	staleAfterMs: 60_000,
	answerWithinMs: 300_000,
	giveUpAfterMs: 600_000,
};
const staging: WatchedEnvironment = { ...production, name: 'staging' };
const serving: WatchedRelease = {
	id: 'r-1',
	token: 3,
	version: '2',
	state: 'watching',
	switchedAtMs: 0,
	watchUntilMs: 600_000,
	silentMs: 1000,
	rollingBack: false,
	rollbackProven: true,
};
const WELL: Measurement = { signals: { health: OK, 'error-rate': errors(0) }, counters: { pods: {} }, samples: [] };
const ILL: Measurement = { ...WELL, signals: { health: BAD, 'error-rate': errors(0) } };
const BLIND: Measurement = { ...WELL, signals: { health: GAP, 'error-rate': GAP }, counters: null };

/** Ticks of watchers on one ledger; each tick is as good as a new process: nothing but the ledger is kept. */
function stage(environments: readonly WatchedEnvironment[] = [production]) {
	const ledger = new MemoryWatch();
	const given: unknown[] = [];
	let world: (environment: string) => Measurement = () => WELL;
	const tick = async (seconds: number, watcher = 'n8n'): Promise<Todo[]> => {
		ledger.nowMs = seconds * 1000;
		const clock = {
			now: () => new Date(seconds * 1000),
			monotonicMs: () => seconds * 1000,
			sleep: async () => undefined,
		};
		const measure = async ({ name }: WatchedEnvironment, counters: unknown): Promise<Measurement> => {
			given.push(counters);
			return world(name);
		};
		const looked = await lookAround(environments, {
			watcher,
			ports: { ledger, measure, clock, bootId: 'boot' },
		});
		return looked.flatMap(({ todo }) => todo);
	};
	const run = async (from: number, to: number, watcher?: string): Promise<Todo[]> => {
		const todo: Todo[] = [];
		for (let seconds = from; seconds <= to; seconds += 15) todo.push(...(await tick(seconds, watcher)));
		return todo;
	};
	return { ledger, tick, run, given, become: (next: typeof world) => (world = next) };
}

const acts = (todo: readonly Todo[]) => todo.flatMap((one) => (one.kind === 'act' ? [one.act] : []));
const pages = (todo: readonly Todo[]) =>
	todo.flatMap((one) => (one.kind === 'page' ? [`${one.signal} ${one.level}`] : []));

describe('the watch, tick by tick', () => {
	it('rolls back a breach that is held, exactly once', async () => {
		const { ledger, run, become } = stage();
		ledger.releases.set('production', serving);
		become(() => ILL);
		expect(acts(await run(0, 105))).toEqual([]);
		expect(acts(await run(120, 135))).toEqual(['roll-back']);
		ledger.releases.set('production', { ...serving, rollingBack: true });
		expect(acts(await run(150, 600))).toEqual([]);
	});

	it('claims it again when whoever claimed it died before the act', async () => {
		const { ledger, run, become } = stage();
		ledger.releases.set('production', serving);
		become(() => ILL);
		expect(acts(await run(0, 120))).toEqual(['roll-back']);
		expect(acts(await run(135, 150))).toEqual([]);
		expect(acts(await run(165, 165))).toEqual(['roll-back']);
		expect(ledger.claims.get('r-1 roll-back')?.attempts).toBe(2);
	});

	it('two watchers roll back once: whoever is first', async () => {
		const { ledger, tick, become } = stage();
		ledger.releases.set('production', serving);
		become(() => ILL);
		const done: string[] = [];
		for (let seconds = 0; seconds <= 135; seconds += 15)
			for (const watcher of ['n8n', 'outside'])
				done.push(...acts(await tick(seconds + (watcher === 'n8n' ? 0 : 1), watcher)).map(() => watcher));
		expect(done).toEqual(['n8n']);
	});

	it('a watch that died for a minute in the middle begins the window anew, and neither loses nor doubles the rollback', async () => {
		const { ledger, run, become } = stage();
		ledger.releases.set('production', serving);
		become(() => ILL);
		expect(acts(await run(0, 75))).toEqual([]);
		expect(acts(await run(150, 255))).toEqual([]);
		expect(acts(await run(270, 270))).toEqual(['roll-back']);
	});

	it('a restart within two intervals costs nothing', async () => {
		const { ledger, run, become } = stage();
		ledger.releases.set('production', serving);
		become(() => ILL);
		await run(0, 60);
		expect(acts(await run(90, 120))).toEqual(['roll-back']);
	});

	it('ends the release in calm only: what is bad at the end of the window prolongs it', async () => {
		const { ledger, run, become } = stage();
		ledger.releases.set('production', { ...serving, watchUntilMs: 60_000 });
		become(() => ILL);
		expect(acts(await run(0, 75))).toEqual([]);
		become(() => WELL);
		expect(acts(await run(90, 90))).toEqual(['finish']);
	});

	it('a critical page that nobody answers for 5 minutes rolls back; one that is answered does not', async () => {
		for (const answered of [true, false]) {
			const { ledger, run, become } = stage();
			ledger.releases.set('production', { ...serving, watchUntilMs: 3_600_000 });
			become(() => ({ ...WELL, signals: { health: OK, 'error-rate': errors(7) } }));
			expect(pages(await run(0, 60))).toEqual(['error-rate critical']);
			if (answered) await ledger.acknowledgeAlerts('production');
			expect(acts(await run(75, 330))).toEqual([]);
			expect(acts(await run(345, 360))).toEqual(answered ? [] : ['roll-back']);
		}
	});

	it('a release whose rollback is not proven is not rolled back: a person is asked once, until it is over', async () => {
		const { ledger, run, become } = stage();
		ledger.releases.set('production', { ...serving, rollbackProven: false });
		become(() => ILL);
		const todo = await run(0, 300);
		expect(acts(todo)).toEqual([]);
		expect(pages(todo)).toEqual(['health critical', 'health rollback', 'decision rollback']);
		expect(todo.find((one) => one.kind === 'page' && one.signal === 'decision')?.reason).toContain(
			'does not go back by itself',
		);
		ledger.releases.set('production', { ...serving, rollbackProven: false, rollingBack: true });
		expect(await run(315, 315)).toMatchObject([{ kind: 'resolve', signal: 'decision' }]);
		expect(ledger.claims.size).toBe(0);
	});

	it('a critical page that nobody answers becomes a decision of its own, where the rollback is not proven', async () => {
		const { ledger, run, become } = stage();
		ledger.releases.set('production', { ...serving, watchUntilMs: 3_600_000, rollbackProven: false });
		become(() => ({ ...WELL, signals: { health: OK, 'error-rate': errors(7) } }));
		expect(pages(await run(0, 600))).toEqual(['error-rate critical', 'decision rollback']);
		become(() => WELL);
		const calm = await run(615, 800);
		expect(calm.map((one) => (one.kind === 'act' ? one.act : `${one.kind} ${one.signal}`)).sort()).toEqual([
			'resolve decision',
			'resolve error-rate',
		]);
	});

	it('monitors without a release: pages by level, each once, and resolves', async () => {
		const { run, become } = stage();
		become(() => ({ ...WELL, signals: { health: OK, 'error-rate': errors(3) } }));
		expect(pages(await run(0, 120))).toEqual(['error-rate warning']);
		become(() => ({ ...WELL, signals: { health: OK, 'error-rate': errors(30) } }));
		expect(pages(await run(135, 300))).toEqual(['error-rate critical', 'error-rate rollback']);
		become(() => WELL);
		const calm = await run(315, 500);
		expect(calm).toMatchObject([{ kind: 'resolve', signal: 'error-rate', level: 'rollback' }]);
		expect(acts(calm)).toEqual([]);
	});

	it('asks a person when a watched release cannot be judged, once, and changes nothing', async () => {
		const { ledger, run, become } = stage();
		ledger.releases.set('production', serving);
		become(() => BLIND);
		const todo = await run(0, 600);
		expect(pages(todo)).toEqual(['health unknown', 'error-rate unknown']);
		expect(acts(todo)).toEqual([]);
	});

	it('no traffic at night wakes nobody; with a release under watch it is asked about', async () => {
		const { ledger, run, become } = stage();
		become(() => ({ ...WELL, signals: { health: OK, 'error-rate': errors(0, 0) } }));
		expect(await run(0, 300)).toEqual([]);
		ledger.releases.set('production', { ...serving, switchedAtMs: 300_000 });
		expect(pages(await run(315, 315))).toEqual(['error-rate unknown']);
	});

	it('keeps environments apart in one tick', async () => {
		const { ledger, run, become } = stage([production, staging]);
		ledger.releases.set('production', serving);
		ledger.releases.set('staging', { ...serving, id: 'r-2' });
		become((name) => (name === 'staging' ? ILL : WELL));
		const todo = await run(0, 135);
		expect(todo.filter(({ kind }) => kind === 'act')).toMatchObject([
			{ environment: 'staging', releaseId: 'r-2', act: 'roll-back', token: 3 },
		]);
	});

	it('counts on from the counters of the look before, unless they are too old', async () => {
		const { tick, given } = stage();
		for (const seconds of [0, 15, 30, 90]) await tick(seconds);
		expect(given).toEqual([null, { pods: {} }, { pods: {} }, null]);
	});
});
