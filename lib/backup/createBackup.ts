import type { PostgresConnection } from '../support/postgres.client';
import { backupKeys, type BackupKeys } from './backupKeys';
import { withCertificates } from './certificates.client';
import { createBackupId } from './createBackupId';
import { describeReason } from './describeReason';
import { refuseInvalidRecipients } from './encryption/encryption';
import { backupErrors } from './errors';
import { findTool } from './findTool.client';
import { megabytes } from './logProgress';
import { renderManifest, sealManifest } from './manifest';
import type { ArchiveEncryption, ArchiveStore, SequenceContent } from './model';
import { assessFit, readPaces } from './pace';
import type { SequencePosition } from './sequences.client';
import { openSnapshot, type Snapshot } from './snapshot.client';
import { sourceError } from './sourceError';
import { guardPrimary } from './standby.client';
import { summarizeBackup, type BackupSummary } from './summarizeBackup';
import type { BackupWork, CreateBackupOptions } from './storeArchive';
import { removeFolder, storeArchives } from './storeArchives';

/**
 * Dumps the source into object storage and writes the manifest last. All dumps and the table hashes share one exported snapshot; the
 * archives stream, and the manifest is written only after every pg_dump ended well and every table was counted.
 * @throws RunbookError BACKUP.*, or the store's error. After an error there is no manifest, so there is no backup.
 */
export async function createBackup(
	source: PostgresConnection,
	store: ArchiveStore,
	options: CreateBackupOptions,
): Promise<BackupSummary> {
	await refuseInvalidRecipients(options.recipients ?? []);
	const id = options.backupId ?? createBackupId(options.clock.now());
	const startedAtMs = options.clock.monotonicMs();
	const failed = new AbortController();
	const run = { ...options, signal: AbortSignal.any([options.signal, failed.signal]) };
	const dump = async (read: PostgresConnection): Promise<BackupSummary> =>
		await dumpSnapshot({ id, source: read, store, startedAtMs, failed, options: run });
	try {
		if (!options.standby) return await dump(source);
		const primary = await guardPrimary(source, options.standby, run).catch((error: unknown) => {
			throw sourceError(error, source, run);
		});
		return await dump({ ...source, ...options.standby }).finally(async () => await primary.close());
	} catch (error) {
		if (!options.signal.aborted) throw error;
		throw backupErrors.INTERRUPTED({ reason: describeReason(options.signal.reason) }, error);
	}
}

async function dumpSnapshot(work: Omit<BackupWork, 'snapshot' | 'tool'>): Promise<BackupSummary> {
	const { id, source, store, options } = work;
	const snapshot = await openSnapshot(source, options);
	try {
		const tool = await findTool('pg_dump', snapshot.serverMajor, { folders: options.toolFolders });
		options.log(
			`backup ${id}: ${snapshot.source.databaseName}, ${megabytes(snapshot.sizeBytes)} on disk, pg_dump ${tool.version}`,
		);
		await refuseUnlessFits(store, snapshot, options);
		return await storeBackup({ ...work, snapshot, tool });
	} catch (error) {
		throw options.standby ? await snapshot.explain(error) : error;
	} finally {
		await snapshot.close();
	}
}

async function refuseUnlessFits(
	store: ArchiveStore,
	{ source, sizeBytes }: Snapshot,
	{ location, budgetMs, signal, log }: CreateBackupOptions,
): Promise<void> {
	if (budgetMs === undefined) return;
	const earlier = await readPaces(store, location, { source, signal });
	const { fits, estimateMs, basis } = assessFit(sizeBytes, budgetMs, earlier);
	const minutes = (ms: number): string => (ms / 60_000).toFixed(1);
	const facts = { estimateMinutes: minutes(estimateMs), budgetMinutes: minutes(budgetMs), basis };
	log(`about ${facts.estimateMinutes} of ${facts.budgetMinutes} min to create and verify it, ${basis}`);
	if (fits) return;
	throw backupErrors.WONT_FIT({ database: source.databaseName, sizeMB: Math.round(sizeBytes / 1e6), ...facts });
}

async function storeBackup(work: BackupWork): Promise<BackupSummary> {
	const { id, store, snapshot, tool, options } = work;
	const { bucket, prefix } = options.location;
	const keys = backupKeys(prefix, id);
	const { archives, content, sequences } = await storeContent(work, keys).catch(async (error: unknown) => {
		await removeFolder(store, bucket, keys.folder).catch(() =>
			options.log(
				`what was stored under ${keys.folder} could not be removed; without a manifest it is no backup`,
			),
		);
		throw error;
	});
	const manifest = sealManifest({
		format: 2,
		id,
		source: snapshot.source,
		snapshotAt: snapshot.takenAt,
		serverVersion: snapshot.serverVersion,
		toolVersions: { pgDump: tool.version },
		locale: snapshot.locale,
		sourceBytes: snapshot.sizeBytes,
		tookMs: Math.round(options.clock.monotonicMs() - work.startedAtMs),
		archives,
		encryption: encryptionOf(options),
		rowHash: snapshot.rowHash,
		...content,
		sequences,
		extensions: snapshot.extensions,
		database: snapshot.database,
	});
	await store.putText({ bucket, key: keys.manifest }, renderManifest(manifest), options.signal);
	const summary = summarizeBackup(manifest, options.location);
	const { sizeBytes, tables, rows } = summary;
	options.log(
		`backup ${id}: published, ${megabytes(sizeBytes)} in ${archives.length} archives, ${tables} tables, ${rows} rows`,
	);
	return summary;
}

/** Everything but the manifest. */
async function storeContent(work: BackupWork, keys: BackupKeys) {
	const { source, snapshot } = work;
	const before = await snapshot.readSequences();
	const stored = await withCertificates(
		source,
		async (certificates) => await storeArchives(work, keys, certificates),
	);
	return { ...stored, sequences: joinPositions(before, await snapshot.readSequences()) };
}

function encryptionOf({ recipients = [] }: CreateBackupOptions): ArchiveEncryption | null {
	return recipients.length === 0 ? null : { method: 'age', recipients };
}

/** A sequence that was dropped meanwhile stays where it was. */
function joinPositions(
	before: readonly SequencePosition[],
	after: readonly SequencePosition[],
): readonly SequenceContent[] {
	const keyOf = ({ schema, name }: SequencePosition): string => JSON.stringify([schema, name]);
	const positions = new Map(after.map((sequence) => [keyOf(sequence), sequence.position]));
	return before.map(({ position, ...name }) => ({
		...name,
		positionBefore: position,
		positionAfter: positions.get(keyOf({ ...name, position })) ?? position,
	}));
}
