import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { Transform } from 'node:stream';
import type { Compression } from './model';

/** Larger than zlib's 16 KiB: an archive is made of fewer, larger pieces. */
const CHUNK_BYTES = 128 * 1024;

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

/** The compressed bytes of `source`, whose buffers are given back as they are used up. Fails as the source does. */
export async function* compress(
	source: AsyncIterable<Uint8Array>,
	compression: Compression,
): AsyncGenerator<Uint8Array> {
	const compressor = createCompressor(compression);
	const fed = feed(source, compressor).catch((error: unknown) => void compressor.destroy(error as Error));
	for await (const chunk of compressor) yield chunk as Uint8Array;
	await fed;
}

/** A stream to write compressed bytes into and read plain ones from. */
export function createDecompressor(compression: Compression): Transform {
	return compression === 'zstd'
		? createZstdDecompress({ chunkSize: CHUNK_BYTES })
		: createGunzip({ chunkSize: CHUNK_BYTES });
}

async function feed(source: AsyncIterable<Uint8Array>, compressor: Transform): Promise<void> {
	for await (const chunk of source) {
		await new Promise<void>((resolve, reject) =>
			compressor.write(chunk, (error) => (error ? reject(error) : resolve())),
		);
		giveBack(chunk);
	}
	compressor.end();
}

/** A dump makes gigabytes of buffers, and the collector lets them add up: freeing each at once halves what memory grows by (measured). */
function giveBack({ buffer, byteLength }: Uint8Array): void {
	// A slice shares its buffer with others.
	if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength)
		structuredClone(buffer, { transfer: [buffer] });
}

function createCompressor(compression: Compression): Transform {
	if (compression === 'gzip') return createGzip({ level: constants.Z_BEST_SPEED, chunkSize: CHUNK_BYTES });
	const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };
	return createZstdCompress({ params, chunkSize: CHUNK_BYTES });
}

function hasZstd(): boolean {
	return typeof createZstdCompress === 'function';
}
