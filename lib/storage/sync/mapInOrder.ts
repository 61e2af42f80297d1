export interface Flow {
	/** How many run at once. */
	readonly concurrency: number;
	/** How many results may wait for an earlier one that takes longer. */
	readonly window: number;
}

interface Task<Result> {
	readonly result: Promise<Result>;
	ended: boolean;
}

/**
 * Runs `act` on every item, several at once, and gives the results in the order of the items. It never reads on further than its
 * window. When it ends early, what runs is waited for.
 */
export async function* mapInOrder<Item, Result>(
	items: AsyncIterable<Item>,
	act: (item: Item) => Promise<Result>,
	{ concurrency, window }: Flow,
): AsyncGenerator<Result> {
	const iterator = items[Symbol.asyncIterator]();
	const queue: Array<Task<Result>> = [];
	const running = new Set<Promise<void>>();
	let exhausted = false;
	try {
		for (;;) {
			while (!exhausted && running.size < concurrency && queue.length < window) {
				const next = await iterator.next();
				if (next.done === true) exhausted = true;
				else queue.push(start(act(next.value), running));
			}
			const first = queue[0];
			if (!first) return;
			// While there is room, another may start as soon as any ends; otherwise only the first counts.
			if (!exhausted && queue.length < window) await Promise.race(running);
			else await first.result;
			while (queue[0]?.ended === true) {
				yield await queue[0].result;
				queue.shift();
			}
		}
	} finally {
		await Promise.allSettled([...running, iterator.return?.()]);
	}
}

function start<Result>(result: Promise<Result>, running: Set<Promise<void>>): Task<Result> {
	const task = { result, ended: false };
	const end = (): void => {
		task.ended = true;
		running.delete(ended);
	};
	const ended: Promise<void> = result.then(end, end);
	running.add(ended);
	return task;
}
