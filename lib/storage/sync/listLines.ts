import { createHash } from 'node:crypto';
import type { CopiedObject } from './model';

/** One write for a few thousand lines. */
const CHUNK_BYTES = 256 * 1024;

/** The list of a copy as it is stored: one JSON a line, in the order of keys; its digest once the content was read to its end. */
export function listLines(objects: AsyncIterable<CopiedObject>): {
	readonly content: AsyncIterable<Uint8Array>;
	digest(): { readonly sizeBytes: number; readonly sha256: string };
} {
	const hash = createHash('sha256');
	let sizeBytes = 0;
	async function* write(): AsyncGenerator<Uint8Array> {
		let lines = '';
		for await (const object of objects) {
			lines += `${JSON.stringify(object)}\n`;
			if (lines.length < CHUNK_BYTES) continue;
			yield account(lines);
			lines = '';
		}
		if (lines !== '') yield account(lines);
	}
	const account = (lines: string): Uint8Array => {
		const bytes = Buffer.from(lines);
		hash.update(bytes);
		sizeBytes += bytes.length;
		return bytes;
	};
	return { content: write(), digest: () => ({ sizeBytes, sha256: hash.digest('hex') }) };
}
