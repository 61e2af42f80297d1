import { z } from 'zod';
import { findFinished } from '../../lib/backup/findFinished';
import { readVerifiedRecord } from '../../lib/backup/verifiedRecord';
import { migrationErrors } from '../../lib/migration/errors';
import type { ObjectStorage } from '../../lib/storage/model';

/** What the step that verified a backup has on record, as far as it leads to what storage holds. */
const recordSchema = z.object({
	bucket: z.string(),
	folder: z.string(),
	token: z.object({ backupId: z.string(), sha256: z.string() }),
});

/**
 * Refuses unless storage itself still holds the backup that the ledger calls verified: its manifest, every archive in its size, and beside
 * them the record of that verification. It may have been pruned, or failed a later verification.
 * @throws RunbookError MIGRATION.BACKUP_NOT_IN_STORAGE; the store's error
 */
export async function refuseUnverifiedBackup(
	store: ObjectStorage,
	recordedResult: unknown,
	signal: AbortSignal,
): Promise<void> {
	const { data } = recordSchema.safeParse(recordedResult);
	if (!data) throw migrationErrors.BACKUP_NOT_IN_STORAGE({ problem: 'the ledger does not say where it is' });
	const { bucket, folder, token } = data;
	const { backupId, sha256 } = token;
	const location = { bucket, prefix: folder.slice(0, folder.lastIndexOf(backupId)) };
	const refuse = (problem: string): Error =>
		migrationErrors.BACKUP_NOT_IN_STORAGE({ problem: `backup ${backupId} in bucket ${bucket}: ${problem}` });
	const stored = await findFinished(store, location, { backupIds: [backupId], signal });
	if (stored?.sha256 !== sha256) throw refuse('it is gone, or is another one than was verified');
	const record = await readVerifiedRecord(store, { location, backupId, signal });
	if (record?.sha256 !== sha256) throw refuse('no record of its verification stands beside it');
}
