import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { describeReason } from './describeReason';
import { fetchArchive } from './fetchArchive';
import type { ArchiveStore, BackupLocation, BackupRun, StoredArchive } from './model';
import { obstruct, VerificationStop } from './verification';

/**
 * Runs `action` with the schema archive as a temporary file, which pg_restore reads twice and from several processes. It holds
 * definitions and no rows, and is hashed before anything of it is run.
 * @throws VerificationStop when it is missing or damaged; the store's error
 */
export async function withSchemaFile<T>(
	{ store, options }: { store: ArchiveStore; options: BackupRun & { readonly location: BackupLocation } },
	{
		archive,
		identity,
		onBytes,
	}: { archive: StoredArchive; identity: string | undefined; onBytes(bytes: number): void },
	action: (file: string) => Promise<T>,
): Promise<T> {
	const folder = await mkdtemp(join(tmpdir(), 'runbook-schema-'));
	try {
		const file = join(folder, 'schema.dump');
		const sink = createWriteStream(file, { mode: 0o600 });
		const written = finished(sink).catch((error: unknown) => error);
		const { location, signal } = options;
		const { reasons } = await fetchArchive(store, archive, { location, identity, sink, signal, onBytes });
		const problem = await written;
		if (reasons.length > 0) throw new VerificationStop('failed', reasons);
		if (problem !== undefined)
			throw obstruct(
				'HOST_DISK_UNAVAILABLE',
				`The schema cannot be written into ${tmpdir()}: ${describeReason(problem)}`,
			);
		return await action(file);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
