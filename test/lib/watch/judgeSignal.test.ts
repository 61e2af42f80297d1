import type { SignalLook } from '../../../lib/release/watchStore';
import { judgeSignal } from '../../../lib/watch/judgeSignal';
import { BAD, ERROR_RATE, errors, every, GAP, HEALTH, looksAt, OK, START_MS } from './looks';

type Entries = ReadonlyArray<readonly [number, SignalLook]>;

const health = (entries: Entries) => judgeSignal(looksAt('health', entries), HEALTH);
const errorRate = (entries: Entries) => judgeSignal(looksAt('error-rate', entries), ERROR_RATE);

/** Errors of a hundred requests in the pods that were read; one was not. */
const partial = (bad: number): SignalLook => ({ ...errors(bad), problem: 'j: HTTP 503', partial: true });

describe('health failing for more than 2 minutes', () => {
	it.each<[string, Entries, string | null, string]>([
		['nothing was looked at yet', [], null, 'unknown'],
		['every look is fine', every(15, { to: 300, look: OK }), null, 'clear'],
		['119 s', [...every(15, { to: 105, look: BAD }), [119, BAD]], 'critical', 'pending'],
		['121 s', [...every(15, { to: 105, look: BAD }), [121, BAD]], 'rollback', 'held'],
		[
			'two minutes in three looks, too far apart',
			[
				[0, BAD],
				[60, BAD],
				[121, BAD],
			],
			null,
			'interrupted',
		],
		[
			'one good look in between',
			[...every(15, { to: 60, look: BAD }), [75, OK], ...every(15, { from: 90, to: 165, look: BAD })],
			'critical',
			'pending',
		],
		[
			'one look that could not be made in between',
			[...every(15, { to: 60, look: BAD }), [75, GAP], ...every(15, { from: 90, to: 120, look: BAD })],
			'rollback',
			'held',
		],
		[
			'two in a row that could not',
			[
				...every(15, { to: 60, look: BAD }),
				[75, GAP],
				[90, GAP],
				...every(15, { from: 105, to: 150, look: BAD }),
			],
			'critical',
			'interrupted',
		],
		[
			'it flaps',
			[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => [n * 15, n % 2 === 0 ? BAD : OK] as const),
			null,
			'clear',
		],
		['no look could be made at all', every(15, { to: 300, look: GAP }), 'unknown', 'unknown'],
		[
			'it was bad and then nobody could look',
			[...every(15, { to: 120, look: BAD }), [135, GAP], [150, GAP], [165, GAP]],
			null,
			'interrupted',
		],
	])('%s', (_, entries, level, state) => {
		const judged = health(entries);
		expect({ level: judged.level, state: judged.held.state }).toEqual({ level, state });
	});

	it('a gap neither clears the breach nor lets it fire', () => {
		const judged = health([
			...every(15, { to: 60, look: BAD }),
			...every(15, { from: 75, to: 120, look: GAP }),
			[135, BAD],
		]);
		expect(judged).toMatchObject({ level: null, breachedSinceMs: START_MS, calm: false, cleared: false });
	});

	it('is cleared only when it was calm for a minute without a gap', () => {
		const bad = every(15, { to: 60, look: BAD });
		expect(health([...bad, ...every(15, { from: 75, to: 120, look: OK })]).cleared).toBe(false);
		expect(health([...bad, ...every(15, { from: 75, to: 135, look: OK })]).cleared).toBe(true);
		expect(health([...bad, [75, OK], [90, OK], [105, GAP], [120, GAP], [135, OK]]).cleared).toBe(false);
	});

	it('names the target that failed', () => {
		expect(health(every(15, { to: 135, look: BAD })).reason).toBe(
			'backend: status 503, 1 of 2 failed; held for 135 s in 10 looks',
		);
	});
});

describe('error rate above 10 % for more than 1 minute', () => {
	const high = errors(11);
	it.each<[string, Entries, string | null]>([
		[
			'59 s',
			[
				[0, high],
				[15, high],
				[30, high],
				[45, high],
				[59, high],
			],
			'critical',
		],
		[
			'61 s',
			[
				[0, high],
				[15, high],
				[30, high],
				[45, high],
				[61, high],
			],
			'rollback',
		],
		['exactly 10 % is not above it', every(15, { to: 120, look: errors(10) }), 'critical'],
		['6 %: critical', every(15, { to: 120, look: errors(6) }), 'critical'],
		['5 %: warning', every(15, { to: 120, look: errors(5) }), 'warning'],
		['1 %: nobody is told', every(15, { to: 120, look: errors(1) }), null],
		[
			'one look at 50 % among calm ones',
			[...every(15, { to: 60, look: errors(0) }), [75, errors(50)], [90, errors(0)]],
			null,
		],
		[
			'not one pod can be reached for a minute',
			every(15, {
				to: 75,
				look: { state: 'unavailable', total: 0, bad: 0, problem: 'not one of 3 pods could be scraped' },
			}),
			'rollback',
		],
		['a pod that is not read: never calm', every(15, { to: 120, look: partial(0) }), 'unknown'],
		['what was read of the others may still be a breach', every(15, { to: 120, look: partial(20) }), 'rollback'],
		['a pod that was not read once', [...every(15, { to: 105, look: errors(0) }), [120, partial(0)]], null],
		['no traffic: never calm, never a breach', every(15, { to: 120, look: errors(0, 0) }), 'unknown'],
		['3 errors of 4 requests: too few to say anything', every(15, { to: 120, look: errors(3, 4) }), 'unknown'],
		['5 of 10 requests a look: two looks together say it', every(15, { to: 120, look: errors(5, 10) }), 'rollback'],
	])('%s', (_, entries, level) => {
		expect(errorRate(entries).level).toBe(level);
	});

	it('bad before the traffic stopped is not bad now', () => {
		const judged = errorRate([
			...every(15, { to: 45, look: errors(90) }),
			...every(15, { from: 60, to: 120, look: errors(0, 0) }),
		]);
		expect(judged).toMatchObject({ level: 'unknown', calm: false, reason: 'too little traffic to judge by' });
	});
});

describe('the clocks of looks', () => {
	const bad = looksAt('health', every(15, { to: 135, look: BAD }));
	const fires = (looks: typeof bad) => judgeSignal(looks, HEALTH).level;

	it('a wall clock of the ledger that jumps an hour ahead makes a gap, not a breach of an hour', () => {
		const jumped = bad.map((look, index) =>
			index < 5 ? look : { ...look, recordedAtMs: look.recordedAtMs + 3_600_000 },
		);
		expect(fires(jumped)).toBe('critical');
	});
	it('one that jumps an hour back changes nothing: the monotonic clock decides', () => {
		const jumped = bad.map((look, index) =>
			index < 5 ? look : { ...look, recordedAtMs: look.recordedAtMs - 3_600_000 },
		);
		expect(fires(jumped)).toBe('rollback');
	});
	it('after a restart of the host the ledger’s time decides', () => {
		const moved = bad.map((look, index) =>
			index < 5 ? look : { ...look, bootId: 'boot-2', monotonicMs: 1000 + index * 15_000 },
		);
		expect(fires(moved)).toBe('rollback');
	});
	it('a restart that took longer than two intervals is a gap', () => {
		const moved = bad.map((look, index) =>
			index < 5 ? look : { ...look, bootId: 'boot-2', recordedAtMs: look.recordedAtMs + 40_000 },
		);
		expect(fires(moved)).toBe('critical');
	});
	it('after a restart, a ledger whose time went back cannot tell: a gap', () => {
		const moved = bad.map((look, index) =>
			index < 5 ? look : { ...look, bootId: 'boot-2', recordedAtMs: look.recordedAtMs - 600_000 },
		);
		expect(fires(moved)).toBe('critical');
	});
	it('a monotonic clock that goes back within one boot is a gap', () => {
		const back = bad.map((look, index) => (index < 5 ? look : { ...look, monotonicMs: look.monotonicMs - 60_000 }));
		expect(fires(back)).toBe('critical');
	});
	it('a host that slept an hour was not looking, although its monotonic clock stood still', () => {
		const slept = bad.map((look, index) =>
			index < 9 ? look : { ...look, recordedAtMs: look.recordedAtMs + 3_600_000, monotonicMs: look.monotonicMs },
		);
		expect(fires(slept)).not.toBe('rollback');
	});
	it('looks of a host whose boot is not known are told apart by the ledger', () => {
		expect(fires(bad.map((look) => ({ ...look, bootId: '', monotonicMs: 0 })))).toBe('rollback');
	});
});
