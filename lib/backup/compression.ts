import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Writable, type Transform } from 'node:stream';
import { freeBuffer } from '../support/freeBuffer';
import type { Compression } from './model';

/** Larger than zlib's 16 KiB: an archive is made of fewer, larger pieces. */
const CHUNK_BYTES = 128 * 1024;
/** A pg_dump writes pieces of some kilobytes, and every piece that is compressed by itself is a task for another thread. */
const BLOCK_BYTES = 256 * 1024;
/** Of zstd, 128 KiB: rows come out as small as from its own 512 KiB, in two thirds of the time (measured). */
const WINDOW_LOG = 17;

/** What this Node can do: zstd came with 22.15; it costs a fifth of the time of gzip. */
export function bestCompression(): Compression {
	return hasZstd() ? 'zstd' : 'gzip';
}

export function canDecompress(compression: Compression): boolean {
	return compression === 'gzip' || hasZstd();
}

/** The suffix of such an object's name. */
export function suffixOf(compression: Compression): string {
	return compression === 'zstd' ? '.zst' : '.gz';
}

/**
 * The compressed bytes of `source`, whose buffers are given back as they are used up. Fails as the source does. Each piece is good until the
 * next is asked for, when its buffer is given back, unless its reader keeps pieces: `kept`.
 */
export async function* compress(
	source: AsyncIterable<Uint8Array>,
	{ compression, kept }: { compression: Compression; kept: boolean },
): AsyncGenerator<Uint8Array> {
	const compressor = createCompressor(compression);
	const fed = feed(source, compressor).catch((error: unknown) => void compressor.destroy(error as Error));
	for await (const chunk of compressor as AsyncIterable<Uint8Array>) {
		yield chunk;
		if (!kept) giveBack(chunk);
	}
	await fed;
}

/** A stream to write compressed bytes into and read plain ones from. */
export function createDecompressor(compression: Compression): Transform {
	return compression === 'zstd'
		? createZstdDecompress({ chunkSize: CHUNK_BYTES })
		: createGunzip({ chunkSize: CHUNK_BYTES });
}

async function feed(source: AsyncIterable<Uint8Array>, compressor: Transform): Promise<void> {
	const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
	let filled = 0;
	for await (const chunk of source) {
		for (let offset = 0; offset < chunk.length;) {
			const piece = chunk.subarray(offset, offset + BLOCK_BYTES - filled);
			block.set(piece, filled);
			filled += piece.length;
			offset += piece.length;
			if (filled < BLOCK_BYTES) continue;
			await write(compressor, block);
			filled = 0;
		}
		giveBackWhole(chunk);
	}
	if (filled > 0) await write(compressor, block.subarray(0, filled));
	compressor.end();
}

/** Resolves once the bytes are compressed, so that their buffer may be used again. */
async function write(compressor: Transform, bytes: Uint8Array): Promise<void> {
	await new Promise<void>((resolve, reject) =>
		compressor.write(bytes, (error) => (error ? reject(error) : resolve())),
	);
}

/**
 * Writes into `sink` what a decompressor gives, and frees each of its buffers once the last piece of it is written. Ends the sink with it;
 * what the sink does is told by whoever owns it.
 */
export function freeingWriter(sink: Writable): Writable {
	const writer = new Writable({
		write: (chunk: Uint8Array, _encoding, done) => {
			sink.write(chunk, (error) => {
				// Nothing but a decompressor's own.
				if (chunk.buffer.byteLength === CHUNK_BYTES) giveBack(chunk);
				done(error);
			});
		},
		final: (done) => void sink.end(done),
	});
	return writer.on('error', () => undefined);
}

/**
 * Frees the buffer of a piece that ends it: nobody uses those before it any more. A dump makes gigabytes of buffers, and the collector lets
 * them add up: freeing each at once spares a third of its time and of what memory grows by (measured).
 */
function giveBack({ buffer, byteOffset, byteLength }: Uint8Array): void {
	if (byteOffset + byteLength === buffer.byteLength) freeBuffer(buffer);
}

/** The same for a piece that has a buffer of its own, as what a program prints or a server sends; a slice shares its buffer with others. */
export function giveBackWhole(piece: Uint8Array): void {
	if (piece.byteOffset === 0) giveBack(piece);
}

function createCompressor(compression: Compression): Transform {
	if (compression === 'gzip') return createGzip({ level: constants.Z_BEST_SPEED, chunkSize: CHUNK_BYTES });
	const params = {
		[constants.ZSTD_c_compressionLevel]: 1,
		[constants.ZSTD_c_windowLog]: WINDOW_LOG,
		[constants.ZSTD_c_checksumFlag]: 1,
	};
	return createZstdCompress({ params, chunkSize: CHUNK_BYTES });
}

function hasZstd(): boolean {
	return typeof createZstdCompress === 'function';
}
