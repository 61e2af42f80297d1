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
		[
			'a series that was away brings no burst when it is back',
			[
				round({ a: 'c{s="200"} 9\nc{s="500"} 90\n' }),
				round({ a: 'c{s="200"} 10\n' }),
				round({ a: 'c{s="200"} 11\nc{s="500"} 92\n' }),
			],
			[null, 1, 3],
		],
		[
			'after a restart it counts from 0, whatever it stood at before',
			[
				round({ a: 'c{s="200"} 9\nc{s="500"} 5\n' }),
				round({ a: 'c{s="200"} 2\n' }),
				round({ a: 'c{s="200"} 3\nc{s="500"} 7\n' }),
			],
			[null, 2, 8],
		],
		['other metrics are left out', [round({ a: 'c 5\nd 1\n' }), round({ a: 'c 6\nd 50\n' })], [null, 1]],
	])('%s', (_name, rounds, expected) => {
		expect(totals(rounds)).toEqual(expected);
	});

	const both = 'c{s="200"} 9\nc{s="500"} 5\n';
	it.each<[string, string[], string | undefined]>([
		[
			'is missed as long as it is away',
			[both, 'c{s="200"} 10\n', 'c{s="200"} 11\n'],
			'a: the counter c{s="500"} is there no longer',
		],
		['is missed no longer when it is back', [both, 'c{s="200"} 10\n', both.replace('9', '11')], undefined],
		['is not missed after a restart', [both, 'c{s="200"} 1\n'], undefined],
		['is not missed of a process that has counted nothing yet', [both, 'other 1\n'], undefined],
		['that is new is not missed before', ['c{s="200"} 9\n', both], undefined],
	])('a series that vanishes %s', (_name, texts, lost) => {
		const increases = createCounterIncreases(({ name }) => name === 'c');
		expect(texts.map((text) => increases.add(round({ a: text })).lost).at(-1)).toBe(lost);
	});
});
