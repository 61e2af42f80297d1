import type { RecordedRelease } from '../../../lib/release/watchStore';
import { replayRelease, summarizeReplay } from '../../../lib/watch/replayRelease';
import type { SignalRule } from '../../../lib/watch/model';
import { BAD, errors, ERROR_RATE, every, GAP, HEALTH, looksAt, OK, START_MS } from './looks';

const recorded = (looks: RecordedRelease['looks'], change: Partial<RecordedRelease> = {}): RecordedRelease => ({
	id: 'r-1',
	version: '2',
	state: 'succeeded',
	switchedAtMs: START_MS - 60_000,
	looks,
	...change,
});
const shorter: SignalRule = {
	...HEALTH,
	limits: HEALTH.limits.map((limit) => (limit.level === 'rollback' ? { ...limit, heldForMs: 60_000 } : limit)),
};
const down = looksAt('health', [...every(15, { to: 30, look: OK }), ...every(15, { from: 45, to: 120, look: BAD })]);

describe('replayRelease', () => {
	it('a breach of 75 s does not roll back by the rules of the runbook, and does by shorter ones, after a minute', () => {
		expect(replayRelease(recorded(down), [HEALTH])).toMatchObject({ looks: 9, rollsBackAtMs: null, reason: '' });
		expect(replayRelease(recorded(down), [shorter])).toEqual({
			releaseId: 'r-1',
			version: '2',
			state: 'succeeded',
			looks: 9,
			rollsBackAtMs: START_MS + 105_000,
			reason: 'health: backend: status 503, 1 of 2 failed; held for 60 s in 5 looks',
		});
	});

	it('what began before the switch, a gap, and no looks at all roll nothing back', () => {
		const late = { switchedAtMs: START_MS + 60_000 };
		expect(replayRelease(recorded(down, late), [shorter]).rollsBackAtMs).toBeNull();
		expect(replayRelease(recorded(down, { switchedAtMs: null }), [shorter]).rollsBackAtMs).toBeNull();
		const gaps = looksAt('health', every(15, { to: 300, look: GAP }));
		expect(replayRelease(recorded(gaps), [shorter]).rollsBackAtMs).toBeNull();
		expect(replayRelease(recorded([]), [shorter]).rollsBackAtMs).toBeNull();
	});

	it('judges every signal', () => {
		const high = looksAt('error-rate', every(15, { to: 90, look: errors(20) }));
		expect(replayRelease(recorded(high), [HEALTH, ERROR_RATE]).rollsBackAtMs).toBe(START_MS + 60_000);
	});
});

it('says how many it would have been, how many were, and which are the same', () => {
	const one = replayRelease(recorded(down, { state: 'rolled-back-verified' }), [shorter]);
	const other = replayRelease(recorded(down), [shorter]);
	const calm = replayRelease(recorded([], { state: 'rolled-back-verified' }), [shorter]);
	expect(summarizeReplay([one, other, calm])).toBe(
		'would have rolled back 2 of 3 releases; 2 were, 1 of them the same',
	);
});
