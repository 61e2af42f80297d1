import type { PostgresConnection } from '../support/postgres.client';
import { compareContent, type ContentDifference } from './compareContent';
import { archiveMissing } from './fetchArchive';
import type { Tool } from './findTool.client';
import { inParallel } from './inParallel';
import { logProgress } from './logProgress';
import type { ArchiveStore, BackupLocation, BackupManifest, BackupRun } from './model';
import { onScratch } from './onScratch';
import { restoreBackup } from './restoreBackup';
import { scratchName } from './scratchName';
import { createScratchDatabase, dropScratchDatabase, readRestored } from './scratch.client';
import { VerificationStop, type VerificationReason } from './verification';

/** What is known so far; filled in while the drill goes on, so that an early end can report it. */
export interface DrillFacts {
	/** Bytes read back from storage, or found there when they are not read. */
	sizeBytes: number;
	/** Of the manifest, once every archive was read and matched it. */
	sha256: string;
	tables: number;
	rows: number;
}

/** What the name of a scratch database tells, for whoever sweeps what a kill left behind. */
export interface ScratchLife {
	/** Absent without a release: then the backup's id stands in its name. */
	readonly releaseId?: string | undefined;
	readonly expiresAfterMs: number;
	/** Keeps the database of a backup that turns out verified, until somebody drops it or it expires. */
	readonly keep: boolean;
}

/** A scratch database that was kept. */
export interface KeptScratch {
	readonly database: string;
	/** ISO 8601; from then on it is swept. */
	readonly expiresAt: string;
}

export interface DrillOutcome {
	/** Every difference between the manifest and what was restored. */
	readonly differences: readonly ContentDifference[];
	/** Null unless it was to be kept, and nothing differs. */
	readonly kept: KeptScratch | null;
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
 * They need roles or disks that a scratch server has not, and a subscription would connect.
 */
const NOT_FOR_A_DRILL = [
	'--no-owner',
	'--no-acl',
	'--no-comments',
	'--no-publications',
	'--no-subscriptions',
	'--no-security-labels',
	'--no-tablespaces',
];
/** A call for each archive; one after the other would add up. */
const PARALLEL_CALLS = 8;

/**
 * Restores a backup into a fresh scratch database, compares it with its manifest and drops the database whatever happened, unless it is
 * to be kept and the backup is verified.
 * @throws VerificationStop, RunbookError BACKUP.SCRATCH_REFUSED, the store's RunbookError
 */
export async function drillRestore(work: Drill): Promise<DrillOutcome> {
	const { scratch, manifest, options } = work;
	await refuseUnlessWhole(work);
	const { releaseId, expiresAfterMs, keep } = options.scratchLife;
	const expiresAt = new Date(options.clock.now().getTime() + expiresAfterMs);
	const name = scratchName(releaseId ?? manifest.id, expiresAt);
	const target = { ...scratch, database: name };
	let kept: KeptScratch | null = null;
	try {
		await onScratch(
			async () => await createScratchDatabase(scratch, name, { locale: manifest.locale, signal: options.signal }),
		);
		work.facts.sizeBytes = await restoreBackup({ ...work, target, omit: NOT_FOR_A_DRILL });
		work.facts.sha256 = manifest.sha256;
		options.log(`verify ${manifest.id}: restored, comparing ${manifest.tables.length} tables`);
		const restored = await onScratch(
			async () =>
				await readRestored(target, {
					rowHash: manifest.rowHash,
					jobs: options.jobs,
					signal: options.signal,
					onRows: logProgress(options, (rows) => `${rows} rows compared`),
				}),
		);
		work.facts.tables = restored.tables.length;
		work.facts.rows = restored.tables.reduce((sum, { rows }) => sum + rows, 0);
		const differences = compareContent(manifest, restored);
		if (keep && differences.length === 0) kept = { database: name, expiresAt: expiresAt.toISOString() };
		return { differences, kept };
	} finally {
		if (!kept)
			await dropScratchDatabase(scratch, name).catch(() =>
				options.log(
					`verify ${manifest.id}: the database ${name} could not be dropped; it is swept once it has expired`,
				),
			);
	}
}

/** Costs a call for each archive, and spares a restore that cannot end well. */
async function refuseUnlessWhole({ store, manifest: { archives }, facts, options }: Drill): Promise<void> {
	const { location, signal } = options;
	const sizes = await inParallel(archives, { limit: PARALLEL_CALLS, signal }, async ({ key }) => {
		const sizeBytes = await store.readSize({ bucket: location.bucket, key }, signal);
		if (sizeBytes === undefined) throw archiveMissing(key);
		return sizeBytes;
	});
	const reasons = archives.flatMap((archive, index): VerificationReason[] => {
		if (sizes[index] === archive.sizeBytes) return [];
		const message = `${archive.key} has ${sizes[index]} bytes, its manifest says ${archive.sizeBytes}`;
		return [{ code: 'SIZE_MISMATCH', message }];
	});
	if (reasons.length === 0) return;
	facts.sizeBytes = sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
	throw new VerificationStop('failed', reasons);
}
