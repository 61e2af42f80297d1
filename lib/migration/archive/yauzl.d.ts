/** The part of yauzl that is used; the package brings no types. */
declare module 'yauzl' {
	import type { Readable } from 'node:stream';

	/** Names are given as they stand in the file when `decodeStrings` is false, and nothing of them is checked. */
	export function fromBufferPromise(
		buffer: Buffer,
		options: { readonly decodeStrings: false; readonly validateEntrySizes: true },
	): Promise<ZipFile>;

	/** Decodes a name by its flags and extra fields; with `strictFileNames` a backslash stays one. */
	export function getFileNameLowLevel(
		generalPurposeBitFlag: number,
		fileNameBuffer: Buffer,
		extraFields: readonly ExtraField[],
		strictFileNames: true,
	): string;

	export interface ExtraField {
		readonly id: number;
		readonly data: Buffer;
	}

	export interface Entry {
		readonly fileNameRaw: Buffer;
		readonly extraFields: readonly ExtraField[];
		readonly generalPurposeBitFlag: number;
		/** The upper half is the mode of a file under Unix; 0 elsewhere. */
		readonly externalFileAttributes: number;
		readonly crc32: number;
		isEncrypted(): boolean;
	}

	export interface ZipFile {
		eachEntry(): AsyncIterable<Entry>;
		/** Fails while it is read when its length is not the announced one. */
		openReadStreamPromise(entry: Entry): Promise<Readable>;
	}
}
