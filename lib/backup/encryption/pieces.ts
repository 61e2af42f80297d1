/** A stretch of a stream; the buffer is used again for the next one. */
export interface Piece {
	readonly bytes: Uint8Array;
	readonly last: boolean;
}

/** `source` in pieces of exactly `size` bytes. Only the last is shorter, and it is empty only where there is nothing at all. */
export async function* inPieces(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Piece> {
	const buffer = Buffer.allocUnsafeSlow(size);
	let filled = 0;
	for await (const chunk of source) {
		for (let offset = 0; offset < chunk.length;) {
			// A full piece is given only when more follows, so that the last one is known.
			if (filled === size) {
				yield { bytes: buffer, last: false };
				filled = 0;
			}
			const length = Math.min(size - filled, chunk.length - offset);
			buffer.set(chunk.subarray(offset, offset + length), filled);
			filled += length;
			offset += length;
		}
	}
	yield { bytes: buffer.subarray(0, filled), last: true };
}
