import { crc32 } from 'node:zlib';
import type { Entry } from 'yauzl';
import type { ArchiveEntry } from './archiveEntry';

/** `PK`, then a file's header or, where it holds none, the end of the list. */
const SIGNATURES = [0x04034b50, 0x06054b50];
/** The kind of a file in its mode under Unix. */
const KIND = 0o170_000;
const KINDS: Readonly<Record<number, string>> = {
	0: '',
	0o100_000: 'file',
	0o040_000: 'directory',
	0o120_000: 'symlink',
};

export function isZip(packed: Buffer): boolean {
	return packed.length >= 4 && SIGNATURES.includes(packed.readUInt32LE(0));
}

/**
 * The entries of a zip archive. Lengths and checksums that are not the announced ones fail while the content is read.
 * @throws what the reader throws of an archive that is cut off, encrypted, or packed by a method it does not know
 */
export async function* readZip(packed: Buffer): AsyncGenerator<ArchiveEntry> {
	const { fromBufferPromise, getFileNameLowLevel } = await import('yauzl');
	// Names are decoded here: the library would turn a backslash into a slash, where it is to be refused.
	const zip = await fromBufferPromise(packed, { decodeStrings: false, validateEntrySizes: true });
	for await (const entry of zip.eachEntry()) {
		const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
		const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
		if (entry.isEncrypted()) throw new Error('an entry of the archive is encrypted');
		yield { name, type: typeOf(entry, name), content: checked(entry, await zip.openReadStreamPromise(entry)) };
	}
}

/** What does not say what it is by its mode says so by the end of its name. */
function typeOf({ externalFileAttributes }: Entry, name: string): string {
	const mode = externalFileAttributes >>> 16;
	const kind = KINDS[mode & KIND] ?? `file of mode ${mode.toString(8)}`;
	return kind === '' ? (name.endsWith('/') ? 'directory' : 'file') : kind;
}

async function* checked(entry: Entry, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	let sum = 0;
	for await (const part of content) {
		sum = crc32(part, sum);
		yield part;
	}
	if (sum !== entry.crc32) throw new Error('the checksum of an entry is not the announced one');
}
