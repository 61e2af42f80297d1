import type { ListObjectsCommandOutput } from '@aws-sdk/client-s3';
import { storageErrors } from '../errors';
import type { S3Session } from '../s3Session.client';
import { storageError } from '../storageError';
import { compareKeys } from './compareKeys';
import type { BucketPlace, ListedObject } from './model';

/**
 * The objects under a prefix in the order of their keys' bytes, a thousand at a time. It goes on behind the last key instead of by a
 * token (the first version of the call): every S3-compatible server can do that.
 * @throws RunbookError STORAGE.*; LISTING_UNORDERED when a key does not come after the one before it
 */
export async function* listObjects(
	{ sdk, client }: S3Session,
	{ bucket, prefix, owner }: BucketPlace & { readonly prefix: string },
	signal: AbortSignal,
): AsyncGenerator<ListedObject> {
	let last: string | undefined;
	for (;;) {
		const page = await client
			.send(
				new sdk.ListObjectsCommand({
					Bucket: bucket,
					Prefix: prefix,
					Marker: last,
					// XML cannot carry every character that a key may have.
					EncodingType: 'url',
					ExpectedBucketOwner: owner,
				}),
				{ abortSignal: signal },
			)
			.catch((error: unknown) => {
				throw storageError(error, { action: 'list objects', bucket, signal });
			});
		for (const object of readPage(page, bucket)) {
			if (last !== undefined && compareKeys(object.key, last) <= 0)
				throw storageErrors.LISTING_UNORDERED({ bucket, key: object.key });
			last = object.key;
			yield object;
		}
		if (page.IsTruncated !== true) return;
		if ((page.Contents ?? []).length === 0)
			throw storageErrors.LISTING_BROKEN({ bucket, problem: 'it goes on without naming an object' });
	}
}

function readPage({ Contents, EncodingType }: ListObjectsCommandOutput, bucket: string): ListedObject[] {
	return (Contents ?? []).map(({ Key, Size, ETag }) => {
		if (Key === undefined || Size === undefined || ETag === undefined)
			throw storageErrors.LISTING_BROKEN({ bucket, problem: 'an object has no key, size or entity tag' });
		return { key: EncodingType === 'url' ? decodeKey(Key) : Key, sizeBytes: Size, etag: bareEtag(ETag) };
	});
}

function decodeKey(key: string): string {
	return decodeURIComponent(key.replaceAll('+', ' '));
}

/** An entity tag without its quotes. */
export function bareEtag(etag: string): string {
	return etag.replaceAll('"', '');
}
