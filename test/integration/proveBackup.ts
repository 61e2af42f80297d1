import { createBackup } from '../../lib/backup/createBackup';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import type { Ledger } from '../../lib/release/ledger';
import type { Json, ReleaseContext } from '../../lib/release/model';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { newRun, openStore, superuser } from '../lib/backup/harness';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { prove } from './beginProvenRelease';

/** What the S3 credential holds. */
export function storageCredential(): Record<string, string | boolean> {
	const { endpoint, region, accessKeyId, secretAccessKey } = sandboxEndpoints().s3;
	return { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle: true };
}

/** Backs the database up, verifies that, and puts both on record as a release does. Gives where the backup is. */
export async function proveBackup(
	ledger: Ledger,
	release: ReleaseContext,
	database: PostgresConnection,
	{ keepScratch = false }: { readonly keepScratch?: boolean } = {},
): Promise<{ readonly backupId: string; readonly bucket: string; readonly folder: string }> {
	const store = await openStore();
	try {
		const run = newRun();
		const { backupId } = await createBackup(database, store, run);
		const verified = await verifyBackup(superuser(), store, {
			...{ ...run, backupId, allowSourceServer: true },
			scratchLife: { releaseId: release.id, expiresAfterMs: 3_600_000, keep: keepScratch },
		});
		expect(verified).toMatchObject({ verdict: 'passed' });
		await prove(ledger, release, '1.2/verify-backup', JSON.parse(JSON.stringify(verified)) as Json);
		return { backupId, bucket: verified.bucket, folder: verified.folder };
	} finally {
		store.close();
	}
}
