import { createCounterIncreases } from '../../../lib/metrics/counterIncreases';
import type { PodScrape, ScrapeRound } from '../../../lib/metrics/model';
import { parseExposition } from '../../../lib/metrics/parseExposition';

function round(pods: Readonly<Record<string, string | null>>): ScrapeRound {
	const scrapes = Object.entries(pods).map(([name, text]): PodScrape => {
		const target = { id: `uid-${name}`, name };
		return text === null
			? { target, outcome: 'unreachable', reason: 'gone' }
			: { target, outcome: 'read', samples: parseExposition(text) };
	});
	return { atMs: 0, pods: scrapes };
}

function totals(rounds: ScrapeRound[]): Array<number | null> {
	const increases = createCounterIncreases(({ name }) => name === 'c');
	return rounds.map((each) => {
		const { comparable, series } = increases.add(each);
		return comparable ? series.reduce((sum, { increase }) => sum + increase, 0) : null;
	});
}

describe('createCounterIncreases', () => {
	it.each<[string, ScrapeRound[], Array<number | null>]>([
		[
			'the first reading is only where counting begins',
			[round({ a: 'c 1000\n' }), round({ a: 'c 1007\n' })],
			[null, 7],
		],
		[
			'a restart counts from 0 and is never negative',
			[round({ a: 'c 1000\n' }), round({ a: 'c 30\n' })],
			[null, 30],
		],
		[
			'a series that appears counts from 0',
			[round({ a: 'c{s="200"} 9\n' }), round({ a: 'c{s="200"} 10\nc{s="500"} 4\n' })],
			[null, 5],
		],
		['a pod that appears counts from 0', [round({ a: 'c 5\n' }), round({ a: 'c 6\n', b: 'c 10\n' })], [null, 11]],
		[
			'a pod that was there but unreadable begins at its first reading',
			[
				round({ a: 'c 5\n', b: null }),
				round({ a: 'c 6\n', b: 'c 9000\n' }),
				round({ a: 'c 6\n', b: 'c 9002\n' }),
			],
			[null, 1, 2],
		],
		[
			'a pod that vanishes takes its counts along',
			[round({ a: 'c 5\n', b: 'c 100\n' }), round({ a: 'c 6\n' })],
			[null, 1],
		],
		[
			'a pod that was missed once is compared with its last reading',
			[round({ a: 'c 5\n' }), round({ a: null }), round({ a: 'c 9\n' })],
			[null, null, 4],
		],
		['no series at all is comparable once the pod was read', [round({ a: '' }), round({ a: 'c 3\n' })], [null, 3]],
		['other metrics are left out', [round({ a: 'c 5\nd 1\n' }), round({ a: 'c 6\nd 50\n' })], [null, 1]],
	])('%s', (_name, rounds, expected) => {
		expect(totals(rounds)).toEqual(expected);
	});
});
