import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { addAbortSignal, Readable } from 'node:stream';
import { storageErrors } from '../errors';
import type { ObjectStorage, ObjectStorageConnection } from '../model';
import { objectStorageOver, readBody } from '../objectStorage.client';
import { openS3Session, type S3Session } from '../s3Session.client';
import { isDenied, isMissingObject, isOtherVersion, storageError } from '../storageError';
import { uploadStream } from '../uploadStream.client';
import { copyInParts } from './copyInParts.client';
import { copyWhole } from './copyWhole.client';
import { bareEtag, listObjects } from './listObjects.client';
import type { BucketPlace, FileStorage, ObjectFacts, ObjectPlace, OpenedVersion } from './model';
import { notedSource, objectHeaders, readProperties } from './objectProperties.client';

/** A copy of 5 GiB is answered when it is done; some servers say nothing before. */
const PATIENCE = { attempts: 6, retryMode: 'adaptive', requestTimeoutMs: 600_000 } as const;
const WHOLE_CHECKSUMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;

/** Opens a client for copying between buckets; no call is made yet. The caller closes it. @throws RunbookError STORAGE.ENDPOINT_INVALID */
export async function openFileStorage(connection: ObjectStorageConnection): Promise<FileStorage> {
	return new S3FileStorage(
		await openS3Session(connection, PATIENCE),
		connection.endpoint || 'https://s3.amazonaws.com',
	);
}

class S3FileStorage implements FileStorage {
	readonly address: string;
	readonly records: ObjectStorage;
	readonly #session: S3Session;
	readonly list: FileStorage['list'];
	readonly copyWhole: FileStorage['copyWhole'];
	readonly copyInParts: FileStorage['copyInParts'];

	constructor(session: S3Session, endpoint: string) {
		this.#session = session;
		this.address = new URL(endpoint).origin;
		this.records = objectStorageOver(session);
		this.list = (place, signal) => listObjects(session, place, signal);
		this.copyWhole = async (request, signal) => await copyWhole(session, request, signal);
		this.copyInParts = async (request, signal) => await copyInParts(session, request, signal);
	}

	async checkBucket({ bucket, owner }: BucketPlace, signal: AbortSignal): Promise<void> {
		const { sdk, client } = this.#session;
		const ask = async (ExpectedBucketOwner?: string): Promise<void> => {
			await client.send(new sdk.HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner }), {
				abortSignal: signal,
			});
		};
		try {
			await ask(owner);
		} catch (error) {
			if (isMissingObject(error)) throw storageErrors.BUCKET_MISSING({ bucket });
			const reachable =
				owner !== undefined &&
				isDenied(error) &&
				(await ask().then(
					() => true,
					() => false,
				));
			if (reachable) throw storageErrors.FOREIGN_BUCKET({ bucket, owner });
			throw storageError(error, { action: 'look at', bucket, signal });
		}
	}

	async keepsVersions({ bucket, owner }: BucketPlace, signal: AbortSignal): Promise<boolean> {
		const { sdk, client } = this.#session;
		try {
			const command = new sdk.GetBucketVersioningCommand({ Bucket: bucket, ExpectedBucketOwner: owner });
			return (await client.send(command, { abortSignal: signal })).Status === 'Enabled';
		} catch (error) {
			// A server that does not know the call keeps no versions.
			if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 501) return false;
			throw storageError(error, { action: 'read the versioning', bucket, signal });
		}
	}

	async readFacts({ bucket, key, owner }: ObjectPlace, signal: AbortSignal): Promise<ObjectFacts | undefined> {
		const { sdk, client } = this.#session;
		try {
			const command = new sdk.HeadObjectCommand({
				Bucket: bucket,
				Key: key,
				ExpectedBucketOwner: owner,
				ChecksumMode: 'ENABLED',
			});
			return toFacts(await client.send(command, { abortSignal: signal }));
		} catch (error) {
			if (isMissingObject(error)) return undefined;
			throw storageError(error, { action: 'look at an object', bucket, signal });
		}
	}

	async openVersion({ bucket, key, owner }: ObjectPlace, etag: string, signal: AbortSignal): Promise<OpenedVersion> {
		const { sdk, client } = this.#session;
		const request = { action: 'read', bucket, signal };
		try {
			const { Body, ETag } = await client.send(
				new sdk.GetObjectCommand({
					Bucket: bucket,
					Key: key,
					IfMatch: `"${etag}"`,
					ExpectedBucketOwner: owner,
				}),
				{ abortSignal: signal },
			);
			if (!(Body instanceof Readable)) throw new Error('no body');
			// Not every server heeds the condition.
			if (ETag !== undefined && bareEtag(ETag) !== etag) {
				Body.destroy();
				return { outcome: 'changed' };
			}
			return { outcome: 'opened', content: readBody(addAbortSignal(signal, Body), request) };
		} catch (error) {
			if (isMissingObject(error)) return { outcome: 'vanished' };
			if (isOtherVersion(error)) return { outcome: 'changed' };
			throw storageError(error, request);
		}
	}

	async store(
		{ bucket, key, owner }: ObjectPlace,
		content: AsyncIterable<Uint8Array>,
		{ properties, version, signal }: Parameters<FileStorage['store']>[2],
	): Promise<string> {
		const headers = { ExpectedBucketOwner: owner, ...objectHeaders(properties, version) };
		const upload = { address: { bucket, key }, headers, expectedBytes: version.sizeBytes, signal };
		return bareEtag(await uploadStream(this.#session, content, upload));
	}

	close(): void {
		this.#session.client.destroy();
	}
}

function toFacts(head: HeadObjectCommandOutput): ObjectFacts {
	const { ContentLength, ETag, ChecksumType, ServerSideEncryption, SSECustomerAlgorithm } = head;
	if (ContentLength === undefined || ETag === undefined) throw new Error('no size or entity tag');
	const whole = ChecksumType === 'FULL_OBJECT' ? WHOLE_CHECKSUMS : [];
	const checksums = whole.map((name) => [name, head[`Checksum${name}`]] as const);
	return {
		sizeBytes: ContentLength,
		etag: bareEtag(ETag),
		checksums: Object.fromEntries(
			checksums.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
		),
		sourceEtag: notedSource(head),
		opaqueEtag: SSECustomerAlgorithm !== undefined || (ServerSideEncryption ?? 'AES256') !== 'AES256',
		properties: readProperties(head),
	};
}
