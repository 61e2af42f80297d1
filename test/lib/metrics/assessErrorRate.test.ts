import { assessErrorRate, type ErrorRateSample } from '../../../lib/metrics/assessErrorRate';
import { EXAMPLE_POLICY } from './examplePolicy';

/** One reading to begin with, then a sample every 5 s: [requests, errors] or the round's state. */
function samples(...entries: Array<readonly [number, number] | 'unavailable' | 'gap'>): ErrorRateSample[] {
	const first: ErrorRateSample = { atMs: 0, round: { state: 'measured' }, comparable: false, requests: 0, errors: 0 };
	return [
		first,
		...entries.map((entry, index): ErrorRateSample => {
			const atMs = (index + 1) * 5000;
			if (typeof entry === 'string')
				return { atMs, round: { state: entry, reason: entry }, comparable: false, requests: 0, errors: 0 };
			return { atMs, round: { state: 'measured' }, comparable: true, requests: entry[0], errors: entry[1] };
		}),
	];
}

const times = <T>(count: number, entry: T): T[] => Array.from({ length: count }, () => entry);
const CALM = [100, 0] as const;
const BAD = [100, 20] as const;

describe('assessErrorRate', () => {
	it.each<[string, ErrorRateSample[], object]>([
		[
			'five calm samples are too few: go on',
			samples(...times(5, CALM)),
			{ verdict: undefined, level: 'pass', samples: 5 },
		],
		[
			'six calm samples pass',
			samples(...times(6, CALM)),
			{ verdict: 'passed', level: 'pass', value: 0, requests: 600, samples: 6 },
		],
		['1 % is still allowed', samples(...times(6, [100, 1] as const)), { verdict: 'passed', value: 0.01 }],
		[
			'just over 1 % goes on and ends inconclusive',
			samples(...times(14, [1000, 11] as const)),
			{ verdict: 'inconclusive', level: 'warning' },
		],
		[
			'5 % at the end of the window is inconclusive as a warning',
			samples(...times(14, [100, 5] as const)),
			{ verdict: 'inconclusive', level: 'warning' },
		],
		[
			'6 % at the end of the window is inconclusive as critical',
			samples(...times(14, [100, 6] as const)),
			{ verdict: 'inconclusive', level: 'critical' },
		],
		[
			'exactly 10 % never fires',
			samples(...times(14, [100, 10] as const)),
			{ verdict: 'inconclusive', level: 'critical' },
		],
		[
			'20 % for 55 s goes on',
			samples(...times(12, BAD)),
			{ verdict: undefined, held: expect.objectContaining({ forMs: 55_000, state: 'pending' }) },
		],
		[
			'20 % for 60 s fails',
			samples(...times(13, BAD)),
			{ verdict: 'failed', level: 'rollback', value: 0.2, held: { state: 'held', forMs: 60_000, samples: 13 } },
		],
		['a calm sample within starts the minute again', samples(...times(12, BAD), CALM, BAD), { verdict: undefined }],
		[
			'a breach under way at the end of the window is followed',
			samples(...times(6, [100, 5] as const), ...times(8, BAD)),
			{ verdict: undefined },
		],
		[
			'and fails when it is held',
			samples(...times(6, [100, 5] as const), ...times(13, BAD)),
			{ verdict: 'failed' },
		],
		[
			'a calm average with a breach at the end does not pass',
			samples(...times(6, [10_000, 0] as const), BAD),
			{ verdict: undefined, level: 'pass' },
		],
		[
			'no traffic is inconclusive, not calm',
			samples(...times(14, [0, 0] as const)),
			{ verdict: 'inconclusive', level: 'unknown', value: null, samples: 0 },
		],
		[
			'19 requests are too few',
			samples(...times(13, [0, 0] as const), [19, 0]),
			{ verdict: 'inconclusive', value: null },
		],
		[
			'few requests a sample are judged over several',
			samples(...times(7, [10, 0] as const), ...times(1, [10, 0] as const)),
			{ verdict: 'passed', samples: 7 },
		],
		[
			'errors long ago are no evidence once traffic has stopped',
			samples([100, 100], ...times(13, [0, 0] as const)),
			{ verdict: 'inconclusive', samples: 1 },
		],
		[
			'not one pod reachable for 60 s fails',
			samples(...times(13, 'unavailable' as const)),
			{ verdict: 'failed', level: 'rollback', reason: 'unavailable; held for 60 s in 13 samples' },
		],
		[
			'errors that end in not one pod reachable are one breach',
			samples(...times(6, BAD), ...times(7, 'unavailable' as const)),
			{ verdict: 'failed' },
		],
		['gaps are inconclusive', samples(...times(14, 'gap' as const)), { verdict: 'inconclusive', level: 'unknown' }],
		[
			'a gap of three samples within the breach keeps it from firing',
			samples(...times(6, BAD), ...times(3, 'gap' as const), ...times(5, BAD)),
			{ verdict: 'inconclusive', level: 'critical', held: expect.objectContaining({ state: 'interrupted' }) },
		],
	])('%s', (_name, given, expected) => {
		expect(assessErrorRate(given, EXAMPLE_POLICY)).toMatchObject(expected);
	});
});
