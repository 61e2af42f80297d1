import { createHash, type Hash } from 'node:crypto';
import type { PostgresConnection } from '../support/postgres.client';
import { backupKeys } from './backupKeys';
import { withCertificates } from './certificates.client';
import { createBackupId } from './createBackupId';
import { describeReason } from './describeReason';
import { backupErrors } from './errors';
import { findTool, type Tool } from './findTool.client';
import { libpqConninfo, libpqEnvironment } from './libpqConnection';
import { logProgress, megabytes } from './logProgress';
import type { ArchiveStore, BackupLocation, BackupManifest, BackupRun, DatabaseContent, SequenceContent } from './model';
import { openSnapshot, type Snapshot } from './snapshot.client';
import { describeExit, startTool } from './tool.client';

export interface CreateBackupOptions extends BackupRun {
	readonly location: BackupLocation;
	/** How long pg_dump and the hashing may wait for a table that is locked. */
	readonly lockWaitTimeoutSeconds: number;
}

export interface BackupSummary {
	readonly backupId: string;
	readonly bucket: string;
	readonly key: string;
	readonly manifestKey: string;
	readonly sizeBytes: number;
	readonly sha256: string;
	/** Number of tables. */
	readonly tables: number;
	/** Rows of all tables together. */
	readonly rows: number;
}

/**
 * Dumps the source into object storage and writes the manifest last. The dump and the table hashes share one exported snapshot; the
 * archive streams and is published only after pg_dump ended well and every table was counted.
 * @throws RunbookError BACKUP.*, or the store's error. After an error there is no manifest, so there is no backup.
 */
export async function createBackup(source: PostgresConnection, store: ArchiveStore, options: CreateBackupOptions): Promise<BackupSummary> {
	const id = createBackupId(options.clock.now());
	const failed = new AbortController();
	const run = { ...options, signal: AbortSignal.any([options.signal, failed.signal]) };
	try {
		const snapshot = await openSnapshot(source, run);
		try {
			const tool = await findTool('pg_dump', snapshot.serverMajor, { folders: options.toolFolders });
			options.log(`backup ${id}: ${snapshot.source.databaseName}, ${megabytes(snapshot.sizeBytes)} on disk, pg_dump ${tool.version}`);
			return await storeBackup({ id, source, store, snapshot, tool, failed, options: run });
		} finally {
			await snapshot.close();
		}
	} catch (error) {
		if (!options.signal.aborted) throw error;
		throw backupErrors.INTERRUPTED({ reason: describeReason(options.signal.reason) }, error);
	}
}

interface Work {
	readonly id: string;
	readonly source: PostgresConnection;
	readonly store: ArchiveStore;
	readonly snapshot: Snapshot;
	readonly tool: Tool;
	/** Ends everything that runs; its reason is the first failure. */
	readonly failed: AbortController;
	/** With a signal that `failed` aborts too. */
	readonly options: CreateBackupOptions;
}

async function storeBackup(work: Work): Promise<BackupSummary> {
	const { id, store, snapshot, tool, options } = work;
	const { bucket, prefix } = options.location;
	const keys = backupKeys(prefix, id);
	const before = await snapshot.readSequences();
	const { content, sizeBytes, sha256 } = await withCertificates(
		work.source,
		async (certificates) => await storeArchive(work, { bucket, key: keys.archive, certificates }),
	);
	const after = new Map((await snapshot.readSequences()).map(({ schema, name, position }) => [JSON.stringify([schema, name]), position]));
	const sequences = before.map(({ schema, name, position }): SequenceContent => {
		return { schema, name, positionBefore: position, positionAfter: after.get(JSON.stringify([schema, name])) ?? position };
	});
	const manifest: BackupManifest = {
		format: 1,
		id,
		source: snapshot.source,
		snapshotAt: snapshot.takenAt,
		serverVersion: snapshot.serverVersion,
		toolVersions: { pgDump: tool.version },
		locale: snapshot.locale,
		archive: { key: keys.archive, sizeBytes, sha256 },
		...content,
		sequences,
		extensions: snapshot.extensions,
	};
	await store.putText({ bucket, key: keys.manifest }, `${JSON.stringify(manifest, null, '\t')}\n`, options.signal);
	const rows = content.tables.reduce((sum, table) => sum + table.rows, 0);
	options.log(`backup ${id}: published, ${megabytes(sizeBytes)}, ${content.tables.length} tables, ${rows} rows`);
	return { backupId: id, bucket, key: keys.archive, manifestKey: keys.manifest, sizeBytes, sha256, tables: content.tables.length, rows };
}

interface StoredArchive {
	readonly content: DatabaseContent;
	readonly sizeBytes: number;
	readonly sha256: string;
}

/** Dumping and hashing run side by side on the one snapshot; either failing ends the other, and nothing is published. */
async function storeArchive(
	{ source, store, snapshot, tool, failed, options }: Work,
	{ bucket, key, certificates }: { bucket: string; key: string; certificates: string | undefined },
): Promise<StoredArchive> {
	const { signal } = options;
	const measured = snapshot.readContent(logProgress(options, (rows) => `${rows} rows hashed`));
	measured.catch((error: unknown) => failed.abort(error));
	const dump = startTool({
		path: tool.path,
		args: dumpArguments(source, snapshot, options),
		env: libpqEnvironment(source, certificates),
		signal,
		secrets: [source.password],
	});
	const digest = createHash('sha256');
	const counted = { bytes: 0 };
	const ended = async (): Promise<void> => {
		const exit = await dump.exit;
		signal.throwIfAborted();
		if (exit.code !== 0) throw backupErrors.DUMP_FAILED({ exit: describeExit(exit), problem: exit.problem });
		await measured;
	};
	const archive = readArchive(dump.stdout, { digest, counted, ended, onBytes: logProgress(options, (bytes) => `${megabytes(bytes)} dumped`) });
	await store
		.putStream({ bucket, key }, archive, { expectedBytes: snapshot.sizeBytes, signal })
		.catch((error: unknown) => failed.abort(error));
	await Promise.allSettled([measured, dump.exit]);
	signal.throwIfAborted();
	await refuseUnlessStored(store, { bucket, key, expectedBytes: counted.bytes, signal });
	return { content: await measured, sizeBytes: counted.bytes, sha256: digest.digest('hex') };
}

function dumpArguments(source: PostgresConnection, snapshot: Snapshot, { lockWaitTimeoutSeconds }: CreateBackupOptions): string[] {
	return [
		'--format=custom',
		'--no-password',
		`--lock-wait-timeout=${lockWaitTimeoutSeconds * 1000}`,
		`--snapshot=${snapshot.name}`,
		`--dbname=${libpqConninfo(source)}`,
	];
}

/** The dump's bytes; the stream ends only after `ended` said that everything went well. */
async function* readArchive(
	stdout: AsyncIterable<Buffer>,
	{ digest, counted, ended, onBytes }: { digest: Hash; counted: { bytes: number }; ended(): Promise<void>; onBytes(bytes: number): void },
): AsyncGenerator<Uint8Array> {
	for await (const chunk of stdout) {
		digest.update(chunk);
		counted.bytes += chunk.length;
		onBytes(chunk.length);
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
	await store.remove({ bucket, key }).catch(() => undefined);
	throw backupErrors.UPLOAD_INCOMPLETE({ key, actualBytes, expectedBytes });
}
