/** The head of a file in the age format, and the key that it holds, wrapped for each of its recipients. */
export interface FileHead {
	readonly header: Uint8Array;
	readonly fileKey: Uint8Array;
}

/** Behind the header of the library's own, empty, file: its nonce and the tag of nothing. */
const EMPTY_PAYLOAD_BYTES = 32;

/** A head with a fresh key. @throws the library's error, which may quote what it was given, for something that is no recipient */
export async function createHead(recipients: readonly string[]): Promise<FileHead> {
	const { Encrypter } = await import('age-encryption');
	const encrypter = new Encrypter();
	for (const recipient of recipients) encrypter.addRecipient(recipient);
	let fileKey = new Uint8Array();
	// One more recipient, which takes note of the key and leaves nothing in the header.
	encrypter.addRecipient({
		wrapFileKey: (key) => {
			fileKey = key.slice();
			return [];
		},
	});
	const file = await encrypter.encrypt(new Uint8Array());
	return { header: file.subarray(0, file.length - EMPTY_PAYLOAD_BYTES), fileKey };
}

/** The key in a header. @throws the library's error when the identity is not for it, or the header is not as it was written */
export async function openHead(header: Uint8Array, identity: string): Promise<Uint8Array> {
	const { Decrypter } = await import('age-encryption');
	const decrypter = new Decrypter();
	decrypter.addIdentity(identity);
	return await decrypter.decryptHeader(header);
}

/** The public key that belongs to an identity; undefined for something that is none. */
export async function recipientOf(identity: string): Promise<string | undefined> {
	const { identityToRecipient } = await import('age-encryption');
	// Its error may quote the identity.
	return await identityToRecipient(identity).catch(() => undefined);
}
