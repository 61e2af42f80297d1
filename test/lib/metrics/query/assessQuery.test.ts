import { assessQuery } from '../../../../lib/metrics/query/assessQuery';
import type { Measurement, QueryRule } from '../../../../lib/metrics/query/model';

const RULE: QueryRule = {
	direction: 'atMost',
	pass: 10,
	fail: 20,
	heldForMs: 60_000,
	intervalMs: 15_000,
	minimumSamples: 3,
	errorLimit: 3,
};
const NONE = 'none' as const;
const BROKEN = 'broken' as const;

/** Every 15 s: a number, no data, or an error. */
function assess(values: ReadonlyArray<number | typeof NONE | typeof BROKEN>, rule: Partial<QueryRule> = {}) {
	const measurements = values.map((value, index) => {
		const measurement: Measurement =
			typeof value === 'number'
				? { kind: 'value', value }
				: { kind: value === NONE ? 'no-data' : 'error', reason: value };
		return { atMs: index * 15_000, measurement };
	});
	return assessQuery(measurements, { ...RULE, ...rule });
}

describe('assessQuery', () => {
	it.each<[string, Parameters<typeof assess>[0], string | undefined]>([
		['two fine numbers are too few', [1, 1], undefined],
		['three fine numbers pass', [1, 10, 1], 'passed'],
		['a number between the limits goes on', [1, 11, 1], undefined],
		['beyond the fail limit for 45 s goes on', [21, 21, 21, 21], undefined],
		['beyond it for 60 s fails', [21, 21, 21, 21, 21], 'failed'],
		['one number that is not beyond it begins anew', [21, 21, 20, 21, 21, 21], undefined],
		['one answer that is no number in between does not clear it', [21, 21, NONE, 21, 21], 'failed'],
		['no data never passes', [1, 1, NONE], undefined],
		['three without a number cannot be judged', [NONE, BROKEN, NONE], 'inconclusive'],
		['fine ones and then no number cannot be judged', [1, 11, NONE, BROKEN, NONE], 'inconclusive'],
		['between the limits until the window ends cannot be judged', [11, 11, 11, 11, 11, 11, 11], 'inconclusive'],
	])('%s', (_name, values, verdict) => {
		expect(assess(values).verdict).toBe(verdict);
	});

	it('at least: below the limit is the bad side', () => {
		const rule = { direction: 'atLeast', pass: 20, fail: 10 } as const;
		expect(assess([20, 21, 22], rule).verdict).toBe('passed');
		expect(assess([9, 9, 9, 9, 9], rule).verdict).toBe('failed');
		expect(assess([19, 19, 19], rule).verdict).toBeUndefined();
	});

	it('says the number, the limit, and for how long', () => {
		expect(assess([21, 21, 21, 22, 22])).toMatchObject({
			value: 22,
			samples: 5,
			errors: 0,
			reason: '22, at most 20 is tolerated; held for 60 s in 5 samples',
		});
		expect(assess([1, NONE])).toMatchObject({ value: 1, samples: 1, errors: 1, reason: 'none' });
	});
});
