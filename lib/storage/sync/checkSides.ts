import { copyKeys, folderPrefix } from './copyKeys';
import { syncErrors } from './errors';
import type { FileStorage } from './model';
import type { SyncOptions } from './syncFiles';

/**
 * Refuses before anything is copied: buckets that are missing, closed or another account's, folders that overlap, a mirror
 * without versions. @throws RunbookError SYNC.OVERLAP, MIRROR_NOT_VERSIONED, STORAGE.*
 */
export async function checkSides(
	source: FileStorage,
	destination: FileStorage,
	{
		source: from,
		destination: to,
		mirror,
		signal,
	}: Pick<SyncOptions, 'source' | 'destination' | 'mirror' | 'signal'>,
): Promise<void> {
	const { folder } = copyKeys(to);
	const prefix = folderPrefix(from.prefix);
	const sameBucket = source.address === destination.address && from.bucket === to.bucket;
	// The whole folder of copies: a later release's copy must not lie in the source either.
	const copies = folderPrefix(to.prefix);
	if (sameBucket && (prefix.startsWith(copies) || copies.startsWith(prefix) || folder.startsWith(prefix)))
		throw syncErrors.OVERLAP({ source: sourceName(from), destination: `${to.bucket}/${folder}` });
	await source.checkBucket(from, signal);
	await destination.checkBucket(to, signal);
	if (mirror && !(await destination.keepsVersions(to, signal)))
		throw syncErrors.MIRROR_NOT_VERSIONED({ bucket: to.bucket });
}

/** `bucket/folder/`, for messages. */
export function sourceName({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }): string {
	return `${bucket}/${folderPrefix(prefix)}`;
}
