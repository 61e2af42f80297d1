import { compareKeys } from '../../../../lib/storage/sync/compareKeys';
import { copyKeys, folderPrefix } from '../../../../lib/storage/sync/copyKeys';
import { mapInOrder } from '../../../../lib/storage/sync/mapInOrder';
import { pairByKey } from '../../../../lib/storage/sync/pairByKey';
import { readLines } from '../../../../lib/storage/sync/readLines';

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
	for (const value of values) yield await Promise.resolve(value);
}

async function nextTurn(): Promise<void> {
	await new Promise((resolve) => setImmediate(resolve));
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
	const collected: T[] = [];
	for await (const value of values) collected.push(value);
	return collected;
}

describe('pairByKey', () => {
	const pairs = async (left: string[], right: string[]) =>
		(await all(pairByKey(each(left.map((key) => ({ key }))), each(right.map((key) => ({ key })))))).map(
			({ key, left: l, right: r }) => `${key}${l ? '<' : ''}${r ? '>' : ''}`,
		);

	it.each<[string[], string[], string[]]>([
		[[], [], []],
		[['a'], [], ['a<']],
		[[], ['a'], ['a>']],
		[
			['a', 'b', 'd'],
			['b', 'c', 'd', 'e'],
			['a<', 'b<>', 'c>', 'd<>', 'e>'],
		],
		[['\uffee', '😀'], ['😀'], ['\uffee<', '😀<>']],
	])('of %j and %j is %j', async (left, right, expected) => {
		expect(await pairs(left, right)).toEqual(expected);
	});

	it('closes both sides when it is left early', async () => {
		const closed: string[] = [];
		async function* endless(name: string): AsyncGenerator<{ key: string }> {
			try {
				for (let index = 0; ; index += 1) yield await Promise.resolve({ key: String(index).padStart(9, '0') });
			} finally {
				closed.push(name);
			}
		}
		for await (const { key } of pairByKey(endless('left'), endless('right'))) if (key.endsWith('3')) break;
		expect(closed.sort()).toEqual(['left', 'right']);
	});
});

describe('mapInOrder', () => {
	it('gives results in the order of the items, however long each takes, and never runs more than allowed', async () => {
		let running = 0;
		let most = 0;
		const act = async (item: number): Promise<number> => {
			most = Math.max(most, (running += 1));
			for (let turn = 0; turn < (item % 3 === 0 ? 5 : 1); turn += 1) await nextTurn();
			running -= 1;
			return item * 2;
		};
		const items = Array.from({ length: 100 }, (_, index) => index);
		expect(await all(mapInOrder(each(items), act, { concurrency: 4, window: 10 }))).toEqual(
			items.map((item) => item * 2),
		);
		expect(most).toBe(4);
	});

	it('goes on behind one that takes long, no further than its window', async () => {
		let release: () => void = () => undefined;
		const gate = new Promise<void>((resolve) => (release = resolve));
		const started: number[] = [];
		const act = async (item: number): Promise<number> => {
			started.push(item);
			if (item === 0) await gate;
			return item;
		};
		const results = all(
			mapInOrder(each(Array.from({ length: 50 }, (_, i) => i)), act, { concurrency: 3, window: 8 }),
		);
		for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
		expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		release();
		expect(await results).toHaveLength(50);
	});

	it('throws what one threw, reads nothing more, and waits for those that run', async () => {
		const ended: number[] = [];
		const act = async (item: number): Promise<number> => {
			await nextTurn();
			ended.push(item);
			if (item === 1) throw new Error('refused');
			return item;
		};
		const results = all(mapInOrder(each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), act, { concurrency: 3, window: 3 }));
		await expect(results).rejects.toThrow('refused');
		expect(ended.length).toBeLessThan(10);
	});
});

test('lines end at line feeds only, wherever the bytes are cut', async () => {
	const text = `{"key":"a\u2028b\r"}\n{"key":"日本"}\n\nlast`;
	const bytes = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));
	expect(await all(readLines(each(bytes)))).toEqual(text.split('\n'));
	expect(await all(readLines(each([Buffer.from(text)])))).toEqual(text.split('\n'));
	expect(await all(readLines(each([Buffer.from('a\n')])))).toEqual(['a']);
});

test('keys are in the order of their bytes', () => {
	expect(['😀', '\uffee', 'b', 'a/', 'a', 'a-b', ''].sort(compareKeys)).toEqual([
		'',
		'a',
		'a-b',
		'a/',
		'b',
		'\uffee',
		'😀',
	]);
});

test.each([
	['', 'r-1', 'r-1/'],
	['files', 'r-1', 'files/r-1/'],
	['/a//b/', 'mirror', 'a/b/mirror/'],
])('a copy under %j named %j lies in %j, with list and manifest beside it', (prefix, name, folder) => {
	expect(copyKeys({ prefix, name })).toEqual({
		folder,
		list: `${folder.slice(0, -1)}.objects.jsonl`,
		manifest: `${folder.slice(0, -1)}.manifest.json`,
	});
	expect(folderPrefix(folder)).toBe(folder);
});
