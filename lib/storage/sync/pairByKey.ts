import { compareKeys } from './compareKeys';

/** What stands under one key on either side; at least one is there. */
export interface KeyPair<Left, Right> {
	readonly key: string;
	readonly left?: Left;
	readonly right?: Right;
}

/** Walks through two sequences that are in the order of their keys, side by side, holding one entry of each. */
export async function* pairByKey<Left extends { readonly key: string }, Right extends { readonly key: string }>(
	lefts: AsyncIterable<Left>,
	rights: AsyncIterable<Right>,
): AsyncGenerator<KeyPair<Left, Right>> {
	const left = lefts[Symbol.asyncIterator]();
	const right = rights[Symbol.asyncIterator]();
	try {
		let [a, b] = await Promise.all([left.next(), right.next()]);
		while (a.done !== true || b.done !== true) {
			const order = a.done === true ? 1 : b.done === true ? -1 : compareKeys(a.value.key, b.value.key);
			const pair = {
				...(order <= 0 && a.done !== true ? { left: a.value } : {}),
				...(order >= 0 && b.done !== true ? { right: b.value } : {}),
			};
			yield { key: (pair.left ?? pair.right)?.key ?? '', ...pair };
			[a, b] = await Promise.all([order <= 0 ? left.next() : a, order >= 0 ? right.next() : b]);
		}
	} finally {
		await Promise.allSettled([left.return?.(), right.return?.()]);
	}
}
