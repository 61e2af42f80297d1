import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { inPieces } from './pieces';

/** Of the age format (https://age-encryption.org/v1): ChaCha20-Poly1305 over pieces of 64 KiB, each with its number, the last one marked. */
const CIPHER = 'chacha20-poly1305';
const PIECE_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
/** The counter takes the first eleven bytes; eight exabytes need six of them. */
const COUNTER_OFFSET = 5;
const COUNTER_BYTES = 6;
const PAYLOAD_KEY_BYTES = 32;

/** The key of one file's payload. */
export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
	return new Uint8Array(hkdfSync('sha256', fileKey, nonce, 'payload', PAYLOAD_KEY_BYTES));
}

/** The sealed bytes of `content`, piece by piece. */
export async function* sealPayload(content: AsyncIterable<Uint8Array>, key: Uint8Array): AsyncGenerator<Uint8Array> {
	let number = 0;
	for await (const { bytes, last } of inPieces(content, PIECE_BYTES)) {
		const cipher = createCipheriv(CIPHER, key, nonceOf(number++, last), { authTagLength: TAG_BYTES });
		const sealed = cipher.update(bytes);
		cipher.final();
		yield Buffer.concat([sealed, cipher.getAuthTag()]);
	}
}

/** What was sealed. Nothing of a piece is given before it proved genuine. @throws node's error for a piece that is changed, moved or missing */
export async function* openPayload(sealed: AsyncIterable<Uint8Array>, key: Uint8Array): AsyncGenerator<Uint8Array> {
	let number = 0;
	for await (const { bytes, last } of inPieces(sealed, PIECE_BYTES + TAG_BYTES)) {
		const length = bytes.length - TAG_BYTES;
		if (length < 0 || (length === 0 && number > 0)) throw new Error('the encrypted archive is cut off');
		const decipher = createDecipheriv(CIPHER, key, nonceOf(number++, last), { authTagLength: TAG_BYTES });
		decipher.setAuthTag(bytes.subarray(length));
		const opened = decipher.update(bytes.subarray(0, length));
		decipher.final();
		yield opened;
	}
}

function nonceOf(number: number, last: boolean): Buffer {
	const nonce = Buffer.alloc(NONCE_BYTES);
	nonce.writeUIntBE(number, COUNTER_OFFSET, COUNTER_BYTES);
	nonce.writeUInt8(last ? 1 : 0, NONCE_BYTES - 1);
	return nonce;
}
