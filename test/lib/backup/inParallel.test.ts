import { inParallel } from '../../../lib/backup/inParallel';

const signal = new AbortController().signal;

test('no more than the limit run at once, and results keep their order', async () => {
	let running = 0;
	let most = 0;
	const results = await inParallel([5, 1, 4, 2, 3], { limit: 2, signal }, async (entry) => {
		most = Math.max(most, ++running);
		for (let turn = 0; turn < entry; turn++) await Promise.resolve();
		running--;
		return entry * 10;
	});
	expect([results, most]).toEqual([[50, 10, 40, 20, 30], 2]);
});

test('the first failure aborts those that run, begins no more, and is thrown after all have ended', async () => {
	const failure = new Error('first');
	const begun: number[] = [];
	const ended: number[] = [];
	const outcome = inParallel([0, 1, 2, 3], { limit: 2, signal }, async (entry, running) => {
		begun.push(entry);
		if (entry === 0) throw failure;
		await new Promise((resolve) => running.addEventListener('abort', resolve));
		ended.push(entry);
		throw new Error('second');
	});
	await expect(outcome).rejects.toBe(failure);
	expect([begun, ended]).toEqual([[0, 1], [1]]);
});

test('an abort from outside is its own reason', async () => {
	const reason = new Error('cancelled');
	const act = jest.fn();
	await expect(inParallel([1], { limit: 1, signal: AbortSignal.abort(reason) }, act)).rejects.toBe(reason);
	expect(act).not.toHaveBeenCalled();
});
