import type { ListObjectsCommandOutput } from '@aws-sdk/client-s3';
import { storageErrors } from '../errors';
import type { S3Session } from '../s3Session.client';
import { storageError } from '../storageError';
import { compareKeys } from './compareKeys';
import type { BucketPlace, ListedObject } from './model';

/**
 * The objects under a prefix in the order of their keys' bytes, a thousand at a time; the next thousand is on its way while one is worked
 * through. It goes on behind the last key instead of by a token (the first version of the call): every S3-compatible server can do that.
 * @throws RunbookError STORAGE.*; LISTING_UNORDERED when a key does not come after the one before it
 */
export async function* listObjects(
	session: S3Session,
	place: ListedPlace,
	signal: AbortSignal,
): AsyncGenerator<ListedObject> {
	const left = new AbortController();
	const running = AbortSignal.any([signal, left.signal]);
	const { bucket } = place;
	let last: string | undefined;
	let next: Promise<ListObjectsCommandOutput> | undefined = readNext(session, { place, after: last }, running);
	try {
		while (next) {
			const page: ListObjectsCommandOutput = await next;
			const objects = readPage(page, bucket);
			const after = objects.at(-1)?.key;
			if (page.IsTruncated === true && after === undefined)
				throw storageErrors.LISTING_BROKEN({ bucket, problem: 'it goes on without naming an object' });
			next = page.IsTruncated === true ? readNext(session, { place, after }, running) : undefined;
			// Whoever waits for it is told.
			next?.catch(() => undefined);
			for (const object of objects) {
				if (last !== undefined && compareKeys(object.key, last) <= 0)
					throw storageErrors.LISTING_UNORDERED({ bucket, key: object.key });
				last = object.key;
				yield object;
			}
		}
	} finally {
		left.abort();
		await next?.catch(() => undefined);
	}
}

type ListedPlace = BucketPlace & { readonly prefix: string };

async function readNext(
	{ sdk, client }: S3Session,
	{ place: { bucket, prefix, owner }, after }: { readonly place: ListedPlace; readonly after: string | undefined },
	signal: AbortSignal,
): Promise<ListObjectsCommandOutput> {
	try {
		return await client.send(
			new sdk.ListObjectsCommand({
				Bucket: bucket,
				Prefix: prefix,
				Marker: after,
				// XML cannot carry every character that a key may have.
				EncodingType: 'url',
				ExpectedBucketOwner: owner,
			}),
			{ abortSignal: signal },
		);
	} catch (error) {
		throw storageError(error, { action: 'list objects', bucket, signal });
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
