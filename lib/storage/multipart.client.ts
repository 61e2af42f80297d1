import type { CompletedPart, CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import type { ObjectAddress } from './model';
import type { MultipartCalls } from './multipart';
import type { S3Session } from './s3Session.client';

export interface StoredAs {
	/** What the object is to be besides its content. */
	readonly headers?: Omit<CreateMultipartUploadCommandInput, 'Bucket' | 'Key'>;
	/** Is told the entity tag of what was stored. */
	onStored?(etag: string): void;
}

/** The S3 calls of one upload. Only parts are given up when the signal is aborted: of the others it must be known whether they happened. */
export function multipartCalls(
	{ sdk, client }: Pick<S3Session, 'sdk' | 'client'>,
	{ bucket, key }: ObjectAddress,
	signal: AbortSignal,
	{ headers = {}, onStored }: StoredAs = {},
): MultipartCalls<CompletedPart> {
	const address = { Bucket: bucket, Key: key };
	return {
		putWhole: async (body) => {
			const command = new sdk.PutObjectCommand({ ...address, ...headers, Body: body });
			const { ETag } = await client.send(command, { abortSignal: signal });
			if (ETag === undefined) throw new Error('no entity tag');
			onStored?.(ETag);
		},
		create: async () => {
			const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ ...address, ...headers }));
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
			onStored?.(ETag);
		},
		abort: async (UploadId) => {
			await client.send(new sdk.AbortMultipartUploadCommand({ ...address, UploadId }));
		},
	};
}
