import { findObjects } from './findObjects';
import { parseManifest } from './manifest';
import { backupKeys } from './backupKeys';
import type { ArchiveStore, BackupLocation, SourceIdentity } from './model';
import { readVerification } from './verifiedRecord';

/** How long an earlier backup of the same database took. */
export interface Pace {
	/** On the disk of its source, indexes included. */
	readonly sourceBytes: number;
	/** To create it and to verify it, together. */
	readonly tookMs: number;
}

/** Whether a backup is likely to be created and verified in the time there is. */
export interface FitAssessment {
	readonly fits: boolean;
	readonly estimateMs: number;
	/** For people, what the estimate goes by. */
	readonly basis: string;
}

/** The last few say how things are now: the servers and the network of a year ago do not. */
const LATEST = 3;
/** Of a much smaller database most of the time was spent on what does not grow with it. */
const COMPARABLE_SHARE = 0.5;
/** Create and verify together, in bytes of the database on disk: half of what two cores do with everything on one machine (bench/backup.mjs). */
const ASSUMED_BYTES_PER_SECOND = 15_000_000;

/** Judges by the slowest of the earlier ones that are comparable; without one, by an assumption that it states. */
export function assessFit(sourceBytes: number, budgetMs: number, earlier: readonly Pace[]): FitAssessment {
	const comparable = earlier.filter((pace) => pace.sourceBytes >= sourceBytes * COMPARABLE_SHARE);
	const estimates = comparable.map((pace) => (pace.tookMs / pace.sourceBytes) * sourceBytes);
	const assumedMs = (sourceBytes / ASSUMED_BYTES_PER_SECOND) * 1000;
	const estimateMs = Math.round(estimates.length > 0 ? Math.max(...estimates) : assumedMs);
	const basis =
		estimates.length > 0
			? `by the slowest of the last ${estimates.length} verified`
			: `assuming ${ASSUMED_BYTES_PER_SECOND / 1e6} MB of the database per second, as no comparable one was verified before`;
	return { fits: estimateMs <= budgetMs, estimateMs, basis };
}

/** The newest backups of this very database that were verified, and how long each took. @throws the store's error */
export async function readPaces(
	store: ArchiveStore,
	location: BackupLocation,
	{ source, signal }: { source: SourceIdentity; signal: AbortSignal },
): Promise<Pace[]> {
	const paces: Pace[] = [];
	for (const { backupId, has } of await findObjects(store, location, signal)) {
		if (paces.length === LATEST) break;
		if (!has('.manifest.json') || !has('.verified.json')) continue;
		const pace = await readPace(store, location, { backupId, source, signal });
		if (pace) paces.push(pace);
	}
	return paces;
}

async function readPace(
	store: ArchiveStore,
	location: BackupLocation,
	{ backupId, source, signal }: { backupId: string; source: SourceIdentity; signal: AbortSignal },
): Promise<Pace | undefined> {
	const { bucket, prefix } = location;
	const text = await store.readText({ bucket, key: backupKeys(prefix, backupId).manifest }, signal);
	const parsed = text === undefined ? undefined : parseManifest(text);
	if (!parsed || 'problem' in parsed) return undefined;
	const { manifest } = parsed;
	const { systemIdentifier, databaseOid } = manifest.source;
	if (systemIdentifier !== source.systemIdentifier || databaseOid !== source.databaseOid) return undefined;
	const verification = await readVerification(store, { location, backupId, signal });
	if (verification?.token.sha256 !== manifest.sha256) return undefined;
	return { sourceBytes: manifest.sourceBytes, tookMs: manifest.tookMs + verification.tookMs };
}
