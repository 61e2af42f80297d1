import type { PostgresConnection } from '../support/postgres.client';
import { backupKeys } from './backupKeys';
import { withCertificates } from './certificates.client';
import { createBackupId } from './createBackupId';
import { describeReason } from './describeReason';
import { backupErrors } from './errors';
import { findTool } from './findTool.client';
import { megabytes } from './logProgress';
import type { ArchiveStore, BackupManifest, SequenceContent } from './model';
import { openSnapshot } from './snapshot.client';
import { summarizeBackup, type BackupSummary } from './summarizeBackup';
import { storeArchive, type BackupWork, type CreateBackupOptions } from './storeArchive';

/**
 * Dumps the source into object storage and writes the manifest last. The dump and the table hashes share one exported snapshot; the
 * archive streams and is published only after pg_dump ended well and every table was counted.
 * @throws RunbookError BACKUP.*, or the store's error. After an error there is no manifest, so there is no backup.
 */
export async function createBackup(
	source: PostgresConnection,
	store: ArchiveStore,
	options: CreateBackupOptions,
): Promise<BackupSummary> {
	const id = options.backupId ?? createBackupId(options.clock.now());
	const failed = new AbortController();
	const run = { ...options, signal: AbortSignal.any([options.signal, failed.signal]) };
	try {
		const snapshot = await openSnapshot(source, run);
		try {
			const tool = await findTool('pg_dump', snapshot.serverMajor, { folders: options.toolFolders });
			options.log(
				`backup ${id}: ${snapshot.source.databaseName}, ${megabytes(snapshot.sizeBytes)} on disk, pg_dump ${tool.version}`,
			);
			return await storeBackup({ id, source, store, snapshot, tool, failed, options: run });
		} finally {
			await snapshot.close();
		}
	} catch (error) {
		if (!options.signal.aborted) throw error;
		throw backupErrors.INTERRUPTED({ reason: describeReason(options.signal.reason) }, error);
	}
}

async function storeBackup(work: BackupWork): Promise<BackupSummary> {
	const { id, store, snapshot, tool, options } = work;
	const { bucket, prefix } = options.location;
	const keys = backupKeys(prefix, id);
	const before = await snapshot.readSequences();
	const { content, sizeBytes, sha256 } = await withCertificates(
		work.source,
		async (certificates) => await storeArchive(work, { bucket, key: keys.archive, certificates }),
	);
	const after = new Map(
		(await snapshot.readSequences()).map(({ schema, name, position }) => [
			JSON.stringify([schema, name]),
			position,
		]),
	);
	const sequences = before.map(({ schema, name, position }): SequenceContent => {
		return {
			schema,
			name,
			positionBefore: position,
			positionAfter: after.get(JSON.stringify([schema, name])) ?? position,
		};
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
	const summary = summarizeBackup(manifest, options.location);
	const { tables, rows } = summary;
	options.log(`backup ${id}: published, ${megabytes(sizeBytes)}, ${tables} tables, ${rows} rows`);
	return summary;
}
