import { randomBytes } from 'node:crypto';
import { decrypt, encrypt, refuseInvalidRecipients } from '../../../../lib/backup/encryption/encryption';

// Each opening costs a multiplication on the curve, in JavaScript.
jest.setTimeout(60_000);

const PIECE = 64 * 1024;

async function newPair(): Promise<{ identity: string; recipient: string }> {
	const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
	const identity = await generateX25519Identity();
	return { identity, recipient: await identityToRecipient(identity) };
}

async function* inChunks(bytes: Uint8Array, length = 10_007): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}

async function gather(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of content) chunks.push(Buffer.from(chunk));
	return Buffer.concat(chunks);
}

const sealed = async (bytes: Uint8Array, recipients: readonly string[]): Promise<Buffer> =>
	await gather(encrypt(inChunks(bytes), recipients));
const opened = async (file: Uint8Array, identity: string): Promise<Buffer> =>
	await gather(decrypt(inChunks(file, 999), identity));

test.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 200_000])(
	'%d bytes come back for each recipient, and age’s own library opens them too',
	async (length) => {
		const [one, other] = [await newPair(), await newPair()];
		const bytes = randomBytes(length);
		const file = await sealed(bytes, [one.recipient, other.recipient]);
		expect((await opened(file, one.identity)).equals(bytes)).toBe(true);
		expect((await opened(file, other.identity)).equals(bytes)).toBe(true);
		const { Decrypter } = await import('age-encryption');
		const decrypter = new Decrypter();
		decrypter.addIdentity(one.identity);
		expect(bytes.equals(await decrypter.decrypt(new Uint8Array(file)))).toBe(true);
	},
);

test('what age’s own library encrypted is opened', async () => {
	const { identity, recipient } = await newPair();
	const { Encrypter } = await import('age-encryption');
	const encrypter = new Encrypter();
	encrypter.addRecipient(recipient);
	const bytes = randomBytes(PIECE + 5);
	expect((await opened(await encrypter.encrypt(new Uint8Array(bytes)), identity)).equals(bytes)).toBe(true);
});

describe('a file that is not as it was written is refused', () => {
	let identity: string;
	let file: Buffer;
	let payloadAt: number;
	const bytes = randomBytes(2 * PIECE + 100);
	const sealedPiece = PIECE + 16;

	beforeAll(async () => {
		const pair = await newPair();
		identity = pair.identity;
		file = await sealed(bytes, [pair.recipient]);
		payloadAt = file.length - (2 * sealedPiece + 116);
	});

	/** What is given before the damage is found: whole pieces from the beginning, and never one that was not written so. */
	async function openUntilRefused(damaged: Uint8Array): Promise<{ given: Buffer; refused: boolean }> {
		const chunks: Uint8Array[] = [];
		try {
			for await (const chunk of decrypt(inChunks(damaged), identity)) chunks.push(chunk);
			return { given: Buffer.concat(chunks), refused: false };
		} catch {
			return { given: Buffer.concat(chunks), refused: true };
		}
	}

	test('by any flipped bit of its header, and of its pieces wherever it is', async () => {
		const inHeader = Array.from({ length: payloadAt }, (_, index) => index);
		const inPieces = Array.from({ length: 20 }, (_, index) => payloadAt + index * 6_563);
		const unnoticed: number[] = [];
		for (const at of [...inHeader, ...inPieces, file.length - 1]) {
			const damaged = Buffer.from(file);
			damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
			const { given, refused } = await openUntilRefused(damaged);
			if (!refused || !given.equals(bytes.subarray(0, given.length))) unnoticed.push(at);
		}
		expect(unnoticed).toEqual([]);
	});

	const piece = (number: number): Buffer =>
		file.subarray(payloadAt + number * sealedPiece, payloadAt + (number + 1) * sealedPiece);
	test.each<[string, () => Buffer]>([
		['cut off at the end of a piece', () => file.subarray(0, payloadAt + 2 * sealedPiece)],
		['cut off within a piece', () => file.subarray(0, file.length - 1)],
		['without its payload', () => file.subarray(0, payloadAt)],
		['cut off in its header', () => file.subarray(0, 40)],
		[
			'with its pieces in another order',
			() => Buffer.concat([file.subarray(0, payloadAt), piece(1), piece(0), piece(2)]),
		],
		['without its first piece', () => Buffer.concat([file.subarray(0, payloadAt), piece(1), piece(2)])],
		['with something behind its end', () => Buffer.concat([file, Buffer.alloc(20)])],
		['that is something else', () => Buffer.alloc(100_000)],
	])('one %s', async (_what, damage) => {
		const { given, refused } = await openUntilRefused(damage());
		expect([refused, given.equals(bytes.subarray(0, given.length))]).toEqual([true, true]);
	});
});

test('a recipient that is none is refused by its number, and not shown: it may be an identity', async () => {
	const { identity, recipient } = await newPair();
	for (const wrong of [identity, 'age1', 'ssh-ed25519 AAAA', recipient.slice(0, -1)]) {
		const error: unknown = await refuseInvalidRecipients([recipient, wrong]).catch((reason: unknown) => reason);
		expect(error).toMatchObject({ code: 'BACKUP.RECIPIENT_INVALID', meta: { number: 2 } });
		const { cause, stack } = error as Error;
		expect([cause, stack?.includes(wrong)]).toEqual([undefined, false]);
	}
	await refuseInvalidRecipients([recipient]);
});
