import type { PostgresConnection } from '../support/postgres.client';
import { RunbookError } from '../support/runbookError';
import { assessDisk } from './assessDisk';
import { backupKeys } from './backupKeys';
import type { ContentDifference } from './compareContent';
import { describeReason, isTimeout } from './describeReason';
import { drillRestore, type DrillFacts, type KeptScratch, type ScratchLife } from './drillRestore';
import { refuseUnlessOpens } from './encryption/encryption';
import { backupErrors } from './errors';
import { findTool, type Tool } from './findTool.client';
import { megabytes } from './logProgress';
import type { ArchiveStore, BackupLocation, BackupManifest, BackupRun } from './model';
import { onScratch } from './onScratch';
import { readManifest } from './readManifest';
import { readScratchServer, type ScratchServer } from './scratch.client';
import { obstruct, VerificationStop, type BackupVerification } from './verification';
import { removeVerifiedRecord, writeVerifiedRecord } from './verifiedRecord';

export interface VerifyBackupOptions extends BackupRun {
	readonly location: BackupLocation;
	readonly backupId: string;
	/** What the ledger recorded when the backup was made; absent when nothing was recorded. */
	readonly expectedSha256?: string | undefined;
	/** Absent: it expires after four hours, and its name tells the backup. */
	readonly scratchLife?: ScratchLife | undefined;
	/** Permits scratch databases on the server that the backup came from. */
	readonly allowSourceServer: boolean;
	/** Of the disk that the scratch server's files are on. Absent: nobody said, so its room is not looked at. */
	readonly scratchDiskBytes?: number | undefined;
}

const LISTED_DIFFERENCES = 20;
/** Longer than any drill; what a killed one leaves costs disk for no longer than that. */
const SCRATCH_LIFE_MS = 4 * 3_600_000;

/**
 * Reads a backup back from storage, restores it into a fresh scratch database, compares every count, hash and sequence with the
 * manifest, and drops the scratch database, unless it is to be kept and all is well. A verified backup gets a record beside its manifest.
 * @throws RunbookError for what the operator configured wrongly (BACKUP.SCRATCH_*, STORAGE.BUCKET_MISSING, ACCESS_DENIED), and
 * BACKUP.INTERRUPTED when the run was cancelled. Everything else is a verdict.
 */
export async function verifyBackup(
	scratch: PostgresConnection,
	store: ArchiveStore,
	options: VerifyBackupOptions,
): Promise<BackupVerification> {
	const facts: DrillFacts = { sizeBytes: 0, sha256: '', tables: 0, rows: 0 };
	const startedAtMs = options.clock.monotonicMs();
	let missingRoles: readonly string[] = [];
	try {
		const manifest = await readManifest(store, options.location, options);
		await refuseUnlessOpens(manifest, options.identity);
		const server = await readServer(scratch, manifest, options);
		missingRoles = manifest.database.roles.map(({ name }) => name).filter((name) => !server.roles.includes(name));
		const tool = await chooseTool(manifest, options);
		options.log(
			`verify ${options.backupId}: ${megabytes(manifest.archives.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))}, pg_restore ${tool.version} into PostgreSQL ${server.serverMajor}`,
		);
		const { scratchLife = { expiresAfterMs: SCRATCH_LIFE_MS, keep: false } } = options;
		const { differences, kept } = await drillRestore({
			scratch,
			store,
			manifest,
			tool,
			facts,
			options: { ...options, scratchLife },
		});
		const verification = conclude({ manifest, facts, differences, kept, options });
		await noteVerdict(store, verification, { ...options, startedAtMs });
		return verification;
	} catch (error) {
		const stop = excuse(toStop(error, options.signal), missingRoles);
		const verification: BackupVerification = {
			...outline(options, facts),
			verdict: stop.verdict,
			reasons: stop.reasons,
			differences: [],
			differenceCount: 0,
			scratch: null,
			token: null,
		};
		if (stop.verdict === 'failed') await noteVerdict(store, verification, { ...options, startedAtMs });
		return verification;
	}
}

/** The record that a backup was verified stands beside its manifest, written last; that of one that failed goes. */
async function noteVerdict(
	store: ArchiveStore,
	{ token }: BackupVerification,
	{ location, backupId, signal, clock, log, startedAtMs }: VerifyBackupOptions & { readonly startedAtMs: number },
): Promise<void> {
	if (token) {
		const tookMs = Math.round(clock.monotonicMs() - startedAtMs);
		await writeVerifiedRecord(store, { token, tookMs }, { location, backupId, signal });
		return;
	}
	await removeVerifiedRecord(store, { location, backupId }).catch(() =>
		log(`verify ${backupId}: an earlier record that it was verified could not be removed`),
	);
}

async function readServer(
	scratch: PostgresConnection,
	manifest: BackupManifest,
	{ signal, allowSourceServer, scratchDiskBytes, log }: VerifyBackupOptions,
): Promise<ScratchServer> {
	const server = await onScratch(async () => await readScratchServer(scratch, signal));
	const { source } = manifest;
	if (server.identity.systemIdentifier === source.systemIdentifier) {
		const database = source.databaseName;
		if (server.identity.databaseOid === source.databaseOid) throw backupErrors.SCRATCH_IS_SOURCE({ database });
		if (!allowSourceServer) throw backupErrors.SCRATCH_ON_SOURCE_SERVER({ database });
	}
	const sourceMajor = Number.parseInt(manifest.serverVersion, 10);
	if (server.serverMajor < sourceMajor) {
		throw obstruct(
			'SCRATCH_OLDER',
			`The scratch server is PostgreSQL ${server.serverMajor}, the source ${sourceMajor}; use ${sourceMajor} or newer`,
		);
	}
	const missing = manifest.extensions
		.filter(({ name }) => !server.availableExtensions.includes(name))
		.map(({ name }) => name);
	if (missing.length > 0)
		throw obstruct(
			'SCRATCH_EXTENSION_MISSING',
			`The scratch server lacks the extensions ${missing.join(', ')}; install them there`,
		);
	if (scratchDiskBytes === undefined)
		log('how large the disk of the scratch server is was not given: its room is not checked');
	else refuseUnlessRoom(manifest, scratchDiskBytes, server);
	return server;
}

function refuseUnlessRoom({ sourceBytes }: BackupManifest, diskBytes: number, { disk }: ScratchServer): void {
	const { fits, neededBytes, freeBytes } = assessDisk(sourceBytes, diskBytes, disk);
	if (fits) return;
	throw obstruct(
		'SCRATCH_DISK_SHORT',
		`A restore needs about ${megabytes(neededBytes)} on the disk of the scratch server, and at most ${megabytes(freeBytes)} are free; nothing was restored`,
	);
}

async function chooseTool({ toolVersions }: BackupManifest, { toolFolders }: VerifyBackupOptions): Promise<Tool> {
	try {
		return await findTool('pg_restore', Number.parseInt(toolVersions.pgDump, 10), { folders: toolFolders });
	} catch (error) {
		if (error instanceof RunbookError) throw obstruct('TOOL_UNSUITABLE', `${error.message}. ${error.fix}`);
		throw error;
	}
}

function conclude({
	manifest,
	facts,
	differences,
	kept,
	options,
}: {
	manifest: BackupManifest;
	facts: DrillFacts;
	differences: readonly ContentDifference[];
	kept: KeptScratch | null;
	options: VerifyBackupOptions;
}): BackupVerification {
	const listed = differences.slice(0, LISTED_DIFFERENCES);
	const base = { ...outline(options, facts), differences: listed, differenceCount: differences.length };
	if (differences.length > 0) {
		const names = listed.map(({ table }) => table).join(', ');
		const message = `${differences.length} differences between the backup and its restore: ${names}${differences.length > listed.length ? ', …' : ''}`;
		return {
			...base,
			verdict: 'failed',
			reasons: [{ code: 'CONTENT_DIFFERS', message }],
			scratch: null,
			token: null,
		};
	}
	const { id: backupId, source, sha256 } = manifest;
	const verifiedAt = options.clock.now().toISOString();
	return {
		...base,
		verdict: 'passed',
		reasons: [],
		scratch: kept,
		token: { backupId, sha256, source, verifiedAt, proofClass: 'A' },
	};
}

function outline(
	{ location, backupId }: VerifyBackupOptions,
	facts: DrillFacts,
): Pick<BackupVerification, 'backupId' | 'bucket' | 'folder' | 'manifestKey' | keyof DrillFacts> {
	const keys = backupKeys(location.prefix, backupId);
	return { backupId, bucket: location.bucket, folder: keys.folder, manifestKey: keys.manifest, ...facts };
}

/**
 * Owners and grants are left out of a drill, but policies and user mappings name roles too: an intact archive that such a server refuses
 * is not a bad one.
 */
function excuse(stop: VerificationStop, missingRoles: readonly string[]): VerificationStop {
	const refused = stop.reasons.length > 0 && stop.reasons.every(({ code }) => code === 'RESTORE_FAILED');
	if (!refused || missingRoles.length === 0) return stop;
	const problem = stop.reasons.map(({ message }) => message).join('; ');
	const roles = missingRoles.join(', ');
	return obstruct(
		'SCRATCH_ROLE_MISSING',
		`The scratch server lacks the roles ${roles}; create them there. ${problem}`,
	);
}

function toStop(error: unknown, signal: AbortSignal): VerificationStop {
	if (signal.aborted) {
		if (isTimeout(signal.reason))
			return obstruct('DEADLINE', 'The deadline of the operation passed before the restore was compared');
		throw backupErrors.INTERRUPTED({ reason: describeReason(signal.reason) }, error);
	}
	if (error instanceof VerificationStop) return error;
	if (error instanceof RunbookError && error.retryable) return obstruct('STORAGE_UNAVAILABLE', error.message);
	throw error;
}
