import { z } from 'zod';
import { backupKeys } from './backupKeys';
import type { ArchiveStore, BackupLocation } from './model';
import { parseSealed, renderSealed, seal } from './sealed';
import type { BackupToken } from './verification';

const decimal = z.string().regex(/^-?\d+$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.number().int().nonnegative().safe();

const recordSchema = z.object({
	format: z.literal(1),
	backupId: z.string(),
	/** Of the manifest that was verified. */
	manifestSha256: sha256,
	source: z.object({ systemIdentifier: decimal, databaseOid: whole, databaseName: z.string(), timeline: whole }),
	verifiedAt: z.string().datetime(),
	proofClass: z.literal('A'),
	/** From reading the manifest until the last table was compared. */
	tookMs: whole,
	sha256,
});

export interface RecordedVerification {
	readonly token: BackupToken;
	/** How long it took. */
	readonly tookMs: number;
}

interface RecordAddress {
	readonly location: BackupLocation;
	readonly backupId: string;
	readonly signal: AbortSignal;
}

/** Stores beside the manifest that the backup was verified. @throws the store's error */
export async function writeVerifiedRecord(
	store: ArchiveStore,
	{ token, tookMs }: RecordedVerification,
	{ location, backupId, signal }: RecordAddress,
): Promise<void> {
	const { sha256: manifestSha256, ...rest } = token;
	const text = renderSealed(seal(recordSchema, { format: 1, ...rest, manifestSha256, tookMs }));
	const { bucket, prefix } = location;
	await store.putText({ bucket, key: backupKeys(prefix, backupId).verified }, text, signal);
}

/** The token of a verified backup as storage has it; undefined as below. @throws the store's error */
export async function readVerifiedRecord(
	store: ArchiveStore,
	address: RecordAddress,
): Promise<BackupToken | undefined> {
	return (await readVerification(store, address))?.token;
}

/**
 * That a backup was verified, as storage has it. Undefined: it was not verified, or what stands there is not as it was written, or
 * belongs to another backup; then it counts for nothing.
 * @throws the store's error
 */
export async function readVerification(
	store: ArchiveStore,
	{ location, backupId, signal }: RecordAddress,
): Promise<RecordedVerification | undefined> {
	const { bucket, prefix } = location;
	const text = await store.readText({ bucket, key: backupKeys(prefix, backupId).verified }, signal);
	const parsed = text === undefined ? undefined : parseSealed(recordSchema, text);
	if (!parsed || 'problem' in parsed || parsed.record.backupId !== backupId) return undefined;
	const { source, verifiedAt, proofClass, manifestSha256, tookMs } = parsed.record;
	return { token: { backupId, sha256: manifestSha256, source, verifiedAt, proofClass }, tookMs };
}

/** A backup that failed is verified no longer, whatever an earlier drill said. @throws the store's error */
export async function removeVerifiedRecord(
	store: ArchiveStore,
	{ location: { bucket, prefix }, backupId }: Omit<RecordAddress, 'signal'>,
): Promise<void> {
	await store.remove({ bucket, key: backupKeys(prefix, backupId).verified });
}
