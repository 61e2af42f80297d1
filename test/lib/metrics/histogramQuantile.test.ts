import { histogramQuantile, type Bucket } from '../../../lib/metrics/histogramQuantile';

function buckets(...pairs: Array<readonly [number, number]>): Bucket[] {
	return pairs.map(([upperBound, count]) => ({ upperBound, count }));
}

const LATENCY = buckets([0.1, 50], [0.2, 90], [0.5, 98], [1, 100], [Infinity, 100]);

describe('histogramQuantile', () => {
	it.each<[string, number, Bucket[], object]>([
		['in the middle of a bucket', 0.7, LATENCY, { kind: 'value', value: 0.15000000000000002 }],
		['in the first bucket it starts at 0', 0.25, LATENCY, { kind: 'value', value: 0.05 }],
		['at the edge of a bucket', 0.9, LATENCY, { kind: 'value', value: 0.2 }],
		['between the edges above', 0.95, LATENCY, { kind: 'value', value: 0.3875 }],
		[
			'above the highest finite bucket only a lower bound is known',
			0.95,
			buckets([0.1, 50], [Infinity, 100]),
			{ kind: 'atLeast', value: 0.1 },
		],
		[
			'without observations there is none',
			0.95,
			buckets([0.1, 0], [Infinity, 0]),
			{ kind: 'none', reason: 'nothing was observed' },
		],
		[
			'without a +Inf bucket there is none',
			0.95,
			buckets([0.1, 5], [0.2, 9]),
			{ kind: 'none', reason: 'the histogram has no +Inf bucket or no other' },
		],
		[
			'with only a +Inf bucket there is none',
			0.95,
			buckets([Infinity, 9]),
			{ kind: 'none', reason: 'the histogram has no +Inf bucket or no other' },
		],
		['no bucket at all', 0.95, [], { kind: 'none', reason: 'the histogram has no +Inf bucket or no other' }],
		[
			'counts that fall are lifted',
			0.5,
			buckets([0.1, 60], [0.2, 55], [Infinity, 100]),
			{ kind: 'value', value: 0.08333333333333334 },
		],
		['the order of the buckets is of no matter', 0.9, [...LATENCY].reverse(), { kind: 'value', value: 0.2 }],
		[
			'NaN counts give none',
			0.5,
			buckets([0.1, Number.NaN], [Infinity, Number.NaN]),
			{ kind: 'none', reason: 'nothing was observed' },
		],
	])('%s', (_name, quantile, given, expected) => {
		expect(histogramQuantile(quantile, given)).toEqual(expected);
	});
});
