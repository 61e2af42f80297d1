import type { KeyedRow } from './lostRows.client';

/** A row that the two databases do not agree on. */
export interface RowDifference {
	/** `added`: only the replaced database has it. `changed`: both, with other content. `removed`: only the restored one, so it came back. */
	readonly change: 'added' | 'changed' | 'removed';
	/** JSON text of the key's columns. */
	readonly key: string;
}

/** Walks two streams that are ordered by their digests side by side. Holds one row of each. */
export async function* compareRows(
	replaced: AsyncIterable<KeyedRow>,
	restored: AsyncIterable<KeyedRow>,
): AsyncGenerator<RowDifference> {
	const [left, right] = [replaced[Symbol.asyncIterator](), restored[Symbol.asyncIterator]()];
	try {
		let [one, other] = [await next(left), await next(right)];
		while (one || other) {
			const order = orderOf(one, other);
			if (order < 0 && one) yield { change: 'added', key: one.key };
			else if (order > 0 && other) yield { change: 'removed', key: other.key };
			else if (one && other && one.hash !== other.hash) yield { change: 'changed', key: one.key };
			if (order <= 0) one = await next(left);
			if (order >= 0) other = await next(right);
		}
	} finally {
		await left.return?.();
		await right.return?.();
	}
}

/** Below 0 when the left one comes first; a stream that has ended comes last. */
function orderOf(one: KeyedRow | undefined, other: KeyedRow | undefined): number {
	if (!one || !other) return one ? -1 : 1;
	if (one.digest === other.digest) return 0;
	return one.digest < other.digest ? -1 : 1;
}

async function next(rows: AsyncIterator<KeyedRow>): Promise<KeyedRow | undefined> {
	const result: IteratorResult<KeyedRow, unknown> = await rows.next();
	return result.done === true ? undefined : result.value;
}
