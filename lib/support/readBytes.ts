/**
 * A response body as bytes; undefined when it is larger than `maximumBytes`, of which no more is read.
 * Leaving the loop destroys a Node stream, so the rest is not transferred.
 */
export async function readBytes(body: AsyncIterable<Uint8Array>, maximumBytes: number): Promise<Buffer | undefined> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of body) {
		size += chunk.length;
		if (size > maximumBytes) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
