import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Duplex, type Writable } from 'node:stream';
import { createDecompressor, freeingWriter, giveBackWhole } from './compression';
import { decrypt } from './encryption/encryption';
import type { ArchiveStore, BackupLocation, StoredArchive } from './model';
import { fail, type VerificationReason } from './verification';

export interface FetchedArchive {
	/** Bytes read, whether or not anybody wanted them all. */
	readonly sizeBytes: number;
	readonly sha256: string;
	/** What is wrong with them; empty when they are what the manifest says. */
	readonly reasons: readonly VerificationReason[];
}

/**
 * Reads an archive back from storage to its end, hashing what is stored, and writes it, decrypted and decompressed, into `sink`, which is ended.
 * A sink that closes early, and bytes that cannot be decrypted or decompressed, do not stop the hashing.
 * @throws VerificationStop ARCHIVE_MISSING, the store's error
 */
export async function fetchArchive(
	store: ArchiveStore,
	archive: StoredArchive,
	{
		location,
		identity,
		sink,
		signal,
		onBytes,
	}: {
		location: BackupLocation;
		/** Absent: the archive is not encrypted. */
		identity: string | undefined;
		sink: Writable;
		signal: AbortSignal;
		onBytes(bytes: number): void;
	},
): Promise<FetchedArchive> {
	const object = await store.openStream({ bucket: location.bucket, key: archive.key }, signal);
	if (!object) throw archiveMissing(archive.key);
	const entry = connectStages(archive, identity, sink);
	const digest = createHash('sha256');
	let sizeBytes = 0;
	try {
		for await (const chunk of object.content) {
			digest.update(chunk);
			sizeBytes += chunk.length;
			onBytes(chunk.length);
			// A decryptor holds pieces on after it took them.
			await write(entry, chunk, identity === undefined ? () => giveBackWhole(chunk) : undefined);
		}
	} catch (error) {
		entry.destroy();
		sink.destroy();
		throw error;
	}
	entry.end();
	const fetched = { sizeBytes, sha256: digest.digest('hex') };
	return { ...fetched, reasons: compare(archive, fetched) };
}

/** What stored bytes go through on their way into the sink; they are written into the first. */
function connectStages(archive: StoredArchive, identity: string | undefined, sink: Writable): Writable {
	const decompressor = createDecompressor(archive.compression);
	const decryptor =
		identity === undefined ? undefined : Duplex.from((file: AsyncIterable<Uint8Array>) => decrypt(file, identity));
	// Not a pipeline: what the sink does is told by whoever owns it.
	for (const stage of [decryptor, decompressor]) {
		stage?.on('error', () => sink.end());
		sink.on('close', () => stage?.destroy());
	}
	decryptor?.pipe(decompressor);
	decompressor.pipe(freeingWriter(sink));
	return decryptor ?? decompressor;
}

export function archiveMissing(key: string): Error {
	return fail('ARCHIVE_MISSING', `There is no archive ${key}, though its manifest exists`);
}

function compare(
	archive: StoredArchive,
	{ sizeBytes, sha256 }: { sizeBytes: number; sha256: string },
): VerificationReason[] {
	const reasons: VerificationReason[] = [];
	if (sizeBytes !== archive.sizeBytes) {
		const message = `Read ${sizeBytes} bytes of ${archive.key}, the manifest says ${archive.sizeBytes}`;
		reasons.push({ code: 'SIZE_MISMATCH', message });
	}
	if (sha256 !== archive.sha256) {
		const message = `The SHA-256 of ${archive.key} as read back differs from its manifest`;
		reasons.push({ code: 'CHECKSUM_MISMATCH', message });
	}
	return reasons;
}

/** Waits while the stream is full; goes on without it once it has closed, since the rest is still to be hashed. */
async function write(stream: Writable, chunk: Uint8Array, used: (() => void) | undefined): Promise<void> {
	if (stream.destroyed || stream.write(chunk, used)) return;
	const settled = new AbortController();
	const events = ['drain', 'close'].map(async (event): Promise<void> => {
		await once(stream, event, { signal: settled.signal });
	});
	await Promise.race(events).catch(() => undefined);
	settled.abort();
	await Promise.allSettled(events);
}
