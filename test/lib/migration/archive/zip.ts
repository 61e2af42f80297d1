import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip archive; what is set beside name and text is a lie, or harm. */
export interface ZipEntry {
	readonly name: string;
	readonly text: string | Buffer;
	/** False: stored as it is. */
	readonly packed?: boolean;
	/** Mode under Unix, kind included. Absent: the archive says nothing. */
	readonly mode?: number;
	/** Flags beside the one for UTF-8. */
	readonly flags?: number;
	/** Checksum that is announced. */
	readonly crc?: number;
	/** Length that is announced. */
	readonly size?: number;
}

const UTF8 = 0x800;

/** A zip archive byte by byte, so that it can also be one that no tool would make. */
export function zip(entries: readonly ZipEntry[]): Buffer {
	const files: Buffer[] = [];
	const list: Buffer[] = [];
	let offset = 0;
	for (const entry of entries) {
		const [name, text] = [Buffer.from(entry.name), Buffer.from(entry.text)];
		const isPacked = entry.packed ?? true;
		const body = isPacked ? deflateRawSync(text) : text;
		const facts = Buffer.alloc(26);
		facts.writeUInt16LE(20, 0);
		facts.writeUInt16LE(UTF8 | (entry.flags ?? 0), 2);
		facts.writeUInt16LE(isPacked ? 8 : 0, 4);
		facts.writeUInt32LE(entry.crc ?? crc32(text), 10);
		facts.writeUInt32LE(body.length, 14);
		facts.writeUInt32LE(entry.size ?? text.length, 18);
		facts.writeUInt16LE(name.length, 22);
		const file = Buffer.concat([Buffer.from('PK\u0003\u0004'), facts, name, body]);
		const tail = Buffer.alloc(14);
		tail.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 6);
		tail.writeUInt32LE(offset, 10);
		// Made under Unix.
		list.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 3]), facts, tail, name]));
		files.push(file);
		offset += file.length;
	}
	const directory = Buffer.concat(list);
	const end = Buffer.alloc(22);
	end.write('PK\u0005\u0006', 0, 'latin1');
	end.writeUInt16LE(entries.length, 8);
	end.writeUInt16LE(entries.length, 10);
	end.writeUInt32LE(directory.length, 12);
	end.writeUInt32LE(offset, 16);
	return Buffer.concat([...files, directory, end]);
}
