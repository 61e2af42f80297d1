import { randomBytes } from 'node:crypto';
import { backupErrors } from '../errors';
import type { BackupManifest } from '../model';
import { createHead, openHead, recipientOf } from './header.client';
import { openPayload, payloadKey, sealPayload } from './payload';

const NONCE_BYTES = 16;
/** A header has some hundred bytes for each recipient; without its end within that, it is none. */
const LONGEST_HEADER_BYTES = 64 * 1024;
const HEADER_END = /\n--- [A-Za-z0-9+/]{43}\n/;

/** Refuses, before anything is done, what archives cannot be encrypted for. @throws RunbookError BACKUP.RECIPIENT_INVALID, which does not show it */
export async function refuseInvalidRecipients(recipients: readonly string[]): Promise<void> {
	for (const [index, recipient] of recipients.entries()) {
		const valid = await createHead([recipient]).then(
			() => true,
			() => false,
		);
		// Without its cause, which may quote it: it may be an identity by mistake.
		if (!valid) throw backupErrors.RECIPIENT_INVALID({ number: index + 1 });
	}
}

/** `content` as a file in the age format, which any of the recipients' identities opens. */
export async function* encrypt(
	content: AsyncIterable<Uint8Array>,
	recipients: readonly string[],
): AsyncGenerator<Uint8Array> {
	const { header, fileKey } = await createHead(recipients);
	const nonce = randomBytes(NONCE_BYTES);
	yield Buffer.concat([header, nonce]);
	yield* sealPayload(content, payloadKey(fileKey, nonce));
}

/** What was encrypted; nothing that is not genuine is given. @throws an error for anything that is not as it was written */
export async function* decrypt(file: AsyncIterable<Uint8Array>, identity: string): AsyncGenerator<Uint8Array> {
	const { header, nonce, payload } = await splitFile(file);
	yield* openPayload(payload, payloadKey(await openHead(header, identity), nonce));
}

/**
 * Whether the identity opens this backup is told by the recipients that its manifest names.
 * @throws RunbookError BACKUP.IDENTITY_MISSING, IDENTITY_WRONG
 */
export async function refuseUnlessOpens(
	{ id: backupId, encryption }: BackupManifest,
	identity: string | undefined,
): Promise<void> {
	if (!encryption) return;
	const recipients = encryption.recipients.join(', ');
	if (identity === undefined) throw backupErrors.IDENTITY_MISSING({ backupId, recipients });
	const own = await recipientOf(identity);
	if (own === undefined || !encryption.recipients.includes(own))
		throw backupErrors.IDENTITY_WRONG({ backupId, recipients, own: own ?? 'none' });
}

async function splitFile(file: AsyncIterable<Uint8Array>): Promise<{
	readonly header: Uint8Array;
	readonly nonce: Uint8Array;
	readonly payload: AsyncIterable<Uint8Array>;
}> {
	const chunks = file[Symbol.asyncIterator]();
	let read = Buffer.alloc(0);
	for (;;) {
		const end = HEADER_END.exec(read.toString('latin1'));
		const headerBytes = end === null ? Number.POSITIVE_INFINITY : end.index + end[0].length;
		if (read.length >= headerBytes + NONCE_BYTES) {
			const payloadAt = headerBytes + NONCE_BYTES;
			return {
				header: read.subarray(0, headerBytes),
				nonce: read.subarray(headerBytes, payloadAt),
				payload: continued(read.subarray(payloadAt), chunks),
			};
		}
		const next = read.length > LONGEST_HEADER_BYTES ? undefined : await chunks.next();
		if (next === undefined || next.done === true) throw new Error('the archive is not in the age format');
		read = Buffer.concat([read, next.value]);
	}
}

async function* continued(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
	yield first;
	for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
