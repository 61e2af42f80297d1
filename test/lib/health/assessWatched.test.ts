import type { HealthSample } from '../../../lib/health/assessHeld';
import { assessWatched, longestWatchMs } from '../../../lib/health/assessWatched';
import type { ProbeOutcome } from '../../../lib/health/model';

const RULE = { breach: { heldForMs: 20_000, intervalMs: 5_000, minimumSamples: 3 }, windowMs: 60_000 };

/** One sample every five seconds. */
function samples(...outcomes: Array<[ProbeOutcome, number]>): HealthSample[] {
	const all = outcomes.flatMap(([outcome, count]) => Array.from({ length: count }, () => outcome));
	return all.map((outcome, index) => ({ atMs: index * 5_000, outcome }));
}

describe('assessWatched', () => {
	it.each<[string, HealthSample[], object]>([
		['nothing sampled yet: go on', [], { verdict: undefined, watchedMs: 0 }],
		['healthy for less than the window: go on', samples(['ok', 12]), { verdict: undefined, watchedMs: 55_000 }],
		[
			'healthy for the whole window passes',
			samples(['ok', 13]),
			{ verdict: 'passed', watchedMs: 60_000, failed: 0, gaps: 0 },
		],
		[
			'a short failure within is told and passes',
			samples(['ok', 4], ['failed', 3], ['ok', 6]),
			{ verdict: 'passed', failed: 3 },
		],
		[
			'a failure that holds has failed, long before the window ends',
			samples(['ok', 2], ['failed', 5]),
			{ verdict: 'failed', failed: 5 },
		],
		[
			'a failure that stands when the window ends: go on until it is one or the other',
			samples(['ok', 12], ['failed', 2]),
			{ verdict: undefined },
		],
		['and it passes when it was none', samples(['ok', 12], ['failed', 2], ['ok', 1]), { verdict: 'passed' }],
		['one missed look is no gap', samples(['ok', 6], ['gap', 1], ['ok', 6]), { verdict: 'passed', gaps: 1 }],
		[
			'a gap begins the window anew',
			samples(['ok', 6], ['gap', 3], ['ok', 12]),
			{ verdict: undefined, watchedMs: 55_000, gaps: 3 },
		],
		['and a whole one behind it passes', samples(['ok', 6], ['gap', 3], ['ok', 13]), { verdict: 'passed' }],
		['looks that cannot be made are inconclusive in the end', samples(['gap', 36]), { verdict: 'inconclusive' }],
		[
			'gaps that keep on coming are inconclusive',
			samples(
				...Array.from({ length: 9 }, (): Array<[ProbeOutcome, number]> => [
					['ok', 4],
					['gap', 3],
				]).flat(),
			),
			{ verdict: 'inconclusive' },
		],
	])('%s', (_, given, expected) => {
		expect(assessWatched(given, RULE)).toMatchObject(expected);
	});

	it('passes at the first healthy sample when there is no window', () => {
		expect(assessWatched(samples(['ok', 1]), { ...RULE, windowMs: 0 })).toMatchObject({ verdict: 'passed' });
	});

	it('ends: a watch of ten minutes takes less than half an hour', () => {
		const breach = { heldForMs: 120_000, intervalMs: 5_000, minimumSamples: 6 };
		expect(longestWatchMs({ breach, windowMs: 600_000 })).toBeLessThan(30 * 60_000);
	});
});
