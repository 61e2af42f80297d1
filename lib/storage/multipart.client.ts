import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import type { ObjectAddress } from './model';
import type { MultipartCalls } from './multipart';

type Sdk = typeof import('@aws-sdk/client-s3');

/** The S3 calls of one upload. Only parts are given up when the signal is aborted: of the others it must be known whether they happened. */
export function multipartCalls(
	{ sdk, client }: { sdk: Sdk; client: S3Client },
	{ bucket, key }: ObjectAddress,
	signal: AbortSignal,
): MultipartCalls<CompletedPart> {
	const address = { Bucket: bucket, Key: key };
	return {
		putWhole: async (body) => {
			const command = new sdk.PutObjectCommand({ ...address, Body: body });
			const { ETag } = await client.send(command, { abortSignal: signal });
			if (ETag === undefined) throw new Error('no entity tag');
		},
		create: async () => {
			const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(address));
			if (UploadId === undefined) throw new Error('no upload id');
			return UploadId;
		},
		putPart: async (UploadId, PartNumber, body) => {
			const command = new sdk.UploadPartCommand({ ...address, UploadId, PartNumber, Body: body });
			const { ETag } = await client.send(command, { abortSignal: signal });
			if (ETag === undefined) throw new Error('no entity tag');
			return { ETag, PartNumber };
		},
		complete: async (UploadId, parts) => {
			const MultipartUpload = { Parts: [...parts] };
			const command = new sdk.CompleteMultipartUploadCommand({ ...address, UploadId, MultipartUpload });
			const { ETag } = await client.send(command);
			// A completion can be answered with 200 and an error in its body; only an entity tag says that the object is there.
			if (ETag === undefined) throw new Error('no entity tag');
		},
		abort: async (UploadId) => {
			await client.send(new sdk.AbortMultipartUploadCommand({ ...address, UploadId }));
		},
	};
}
