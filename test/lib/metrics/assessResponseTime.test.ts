import { assessResponseTime, patienceRounds, type ResponseTimeFacts } from '../../../lib/metrics/assessResponseTime';
import { EXAMPLE_POLICY } from './examplePolicy';

type Round = ResponseTimeFacts['rounds'][number];

const FIRST: Round = { round: { state: 'measured' }, comparable: false, requests: 0 };
const TRAFFIC: Round = { round: { state: 'measured' }, comparable: true, requests: 10 };
const QUIET: Round = { ...TRAFFIC, requests: 0 };
const GONE: Round = {
	round: { state: 'unavailable', reason: 'not one of 2 pods could be scraped: connection refused' },
	comparable: false,
	requests: 0,
};

/** All observations at most this many seconds. */
function allWithin(upperBound: number): ResponseTimeFacts['buckets'] {
	return [0.005, 0.1, 0.2, 0.35, 0.5, 1, 5, Infinity].map((bound) => ({
		upperBound: bound,
		count: bound >= upperBound ? 100 : 0,
	}));
}

const enough = [FIRST, ...Array.from({ length: 6 }, () => TRAFFIC)];
const times = (count: number, round: Round): Round[] => Array.from({ length: count }, () => round);

describe('assessResponseTime', () => {
	it.each<[string, ResponseTimeFacts, object]>([
		[
			'five samples are too few: go on',
			{ rounds: enough.slice(0, 6), buckets: allWithin(0.1) },
			{ verdict: undefined, samples: 5 },
		],
		[
			'fast enough passes',
			{ rounds: enough, buckets: allWithin(0.2) },
			{ verdict: 'passed', level: 'pass', requests: 60 },
		],
		[
			'above the pass limit fails',
			{ rounds: enough, buckets: allWithin(0.35) },
			{ verdict: 'failed', level: 'above-pass' },
		],
		[
			'above the warning limit fails as a warning',
			{ rounds: enough, buckets: allWithin(1) },
			{ verdict: 'failed', level: 'warning' },
		],
		[
			'above the critical limit fails as critical',
			{ rounds: enough, buckets: allWithin(5) },
			{ verdict: 'failed', level: 'critical' },
		],
		[
			'above the highest bucket fails with a lower bound',
			{ rounds: enough, buckets: allWithin(Infinity) },
			{ verdict: 'failed', level: 'critical', value: 5, atLeast: true },
		],
		[
			'buckets that end below the limit tell nothing',
			{
				rounds: enough,
				buckets: [
					{ upperBound: 0.1, count: 0 },
					{ upperBound: Infinity, count: 9 },
				],
			},
			{ verdict: 'inconclusive', level: 'unknown', atLeast: true },
		],
		[
			'different buckets tell nothing',
			{ rounds: enough, buckets: undefined },
			{ verdict: 'inconclusive', reason: 'the pods have different buckets' },
		],
		[
			'no traffic is waited for',
			{ rounds: times(patienceRounds(EXAMPLE_POLICY) - 1, QUIET), buckets: [] },
			{ verdict: undefined },
		],
		[
			'and is inconclusive in the end',
			{ rounds: times(patienceRounds(EXAMPLE_POLICY), QUIET), buckets: [] },
			{ verdict: 'inconclusive', value: null, level: 'unknown' },
		],
		[
			'not one pod reachable in six rounds fails',
			{ rounds: [FIRST, ...times(6, GONE)], buckets: [] },
			{ verdict: 'failed', reason: 'not one of 2 pods could be scraped: connection refused' },
		],
		['in five it goes on', { rounds: [FIRST, ...times(5, GONE)], buckets: [] }, { verdict: undefined }],
	])('%s', (_name, facts, expected) => {
		expect(assessResponseTime(facts, EXAMPLE_POLICY)).toMatchObject(expected);
	});
});
