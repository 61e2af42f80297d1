import { z } from 'zod';
import { backupKeys } from './backupKeys';
import type { ArchiveStore, BackupLocation } from './model';
import { readManifest } from './readManifest';
import { VerificationStop } from './verification';

const record = z.object({ backupId: z.string(), sha256: z.string() });

/** The key of the record that a verification writes beside the manifest, last. */
export function verifiedKey(prefix: string, backupId: string): string {
	return backupKeys(prefix, backupId).manifest.replace(/\.manifest\.json$/, '.verified.json');
}

/**
 * Whether a verification record stands beside the manifest and names this very backup by its checksum. A record that cannot be understood
 * proves nothing. @throws the store's RunbookError when it cannot be read
 */
export async function isVerified(
	store: ArchiveStore,
	location: BackupLocation,
	{ backupId, signal }: { backupId: string; signal: AbortSignal },
): Promise<boolean> {
	const { bucket, prefix } = location;
	const text = await store.readText({ bucket, key: verifiedKey(prefix, backupId) }, signal);
	if (text === undefined) return false;
	try {
		const { sha256 } = await readManifest(store, location, { backupId, signal });
		const found = record.safeParse(JSON.parse(text));
		return found.success && found.data.backupId === backupId && found.data.sha256 === sha256;
	} catch (error) {
		if (error instanceof VerificationStop || error instanceof SyntaxError) return false;
		throw error;
	}
}
