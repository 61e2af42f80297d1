import type { LedgerEvent } from '../../../../lib/release/ledger';
import { verifyChain } from '../../../../lib/release/report/verifyChain';
import { at, link } from './exampleFacts';

const CHAIN = link([
	{ at: at(0), kind: 'release.begun', detail: { state: 'running' } },
	{ at: at(1), kind: 'step.started', detail: { step_key: '1.1/check-http' } },
	{ at: at(2), kind: 'step.passed', detail: { step_key: '1.1/check-http', note: 'grün → blau ✓' } },
]);

function changed(index: number, change: Partial<LedgerEvent>): LedgerEvent[] {
	return CHAIN.map((event, position) => (position === index ? { ...event, ...change } : event));
}

describe('a chain', () => {
	it('holds when every link is the hash of the one before and its content', () => {
		expect(verifyChain(CHAIN)).toEqual({ verified: true, broken: null });
	});

	it('without links proves nothing, and is not called broken', () => {
		expect(verifyChain([])).toEqual({ verified: false, broken: null });
	});

	const wrongHash = 'its hash is not that of its content and the link before';
	const wrongLabel = 'its number or kind is not the one that was hashed';
	const cases: ReadonlyArray<readonly [string, readonly LedgerEvent[], { sequence: number; problem: string }]> = [
		[
			'a payload that was changed',
			changed(1, { payload: (CHAIN[1]?.payload ?? '').replace('check-http', 'check-nothing') }),
			{ sequence: 2, problem: wrongHash },
		],
		['a hash that was changed', changed(0, { hash: '0'.repeat(64) }), { sequence: 1, problem: wrongHash }],
		[
			'a kind that was changed beside its payload',
			changed(2, { kind: 'step.failed' }),
			{ sequence: 3, problem: wrongLabel },
		],
		[
			'a link that was taken out of the middle',
			CHAIN.filter((_, index) => index !== 1),
			{ sequence: 3, problem: 'link 2 is missing' },
		],
		['a beginning that was cut off', CHAIN.slice(1), { sequence: 2, problem: 'link 1 is missing' }],
		[
			'two links that changed places',
			[CHAIN[0], CHAIN[2], CHAIN[1]] as LedgerEvent[],
			{ sequence: 3, problem: 'link 2 is missing' },
		],
	];
	it.each(cases)('shows %s at the first link that does not fit', (_, events, broken) => {
		expect(verifyChain(events)).toEqual({ verified: false, broken });
	});

	it('whose link was changed together with its hash breaks at the next one', () => {
		const [first] = link([{ at: at(0), kind: 'release.begun', detail: { state: 'succeeded' } }]);
		const forged = [first as LedgerEvent, ...CHAIN.slice(1)];
		expect(verifyChain(forged)).toEqual({ verified: false, broken: { sequence: 2, problem: wrongHash } });
	});
});
