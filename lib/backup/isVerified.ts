import type { ArchiveStore, BackupLocation } from './model';
import { readManifest } from './readManifest';
import { VerificationStop } from './verification';
import { readVerifiedRecord } from './verifiedRecord';

/**
 * Whether a verification record stands beside the manifest and names this very backup by its checksum. A record that cannot be understood
 * proves nothing. @throws the store's RunbookError when it cannot be read
 */
export async function isVerified(
	store: ArchiveStore,
	location: BackupLocation,
	{ backupId, signal }: { backupId: string; signal: AbortSignal },
): Promise<boolean> {
	const token = await readVerifiedRecord(store, { location, backupId, signal });
	if (!token) return false;
	try {
		const { sha256 } = await readManifest(store, location, { backupId, signal });
		return token.sha256 === sha256;
	} catch (error) {
		if (error instanceof VerificationStop) return false;
		throw error;
	}
}
