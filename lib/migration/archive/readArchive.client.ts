import { createHash } from 'node:crypto';
import { migrationErrors } from '../errors';
import { fieldOf } from '../sqlState';
import type { ArchiveEntry } from './archiveEntry';
import { readTar } from './readTar.client';
import { isZip, readZip } from './readZip.client';

/** A migrations folder as an archive holds it. */
export interface MigrationsArchive {
	/** SHA-256 (hex) of the archive as it was sent. */
	readonly sha256: string;
	/** Texts by their path below the folder that holds migration_lock.toml: that file, and each migration's migration.sql and down.sql. */
	readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Sixty migrations take less than a megabyte; what is far larger is no migrations folder, or is meant to fill the memory. */
const LARGEST_BYTES = 64_000_000;
const MOST_ENTRIES = 20_000;
const LOCK_FILE = 'migration_lock.toml';
const WANTED = /(^|\/)(migration_lock\.toml|migration\.sql|down\.sql)$/;

/**
 * Reads a zip archive, or a tar archive packed by gzip or not, without writing anything. Links, devices and names that lead out of it are refused, for somebody
 * who makes such an archive means harm; so is whatever unpacks to more than 64 MB.
 * @throws RunbookError MIGRATION.ARCHIVE_UNREADABLE, ARCHIVE_UNSAFE; what the source throws
 */
export async function readArchive(
	content: AsyncIterable<Uint8Array>,
	{ archive, signal }: { archive: string; signal: AbortSignal },
): Promise<MigrationsArchive> {
	const hash = createHash('sha256');
	const packed = await collect(content, { archive, signal });
	hash.update(packed);
	const found = new Map<string, Uint8Array>();
	try {
		await readEntries(isZip(packed) ? readZip(packed) : readTar(packed), found, archive);
	} catch (error) {
		if (error instanceof Error && 'fix' in error) throw error;
		const code = fieldOf(error, 'code');
		const problem = typeof code === 'string' ? code : 'it is no whole tar or zip archive';
		throw migrationErrors.ARCHIVE_UNREADABLE({ archive, problem }, error);
	}
	return { sha256: hash.digest('hex'), files: belowLockFile(found, archive) };
}

async function collect(
	content: AsyncIterable<Uint8Array>,
	{ archive, signal }: { archive: string; signal: AbortSignal },
): Promise<Buffer> {
	const parts: Uint8Array[] = [];
	let bytes = 0;
	for await (const part of content) {
		signal.throwIfAborted();
		bytes += part.length;
		if (bytes > LARGEST_BYTES) throw tooLarge(archive);
		parts.push(part);
	}
	return Buffer.concat(parts);
}

async function readEntries(
	entries: AsyncIterable<ArchiveEntry>,
	found: Map<string, Uint8Array>,
	archive: string,
): Promise<void> {
	let count = 0;
	let bytes = 0;
	for await (const { name, type, content } of entries) {
		count += 1;
		refuseUnsafe({ name, type }, archive);
		if (count > MOST_ENTRIES) throw tooLarge(archive);
		const parts: Uint8Array[] = [];
		for await (const part of content) {
			bytes += part.length;
			if (bytes > LARGEST_BYTES) throw tooLarge(archive);
			parts.push(part);
		}
		const path = name.replace(/^(\.\/)+/, '');
		if (type === 'file' && WANTED.test(path)) found.set(path, Buffer.concat(parts));
	}
}

function refuseUnsafe({ name, type }: { name: string; type: string }, archive: string): void {
	const leadsOut = /^(\/|[a-zA-Z]:)/.test(name) || /[\\\0]/.test(name) || name.split('/').includes('..');
	if (leadsOut) throw migrationErrors.ARCHIVE_UNSAFE({ archive, entry: name, problem: 'its name leads out of it' });
	if (type !== 'file' && type !== 'directory')
		throw migrationErrors.ARCHIVE_UNSAFE({ archive, entry: name, problem: `it is a ${type}` });
}

function tooLarge(archive: string): Error {
	const problem = `unpacked it is larger than ${LARGEST_BYTES / 1_000_000} MB, or has more than ${MOST_ENTRIES} entries`;
	return migrationErrors.ARCHIVE_UNSAFE({ archive, entry: '(all)', problem });
}

/** @throws RunbookError MIGRATION.ARCHIVE_UNREADABLE without a lock file, or with several */
function belowLockFile(found: ReadonlyMap<string, Uint8Array>, archive: string): Map<string, Uint8Array> {
	const locks = [...found.keys()].filter((path) => path === LOCK_FILE || path.endsWith(`/${LOCK_FILE}`));
	const [lock] = locks;
	if (lock === undefined || locks.length > 1)
		throw migrationErrors.ARCHIVE_UNREADABLE({
			archive,
			problem: lock === undefined ? `it holds no ${LOCK_FILE}` : `it holds several: ${locks.sort().join(', ')}`,
		});
	const root = lock.slice(0, -LOCK_FILE.length);
	const below = [...found]
		.filter(([path]) => path.startsWith(root))
		.map(([path, bytes]) => [path.slice(root.length), bytes] as const);
	return new Map(below.filter(([path]) => path === LOCK_FILE || path.split('/').length === 2));
}
