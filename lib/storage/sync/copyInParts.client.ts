import type { CompletedPart } from '@aws-sdk/client-s3';
import type { S3Session } from '../s3Session.client';
import { isMissingObject, isOtherVersion, storageError } from '../storageError';
import { copySource } from './copyWhole.client';
import { bareEtag } from './listObjects.client';
import { mapInOrder } from './mapInOrder';
import type { CopyOutcome, CopyRequest, ObjectProperties } from './model';
import { objectHeaders } from './objectProperties.client';

const PARALLEL_PARTS = 4;

type PartsRequest = CopyRequest & { readonly properties: ObjectProperties; readonly partBytes: number };

/**
 * Has the server copy an object part by part; only an entity tag for each part and for the whole says that it did. Whatever
 * goes wrong, the parts are discarded. @throws RunbookError STORAGE.*
 */
export async function copyInParts(
	session: S3Session,
	request: PartsRequest,
	signal: AbortSignal,
): Promise<CopyOutcome> {
	const { sdk, client } = session;
	const { to, version, properties } = request;
	const target = { Bucket: to.bucket, Key: to.key, ExpectedBucketOwner: to.owner };
	const describe = { action: 'copy an object in parts', bucket: to.bucket, signal };
	let upload: { readonly UploadId: string } | undefined;
	try {
		const created = await client.send(
			new sdk.CreateMultipartUploadCommand({ ...target, ...objectHeaders(properties, version) }),
			{ abortSignal: signal },
		);
		if (created.UploadId === undefined) throw new Error('no upload id');
		upload = { UploadId: created.UploadId };
		const parts = await copyParts(session, { ...request, uploadId: upload.UploadId, signal });
		const completed = await client.send(
			new sdk.CompleteMultipartUploadCommand({ ...target, ...upload, MultipartUpload: { Parts: parts } }),
			{ abortSignal: signal },
		);
		if (completed.ETag === undefined) throw new Error('no entity tag');
		return { outcome: 'copied', etag: bareEtag(completed.ETag) };
	} catch (error) {
		if (upload)
			await client.send(new sdk.AbortMultipartUploadCommand({ ...target, ...upload })).catch(() => undefined);
		if (isMissingObject(error)) return { outcome: 'vanished' };
		if (isOtherVersion(error)) return { outcome: 'changed' };
		throw storageError(error, describe);
	}
}

async function copyParts(
	{ sdk, client }: S3Session,
	{ from, to, version, partBytes, uploadId, signal }: PartsRequest & { uploadId: string; signal: AbortSignal },
): Promise<CompletedPart[]> {
	const { sizeBytes, etag } = version;
	const copyPart = async (first: number): Promise<CompletedPart> => {
		const PartNumber = first / partBytes + 1;
		const { CopyPartResult } = await client.send(
			new sdk.UploadPartCopyCommand({
				Bucket: to.bucket,
				Key: to.key,
				ExpectedBucketOwner: to.owner,
				UploadId: uploadId,
				PartNumber,
				CopySource: copySource(from),
				CopySourceRange: `bytes=${first}-${Math.min(first + partBytes, sizeBytes) - 1}`,
				CopySourceIfMatch: `"${etag}"`,
				ExpectedSourceBucketOwner: from.owner,
			}),
			{ abortSignal: signal },
		);
		// A server that does not know the call takes it for an upload of nothing.
		if (CopyPartResult?.ETag === undefined) throw new Error('no entity tag of the part');
		return { PartNumber, ETag: CopyPartResult.ETag };
	};
	const parts: CompletedPart[] = [];
	const flow = { concurrency: PARALLEL_PARTS, window: PARALLEL_PARTS };
	for await (const part of mapInOrder(firstBytes(sizeBytes, partBytes), copyPart, flow)) parts.push(part);
	return parts;
}

async function* firstBytes(sizeBytes: number, partBytes: number): AsyncGenerator<number> {
	for (let first = 0; first < sizeBytes; first += partBytes) yield await Promise.resolve(first);
}
