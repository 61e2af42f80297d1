import { compareDurations, compareErrorRates, type Share } from '../../../lib/metrics/compareWithBaseline';

/** As many comparisons with known truth. */
const ROUNDS = 300;
const LIMITS = { allowed: 0.005, minimumTotal: 20 };

describe('compareErrorRates', () => {
	it.each<[string, Share, Share, string, RegExp]>([
		['nothing fails before and after', { total: 500, bad: 0 }, { total: 500, bad: 0 }, 'passed', /^0 % .* 0 % now/],
		['a rise that is allowed', { total: 1000, bad: 2 }, { total: 1000, bad: 6 }, 'passed', /0\.2 % .* 0\.6 % now/],
		['a fall', { total: 1000, bad: 90 }, { total: 1000, bad: 1 }, 'passed', /9 % .* 0\.1 % now/],
		['a rise far beyond chance', { total: 1000, bad: 2 }, { total: 1000, bad: 40 }, 'failed', /4 % now/],
		['one error in thirty', { total: 1000, bad: 0 }, { total: 30, bad: 1 }, 'inconclusive', /from chance$/],
		['many errors in few requests', { total: 1000, bad: 0 }, { total: 30, bad: 12 }, 'failed', /40 % now/],
		[
			'too little traffic before',
			{ total: 19, bad: 0 },
			{ total: 500, bad: 5 },
			'passed',
			/^no baseline.*19 of 20/,
		],
		['no traffic before', { total: 0, bad: 0 }, { total: 500, bad: 5 }, 'passed', /^no baseline/],
		['too little traffic now', { total: 500, bad: 0 }, { total: 19, bad: 0 }, 'inconclusive', /^19 of 20/],
		['no traffic now', { total: 500, bad: 0 }, { total: 0, bad: 0 }, 'inconclusive', /^0 of 20/],
	])('%s', (_, before, now, verdict, reason) => {
		const compared = compareErrorRates(before, now, LIMITS);
		expect(compared.verdict).toBe(verdict);
		expect(compared.reason).toMatch(reason);
	});

	it('calls at most one in a hundred equal releases worse, and finds one that is much worse', () => {
		const random = createRandom(20_261_126);
		const draw = (total: number, share: number): Share => ({
			total,
			bad: Array.from({ length: total }, random).filter((value) => value < share).length,
		});
		const failures = (was: number, is: number): number =>
			Array.from({ length: ROUNDS }, () =>
				compareErrorRates(draw(200, was), draw(200, is), { ...LIMITS, allowed: 0 }),
			).filter(({ verdict }) => verdict === 'failed').length / ROUNDS;
		expect(failures(0.02, 0.02)).toBeLessThanOrEqual(0.02);
		expect(failures(0.01, 0.15)).toBeGreaterThan(0.95);
	});
});

describe('compareDurations', () => {
	it.each<[string, number | null, number, string, RegExp]>([
		['no slower', 0.05, 0.04, 'passed', /^50 ms before, 40 ms now/],
		['as much slower as is allowed', 0.05, 0.15, 'passed', /150 ms now/],
		['slower than that', 0.05, 0.16, 'failed', /160 ms now: 100 ms more are allowed/],
		['without a duration before', null, 0.19, 'passed', /^no baseline/],
	])('%s', (_, before, now, verdict, reason) => {
		const compared = compareDurations(before, now, 0.1);
		expect(compared.verdict).toBe(verdict);
		expect(compared.reason).toMatch(reason);
	});
});

/** Numbers from a seed (mulberry32): the same in every run. */
function createRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
