import type { PostgresConnection } from '../support/postgres.client';
import { withCertificates } from './certificates.client';
import { refuseUnlessOpens } from './encryption/encryption';
import { fetchArchive } from './fetchArchive';
import type { Tool } from './findTool.client';
import { inParallel } from './inParallel';
import { judgeRestore } from './judgeRestore';
import { libpqConninfo, libpqEnvironment } from './libpqConnection';
import { logProgress, megabytes } from './logProgress';
import type { ArchiveStore, BackupLocation, BackupManifest, BackupRun, StoredArchive } from './model';
import { withSchemaFile } from './schemaFile.client';
import { startTool, type RunningTool } from './tool.client';
import { fail } from './verification';

export interface RestoreWork {
	/** An empty database with the encoding and locale of the manifest. */
	readonly target: PostgresConnection;
	readonly store: ArchiveStore;
	readonly manifest: BackupManifest;
	/** pg_restore. */
	readonly tool: Tool;
	/** Arguments that leave something out, e.g. `--no-owner`. */
	readonly omit: readonly string[];
	readonly options: BackupRun & { readonly location: BackupLocation };
}

interface Restore extends RestoreWork {
	readonly certificates: string | undefined;
	/** Absent: the archives are not encrypted. */
	readonly identity: string | undefined;
}

/**
 * Restores a backup into an empty database, the first error being fatal: the definitions that rows need, then all archives with rows side
 * by side, then indexes, constraints and triggers. Every archive is hashed as it is read.
 * @returns the bytes that were read from storage
 * @throws VerificationStop when an archive is damaged, cannot be restored, or the target fails; RunbookError BACKUP.IDENTITY_*; the store's error
 */
export async function restoreBackup(work: RestoreWork): Promise<number> {
	const { manifest, target, options } = work;
	const { archives, encryption } = manifest;
	await refuseUnlessOpens(manifest, options.identity);
	const identity = encryption ? options.identity : undefined;
	const schema = archives.find(({ kind }) => kind === 'schema');
	if (!schema) throw fail('MANIFEST_INVALID', 'The manifest names no archive with the schema');
	const total = megabytes(archives.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
	const onBytes = logProgress(options, (bytes) => `${megabytes(bytes)} of ${total} restored`);
	return await withCertificates(target, async (certificates) => {
		const restore: Restore = { ...work, certificates, identity };
		return await withSchemaFile(work, { archive: schema, identity, onBytes }, async (file) => {
			await restoreSection(restore, { section: 'pre-data', file, jobs: 1, archive: schema });
			const withRows = archives
				.filter(({ kind }) => kind !== 'schema')
				.sort((left, right) => right.sizeBytes - left.sizeBytes);
			const { jobs, signal } = options;
			const sizes = await inParallel(withRows, { limit: jobs, signal }, async (archive, running) => {
				return await restoreRows(restore, archive, { signal: running, onBytes });
			});
			await restoreSection(restore, { section: 'post-data', file, jobs, archive: schema });
			return sizes.reduce((sum, size) => sum + size, schema.sizeBytes);
		});
	});
}

async function restoreSection(
	restore: Restore,
	{ section, file, jobs, archive }: { section: string; file: string; jobs: number; archive: StoredArchive },
): Promise<void> {
	const { signal } = restore.options;
	const tool = startRestore(restore, [`--section=${section}`, `--jobs=${jobs}`, file], signal);
	tool.stdin.end();
	const exit = await tool.exit;
	signal.throwIfAborted();
	await judgeRestore(exit, { archive, damages: [], target: restore.target, signal });
}

async function restoreRows(
	restore: Restore,
	archive: StoredArchive,
	{ signal, onBytes }: { signal: AbortSignal; onBytes(bytes: number): void },
): Promise<number> {
	const { store, target, identity, options } = restore;
	const unread = new AbortController();
	const tool = startRestore(restore, [], AbortSignal.any([signal, unread.signal]));
	try {
		const { location } = options;
		const fetched = await fetchArchive(store, archive, { location, identity, sink: tool.stdin, signal, onBytes });
		const exit = await tool.exit;
		signal.throwIfAborted();
		await judgeRestore(exit, { archive, damages: fetched.reasons, target, signal });
		return fetched.sizeBytes;
	} catch (error) {
		unread.abort();
		await tool.exit;
		throw error;
	}
}

function startRestore(
	{ target, tool, omit, certificates }: Restore,
	selection: readonly string[],
	signal: AbortSignal,
): RunningTool {
	const running = startTool({
		path: tool.path,
		args: [
			'--format=custom',
			'--exit-on-error',
			'--no-password',
			...omit,
			`--dbname=${libpqConninfo(target)}`,
			...selection,
		],
		env: libpqEnvironment(target, certificates),
		signal,
		secrets: [target.password],
	});
	// With no reader its output would fill the pipe and stop it.
	running.stdout.resume();
	return running;
}
