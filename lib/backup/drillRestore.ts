import type { PostgresConnection } from '../support/postgres.client';
import { compareContent, type ContentDifference } from './compareContent';
import type { Tool } from './findTool.client';
import { logProgress, megabytes } from './logProgress';
import type { ArchiveStore, BackupLocation, BackupManifest, BackupRun } from './model';
import { onScratch } from './onScratch';
import { restoreArchive, type RestoreOutcome } from './restoreArchive';
import { scratchName } from './scratchName';
import { createScratchDatabase, dropScratchDatabase, probeScratchDatabase, readRestored } from './scratch.client';
import { describeExit } from './tool.client';
import { fail, obstruct, VerificationStop, type VerificationReason } from './verification';

/** What is known so far; filled in while the drill goes on, so that an early end can report it. */
export interface DrillFacts {
	sizeBytes: number;
	sha256: string;
	tables: number;
	rows: number;
}

/** What the name of a scratch database tells, for whoever sweeps what a kill left behind. */
export interface ScratchLife {
	/** Absent without a release: then the backup's id stands in its name. */
	readonly releaseId?: string | undefined;
	readonly expiresAfterMs: number;
}

export interface Drill {
	readonly scratch: PostgresConnection;
	readonly store: ArchiveStore;
	readonly manifest: BackupManifest;
	readonly tool: Tool;
	readonly facts: DrillFacts;
	readonly options: BackupRun & { readonly location: BackupLocation; readonly scratchLife: ScratchLife };
}

/**
 * Restores a backup into a fresh scratch database, compares it with its manifest and drops the database whatever happened.
 * @returns every difference
 * @throws VerificationStop, RunbookError BACKUP.SCRATCH_REFUSED, the store's RunbookError
 */
export async function drillRestore(work: Drill): Promise<ContentDifference[]> {
	const { scratch, manifest, options } = work;
	await refuseUnlessWhole(work);
	const { releaseId, expiresAfterMs } = options.scratchLife;
	const expiresAt = new Date(options.clock.now().getTime() + expiresAfterMs);
	const name = scratchName(releaseId ?? manifest.id, expiresAt);
	const target = { ...scratch, database: name };
	try {
		await onScratch(
			async () => await createScratchDatabase(scratch, name, { locale: manifest.locale, signal: options.signal }),
		);
		await restoreChecked(work, target);
		options.log(`verify ${manifest.id}: restored, comparing ${manifest.tables.length} tables`);
		const restored = await onScratch(
			async () =>
				await readRestored(
					target,
					options.signal,
					logProgress(options, (rows) => `${rows} rows compared`),
				),
		);
		work.facts.tables = restored.tables.length;
		work.facts.rows = restored.tables.reduce((sum, { rows }) => sum + rows, 0);
		return compareContent(manifest, restored);
	} finally {
		await dropScratchDatabase(scratch, name).catch(() =>
			options.log(
				`verify ${manifest.id}: the database ${name} could not be dropped; it is swept once it has expired`,
			),
		);
	}
}

/** Costs one call, and spares a restore that cannot end well. */
async function refuseUnlessWhole({ store, manifest: { archive }, facts, options }: Drill): Promise<void> {
	const sizeBytes = await store.readSize({ bucket: options.location.bucket, key: archive.key }, options.signal);
	if (sizeBytes === undefined) throw archiveMissing(archive.key);
	if (sizeBytes === archive.sizeBytes) return;
	facts.sizeBytes = sizeBytes;
	throw fail('SIZE_MISMATCH', `The archive has ${sizeBytes} bytes, its manifest says ${archive.sizeBytes}`);
}

function archiveMissing(key: string): VerificationStop {
	return fail('ARCHIVE_MISSING', `There is no archive ${key}, though its manifest exists`);
}

async function restoreChecked(
	{ store, manifest, tool, facts, options }: Drill,
	target: PostgresConnection,
): Promise<void> {
	const { archive } = manifest;
	const object = await store.openStream({ bucket: options.location.bucket, key: archive.key }, options.signal);
	if (!object) throw archiveMissing(archive.key);
	const outcome = await restoreArchive(target, object.content, {
		tool,
		signal: options.signal,
		onBytes: logProgress(options, (bytes) => `${megabytes(bytes)} of ${megabytes(archive.sizeBytes)} restored`),
	});
	options.signal.throwIfAborted();
	facts.sizeBytes = outcome.sizeBytes;
	facts.sha256 = outcome.sha256;
	await judgeRestore(outcome, { manifest, target, signal: options.signal });
}

async function judgeRestore(
	{ exit, sizeBytes, sha256 }: RestoreOutcome,
	{
		manifest: { archive },
		target,
		signal,
	}: { manifest: BackupManifest; target: PostgresConnection; signal: AbortSignal },
): Promise<void> {
	const reasons: VerificationReason[] = [];
	if (sizeBytes !== archive.sizeBytes)
		reasons.push({
			code: 'SIZE_MISMATCH',
			message: `Read ${sizeBytes} bytes, the manifest says ${archive.sizeBytes}`,
		});
	if (sha256 !== archive.sha256)
		reasons.push({
			code: 'CHECKSUM_MISMATCH',
			message: 'The SHA-256 of the archive read back differs from its manifest',
		});
	const intact = reasons.length === 0;
	if (exit.code !== 0) {
		if (intact && exit.signal !== null)
			throw obstruct('RESTORE_INTERRUPTED', `pg_restore was ended by ${describeExit(exit)}`);
		if (intact) await onScratch(async () => await probeScratchDatabase(target, signal));
		reasons.push({
			code: 'RESTORE_FAILED',
			message: `pg_restore ended with ${describeExit(exit)}: ${exit.problem}`,
		});
	}
	if (reasons.length > 0) throw new VerificationStop('failed', reasons);
}
