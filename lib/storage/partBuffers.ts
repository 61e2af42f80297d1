import { freeBuffer } from '../support/freeBuffer';

/**
 * Buffers that parts of uploads are gathered in, used again by the next upload of the session: gigabytes go through a few of them, where
 * new ones would add up until they are collected. Their memory is given back when nothing is uploaded any more.
 */
export class PartBuffers {
	#free: Buffer[] = [];
	#taken = 0;

	/** One of `bytes`, whatever is in it. */
	take(bytes: number): Buffer {
		this.#taken++;
		// Nearly all parts of a session have one size; a buffer of another is not worth keeping.
		this.#free = this.#free.filter(({ length }) => length === bytes);
		return this.#free.pop() ?? Buffer.allocUnsafeSlow(bytes);
	}

	/** For a buffer that nobody reads any more. */
	giveBack(buffer: Buffer): void {
		this.#taken--;
		this.#free.push(buffer);
		if (this.#taken > 0) return;
		for (const unused of this.#free.splice(0)) freeBuffer(unused.buffer);
	}
}
