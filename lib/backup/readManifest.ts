import { backupKeys } from './backupKeys';
import type { ArchiveStore, BackupLocation, BackupManifest } from './model';
import { parseManifest } from './manifest';
import { fail } from './verification';

/**
 * The manifest of a backup, checked to be its own. `expectedSha256`: what the ledger recorded when the backup was made.
 * @throws VerificationStop when it is missing or wrong; the store's RunbookError when it cannot be read
 */
export async function readManifest(
	store: ArchiveStore,
	{ bucket, prefix }: BackupLocation,
	{
		backupId,
		expectedSha256,
		signal,
	}: { backupId: string; expectedSha256?: string | undefined; signal: AbortSignal },
): Promise<BackupManifest> {
	const keys = backupKeys(prefix, backupId);
	const text = await store.readText({ bucket, key: keys.manifest }, signal);
	if (text === undefined)
		throw fail(
			'MANIFEST_MISSING',
			`There is no manifest ${keys.manifest}: the backup was never finished, or was deleted`,
		);
	const parsed = parseManifest(text);
	if ('problem' in parsed)
		throw fail('MANIFEST_INVALID', `The manifest ${keys.manifest} cannot be used: ${parsed.problem}`);
	const { manifest } = parsed;
	if (manifest.id !== backupId || !manifest.archives.every(({ key }) => key.startsWith(keys.folder))) {
		throw fail('MANIFEST_OF_ANOTHER_BACKUP', `The manifest ${keys.manifest} belongs to another backup`);
	}
	if (expectedSha256 !== undefined && manifest.sha256 !== expectedSha256) {
		throw fail(
			'RECORD_MISMATCH',
			`The ledger recorded another checksum for backup ${backupId} than its manifest holds`,
		);
	}
	return manifest;
}
