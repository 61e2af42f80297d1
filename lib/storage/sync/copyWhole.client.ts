import type { S3Session } from '../s3Session.client';
import { isMissingObject, isOtherVersion, storageError } from '../storageError';
import { bareEtag } from './listObjects.client';
import type { CopyOutcome, CopyRequest, ObjectPlace } from './model';
import { objectHeaders } from './objectProperties.client';

/**
 * Has the server copy an object in one call. A server can answer 200 and put an error into the body: the SDK reads it as one, and
 * only an entity tag says that the copy is there. @throws RunbookError STORAGE.*
 */
export async function copyWhole(
	{ sdk, client }: S3Session,
	{ from, to, version, properties }: CopyRequest,
	signal: AbortSignal,
): Promise<CopyOutcome> {
	const command = new sdk.CopyObjectCommand({
		Bucket: to.bucket,
		Key: to.key,
		ExpectedBucketOwner: to.owner,
		CopySource: copySource(from),
		CopySourceIfMatch: `"${version.etag}"`,
		ExpectedSourceBucketOwner: from.owner,
		...(properties ? { MetadataDirective: 'REPLACE', ...objectHeaders(properties, version) } : {}),
	});
	try {
		const { CopyObjectResult } = await client.send(command, { abortSignal: signal });
		if (CopyObjectResult?.ETag === undefined) throw new Error('no entity tag');
		return { outcome: 'copied', etag: bareEtag(CopyObjectResult.ETag) };
	} catch (error) {
		if (isMissingObject(error)) return { outcome: 'vanished' };
		if (isOtherVersion(error)) return { outcome: 'changed' };
		throw storageError(error, { action: 'copy an object', bucket: to.bucket, signal });
	}
}

/** Bucket and key as the copy calls want them: every character encoded but the slashes. */
export function copySource({ bucket, key }: ObjectPlace): string {
	return [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
}
