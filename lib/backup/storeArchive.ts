import { createHash, type Hash } from 'node:crypto';
import type { PostgresConnection } from '../support/postgres.client';
import { archiveArguments } from './archiveArguments';
import { bestCompression, compress, suffixOf } from './compression';
import { encrypt } from './encryption/encryption';
import { backupErrors } from './errors';
import type { Tool } from './findTool.client';
import { libpqEnvironment } from './libpqConnection';
import type { ArchiveStore, BackupLocation, BackupRun, StoredArchive } from './model';
import type { PlannedArchive } from './planArchives';
import type { Snapshot } from './snapshot.client';
import type { StandbyAddress } from './standby.client';
import { describeExit, startTool, type RunningTool } from './tool.client';

export interface CreateBackupOptions extends BackupRun {
	readonly location: BackupLocation;
	/** How long pg_dump and the hashing may wait for a table that is locked. */
	readonly lockWaitTimeoutSeconds: number;
	/** Tables whose rows take less than that on disk share an archive. Absent: 64 MiB. */
	readonly smallestArchiveBytes?: number | undefined;
	/** Time in which it is to be created and verified; a backup that is not likely to be is refused before it is begun. Absent: not asked. */
	readonly budgetMs?: number | undefined;
	/** A streaming standby that is read in the place of the source. Absent: the source itself is. */
	readonly standby?: StandbyAddress | undefined;
	/** Public keys of age that the archives are encrypted for. Absent or empty: they are not. */
	readonly recipients?: readonly string[] | undefined;
	/** The id that it is to have. Absent: a new one. */
	readonly backupId?: string | undefined;
}

/** One backup while it is made. */
export interface BackupWork {
	readonly id: string;
	/** What is read: the source, or a standby of it. */
	readonly source: PostgresConnection;
	readonly store: ArchiveStore;
	readonly snapshot: Snapshot;
	readonly tool: Tool;
	/** By the monotonic clock. */
	readonly startedAtMs: number;
	/** Ends everything that runs; its reason is the first failure. */
	readonly failed: AbortController;
	/** With a signal that `failed` aborts too. */
	readonly options: CreateBackupOptions;
}

/** Where an archive goes, and what its pg_dump needs besides the backup's work. */
export interface ArchiveRun {
	/** Without the suffix of its compression. */
	readonly key: string;
	readonly certificates: string | undefined;
	readonly signal: AbortSignal;
	onBytes(bytes: number): void;
}

/**
 * Dumps one archive of the snapshot into storage. It appears there only after pg_dump has ended with exit code 0.
 * @throws RunbookError BACKUP.DUMP_FAILED, UPLOAD_INCOMPLETE, the store's error, the reason of the signal
 */
export async function storeArchive(
	{ source, store, snapshot, tool, options }: BackupWork,
	planned: PlannedArchive,
	{ key: stem, certificates, signal, onBytes }: ArchiveRun,
): Promise<StoredArchive> {
	const { bucket } = options.location;
	const { lockWaitTimeoutSeconds, recipients = [] } = options;
	const compression = bestCompression();
	const encrypted = recipients.length > 0;
	const key = `${stem}${suffixOf(compression)}${encrypted ? '.age' : ''}`;
	const dump = startTool({
		path: tool.path,
		args: archiveArguments(planned, source, { snapshot: snapshot.name, lockWaitTimeoutSeconds }),
		env: libpqEnvironment(source, certificates),
		signal,
		secrets: [source.password],
	});
	const digest = createHash('sha256');
	const counted = { bytes: 0 };
	// An encryptor holds pieces on after it took them; an upload copies each.
	const compressed = compress(observed(dump.stdout, onBytes), { compression, kept: encrypted });
	const archive = readArchive(encrypted ? encrypt(compressed, recipients) : compressed, {
		digest,
		counted,
		ended: async () => await refuseUnlessEnded(dump, signal),
	});
	try {
		await store.putStream({ bucket, key }, archive, { expectedBytes: expectedBytes(planned, snapshot), signal });
	} finally {
		// Without a reader it would wait for ever to be read.
		dump.stdout.destroy();
		await dump.exit;
	}
	const tables = planned.kind === 'tables' ? planned.tables.map(({ schema, name }) => ({ schema, name })) : [];
	await refuseUnlessStored(store, { bucket, key, expectedBytes: counted.bytes, signal });
	return { kind: planned.kind, key, sizeBytes: counted.bytes, sha256: digest.digest('hex'), compression, tables };
}

/** A guess that the size of the upload's parts is chosen by; text is longer than rows on disk, and compressed to less. */
function expectedBytes(planned: PlannedArchive, { sizeBytes }: Snapshot): number {
	if (planned.kind === 'schema') return 0;
	if (planned.kind === 'rest') return sizeBytes;
	return planned.tables.reduce((sum, table) => sum + table.sizeBytes, 0);
}

async function refuseUnlessEnded(dump: RunningTool, signal: AbortSignal): Promise<void> {
	const exit = await dump.exit;
	signal.throwIfAborted();
	if (exit.code !== 0) throw backupErrors.DUMP_FAILED({ exit: describeExit(exit), problem: exit.problem });
}

async function* observed(stdout: AsyncIterable<Buffer>, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
	for await (const chunk of stdout) {
		onBytes(chunk.length);
		yield chunk;
	}
}

/** The bytes to store; the stream ends only after `ended` said that everything went well. */
async function* readArchive(
	content: AsyncIterable<Uint8Array>,
	{ digest, counted, ended }: { digest: Hash; counted: { bytes: number }; ended(): Promise<void> },
): AsyncGenerator<Uint8Array> {
	for await (const chunk of content) {
		digest.update(chunk);
		counted.bytes += chunk.length;
		yield chunk;
	}
	await ended();
}

async function refuseUnlessStored(
	store: ArchiveStore,
	{ bucket, key, expectedBytes, signal }: { bucket: string; key: string; expectedBytes: number; signal: AbortSignal },
): Promise<void> {
	const actualBytes = (await store.readSize({ bucket, key }, signal)) ?? 0;
	if (actualBytes === expectedBytes) return;
	throw backupErrors.UPLOAD_INCOMPLETE({ key, actualBytes, expectedBytes });
}
