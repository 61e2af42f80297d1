import { stepHash } from '../../../lib/release/stepHash';

describe('stepHash', () => {
	it('does not depend on the order of keys, at any depth', () => {
		expect(stepHash({ a: 1, b: { c: [1, { d: 2, e: 3 }], f: null } })).toBe(
			stepHash({ b: { f: null, c: [1, { e: 3, d: 2 }] }, a: 1 }),
		);
	});

	it.each([
		[{ a: 1 }, { a: '1' }],
		[
			[1, 2],
			[2, 1],
		],
		[{ a: null }, {}],
		[{ a: [] }, { a: {} }],
		[{ 'a:1,b': 2 }, { a: 1, b: 2 }],
		['', null],
		[['a,b'], ['a', 'b']],
	] as const)('tells %j from %j', (one, other) => {
		expect(stepHash(one)).not.toBe(stepHash(other));
	});

	it('is SHA-256 in hex of the canonical text', () => {
		expect(stepHash({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
	});
});
