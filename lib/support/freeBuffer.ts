/** Gives the memory of a buffer that nobody uses any more back at once, where the collector would let such buffers add up. */
export function freeBuffer(buffer: ArrayBufferLike): void {
	// Node 20 does not know how.
	if (buffer instanceof ArrayBuffer && typeof buffer.transfer === 'function') buffer.transfer(0);
}
