import { uploadInParts, type MultipartCalls } from '../../../lib/storage/multipart';
import { PartBuffers } from '../../../lib/storage/partBuffers';

const options = { partBytes: 10, parallelParts: 2, buffers: new PartBuffers() };

async function* chunks(sizes: readonly number[], failure?: Error): AsyncGenerator<Uint8Array> {
	for (const [index, size] of sizes.entries()) yield await Promise.resolve(Buffer.alloc(size, index + 1));
	if (failure) throw failure;
}

/** Storage that keeps what it is sent. `hold` is awaited by every call that creates an upload or puts a part. */
function recorded(hold: (call: string) => Promise<void> = async () => await Promise.resolve()) {
	const log: string[] = [];
	const bodies: Uint8Array[] = [];
	const note = async (entry: string): Promise<number> => await Promise.resolve(log.push(entry));
	const calls: MultipartCalls<number> = {
		putWhole: async (body) => {
			await note(`whole ${body.length}`);
		},
		create: async () => {
			await hold('create');
			log.push('create');
			return 'u1';
		},
		putPart: async (_, number, body) => {
			await hold(`part ${number}`);
			// A buffer is filled anew once its part was answered.
			bodies[number - 1] = Uint8Array.from(body);
			log.push(`part ${number}`);
			return number;
		},
		complete: async (_, parts) => {
			await note(`complete ${parts.join()}`);
		},
		abort: async () => {
			await note('abort');
		},
	};
	return { log, bodies, calls };
}

test.each<[string, number[], string[]]>([
	['nothing', [], ['whole 0']],
	['less than a part', [3, 4], ['whole 7']],
	['exactly a part', [10], ['whole 10']],
	['a byte more', [10, 1], ['create', 'part 1', 'part 2', 'complete 1,2']],
	['one chunk of many parts', [35], ['create', 'part 1', 'part 2', 'part 3', 'part 4', 'complete 1,2,3,4']],
])('%s', async (_, sizes, expected) => {
	const { log, calls } = recorded();
	await uploadInParts(calls, chunks(sizes), options);
	expect(log).toEqual(expected);
});

test('every byte arrives once and in its place, although the buffers are used again', async () => {
	const { bodies, calls } = recorded();
	const sizes = [7, 13, 1, 30, 9, 10];
	await uploadInParts(calls, chunks(sizes), options);
	const expected = Buffer.concat(sizes.map((size, index) => Buffer.alloc(size, index + 1)));
	expect(Buffer.concat(bodies)).toEqual(expected);
});

test('no more parts are in memory than allowed', async () => {
	let underWay = 0;
	let most = 0;
	const { calls } = recorded(async (call) => {
		if (call === 'create') return;
		most = Math.max(most, ++underWay);
		await new Promise((resolve) => setImmediate(resolve));
		underWay--;
	});
	await uploadInParts(calls, chunks([100]), options);
	expect(most).toBe(2);
});

test('an upload whose creation is answered late is discarded too', async () => {
	const failure = new Error('the dump broke');
	const { log, calls } = recorded(async (call) => {
		if (call === 'create') await new Promise((resolve) => setTimeout(resolve, 20));
	});
	await expect(uploadInParts(calls, chunks([10, 10], failure), options)).rejects.toBe(failure);
	expect(log[0]).toBe('create');
	expect(log.at(-1)).toBe('abort');
});

test('a part that is refused ends the upload with its reason, after the others have ended', async () => {
	const failure = new Error('refused');
	const { log, calls } = recorded(async (call) => {
		if (call === 'part 1') throw failure;
		await new Promise((resolve) => setImmediate(resolve));
	});
	await expect(uploadInParts(calls, chunks([100]), options)).rejects.toBe(failure);
	expect(log.at(-1)).toBe('abort');
	expect(log.some((entry) => entry.startsWith('complete'))).toBe(false);
});

test('a failed clean-up does not hide why it was needed', async () => {
	const failure = new Error('the dump broke');
	const { calls } = recorded();
	const broken = { ...calls, abort: async () => await Promise.reject(new Error('cannot abort')) };
	await expect(uploadInParts(broken, chunks([10, 10], failure), options)).rejects.toBe(failure);
});

test('uploads of a session gather their parts in the same few buffers, which are freed when the last has ended', async () => {
	const allocate = jest.spyOn(Buffer, 'allocUnsafeSlow');
	const session = { ...options, buffers: new PartBuffers() };
	const { calls } = recorded(async () => await new Promise((resolve) => setImmediate(resolve)));
	const longer = uploadInParts(calls, chunks([200]), session);
	for (let turn = 0; turn < 3; turn++) await uploadInParts(recorded().calls, chunks([35]), session);
	await longer;
	const buffers = allocate.mock.results.map(({ value }) => value as Buffer);
	expect(buffers.length).toBeLessThanOrEqual(4);
	expect(buffers.every(({ length }) => length === 0)).toBe(true);
	allocate.mockRestore();
});

test('the buffer of a part that was refused is not used again: its request may still read from it', async () => {
	const session = { ...options, buffers: new PartBuffers() };
	const refused: Uint8Array[] = [];
	const calls: MultipartCalls<number> = {
		...recorded().calls,
		putPart: async (_, number, body) => {
			refused.push(body);
			return await Promise.reject(new Error(`refused ${number}`));
		},
	};
	await expect(uploadInParts(calls, chunks([35]), session)).rejects.toThrow('refused 1');
	await uploadInParts(recorded().calls, chunks([35]), session);
	expect(refused.map((body) => [...body])).toEqual(refused.map(() => Array.from({ length: 10 }, () => 1)));
});
