import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { compress, createDecompressor, freeingWriter } from '../../../lib/backup/compression';
import type { Compression } from '../../../lib/backup/model';

const KIB = 1024;

/** In pieces of their own, as a program's output comes. */
async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += length)
		yield await Promise.resolve(Uint8Array.from(bytes.subarray(at, at + length)));
}

async function decompress(chunks: AsyncIterable<Uint8Array>, compression: Compression): Promise<Buffer> {
	const decompressor = createDecompressor(compression);
	const plain = decompressor.toArray() as Promise<Buffer[]>;
	for await (const chunk of chunks) decompressor.write(chunk);
	decompressor.end();
	return Buffer.concat(await plain);
}

describe.each<Compression>(['gzip', 'zstd'])('%s', (compression) => {
	test.each([
		[0, 4 * KIB],
		[1, 4 * KIB],
		[256 * KIB - 1, 4 * KIB],
		[256 * KIB, 4 * KIB],
		[256 * KIB + 1, 100_003],
		[1024 * KIB, 600 * KIB],
		[70_001, 7],
	])('%d bytes in pieces of %d come back as they were', async (length, piece) => {
		const bytes = Buffer.concat([randomBytes(length / 2), Buffer.alloc(length - Math.floor(length / 2), 'text ')]);
		const back = await decompress(compress(inPieces(bytes, piece), { compression, kept: true }), compression);
		expect(back.equals(bytes)).toBe(true);
	});

	test('pieces that their reader copies are whole when it does, and are freed then', async () => {
		const bytes = randomBytes(1000 * KIB);
		const given: Uint8Array[] = [];
		const copies: Uint8Array[] = [];
		for await (const piece of compress(inPieces(bytes, 64 * KIB), { compression, kept: false })) {
			given.push(piece);
			copies.push(Uint8Array.from(piece));
		}
		const back = await decompress(inPieces(Buffer.concat(copies), 64 * KIB), compression);
		expect(back.equals(bytes)).toBe(true);
		expect(given.filter(({ byteLength }) => byteLength === 0).length).toBeGreaterThan(3);
	});

	test('what goes through the writer arrives whole, however slowly it is taken, and its buffers are freed', async () => {
		const bytes = Buffer.concat([randomBytes(300 * KIB), Buffer.alloc(700 * KIB, 'text ')]);
		const taken: Buffer[] = [];
		const given: Uint8Array[] = [];
		const sink = new Writable({
			write: (chunk: Buffer, _encoding, done) => {
				given.push(chunk);
				setImmediate(() => {
					taken.push(Buffer.from(chunk));
					done();
				});
			},
		});
		const decompressor = createDecompressor(compression);
		decompressor.pipe(freeingWriter(sink));
		for await (const chunk of compress(inPieces(bytes, 4 * KIB), { compression, kept: true }))
			decompressor.write(chunk);
		decompressor.end();
		await finished(sink);
		expect(Buffer.concat(taken).equals(bytes)).toBe(true);
		expect(given.filter(({ byteLength }) => byteLength === 0).length).toBeGreaterThan(3);
	});

	test('a sink that closes early ends the writing, and nothing is thrown', async () => {
		const sink = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
		sink.on('error', () => undefined);
		const writer = freeingWriter(sink);
		writer.write(Buffer.alloc(10));
		writer.end();
		await new Promise((resolve) => writer.once('close', resolve));
		expect(sink.destroyed).toBe(true);
	});

	test('the failure of what is read is the failure of what is compressed', async () => {
		const failing = (async function* () {
			yield* inPieces(randomBytes(300 * KIB), 4 * KIB);
			throw new Error('the dump failed');
		})();
		await expect(decompress(compress(failing, { compression, kept: true }), compression)).rejects.toThrow(
			'the dump failed',
		);
	});
});
