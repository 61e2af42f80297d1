import { createHash, type Hash } from 'node:crypto';
import type { PostgresConnection } from '../support/postgres.client';
import { backupErrors } from './errors';
import type { Tool } from './findTool.client';
import { libpqConninfo, libpqEnvironment } from './libpqConnection';
import { logProgress, megabytes } from './logProgress';
import type { ArchiveStore, BackupLocation, BackupRun, DatabaseContent } from './model';
import type { Snapshot } from './snapshot.client';
import { describeExit, startTool } from './tool.client';

export interface CreateBackupOptions extends BackupRun {
	readonly location: BackupLocation;
	/** How long pg_dump and the hashing may wait for a table that is locked. */
	readonly lockWaitTimeoutSeconds: number;
	/** The id that it is to have. Absent: a new one. */
	readonly backupId?: string | undefined;
}

/** One backup while it is made. */
export interface BackupWork {
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

export interface StoredArchive {
	readonly content: DatabaseContent;
	readonly sizeBytes: number;
	readonly sha256: string;
}

/** Dumping and hashing run side by side on the one snapshot; either failing ends the other, and nothing is published. */
export async function storeArchive(
	{ source, store, snapshot, tool, failed, options }: BackupWork,
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
	const archive = readArchive(dump.stdout, {
		digest,
		counted,
		ended,
		onBytes: logProgress(options, (bytes) => `${megabytes(bytes)} dumped`),
	});
	await store
		.putStream({ bucket, key }, archive, { expectedBytes: snapshot.sizeBytes, signal })
		.catch((error: unknown) => failed.abort(error));
	await Promise.allSettled([measured, dump.exit]);
	signal.throwIfAborted();
	await refuseUnlessStored(store, { bucket, key, expectedBytes: counted.bytes, signal });
	return { content: await measured, sizeBytes: counted.bytes, sha256: digest.digest('hex') };
}

function dumpArguments(
	source: PostgresConnection,
	snapshot: Snapshot,
	{ lockWaitTimeoutSeconds }: CreateBackupOptions,
): string[] {
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
	{
		digest,
		counted,
		ended,
		onBytes,
	}: { digest: Hash; counted: { bytes: number }; ended(): Promise<void>; onBytes(bytes: number): void },
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
