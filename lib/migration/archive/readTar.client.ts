import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ArchiveEntry } from './archiveEntry';

/** The entries of a tar archive, packed by gzip or not. @throws what the readers throw of an archive that is cut off or none */
export async function* readTar(packed: Buffer): AsyncGenerator<ArchiveEntry> {
	const { extract } = await import('tar-stream');
	const tar = unpack(packed);
	const entries = extract();
	tar.on('error', (error) => entries.destroy(error));
	tar.pipe(entries);
	for await (const entry of entries) {
		const { name, type } = entry.header;
		yield { name, type: type ?? 'unknown', content: entry as AsyncIterable<Uint8Array> };
	}
}

function unpack(packed: Buffer): Readable {
	const source = Readable.from([packed], { objectMode: false });
	const isGzip = packed[0] === 0x1f && packed[1] === 0x8b;
	return isGzip ? source.pipe(createGunzip()) : source;
}
