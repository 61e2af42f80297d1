import type { S3Client } from '@aws-sdk/client-s3';
import { Agent } from 'node:https';
import { addAbortSignal, Readable } from 'node:stream';
import { storageErrors } from './errors';
import type { ObjectAddress, ObjectStorage, ObjectStorageConnection } from './model';
import { uploadInParts } from './multipart';
import { multipartCalls } from './multipart.client';
import { isMissingObject, storageError } from './storageError';

type Sdk = typeof import('@aws-sdk/client-s3');

const CONNECT_TIMEOUT_MS = 10_000;
/** Until a request is answered: one part of 5 MiB over a slow line, yet a silent server does not hold a step forever. */
const REQUEST_TIMEOUT_MS = 120_000;
/** In memory at once, for one upload; one is filled while the others are sent. */
const PARALLEL_PARTS = 3;
/** S3 takes nothing smaller, but for the last. */
const SMALLEST_PART_BYTES = 5 * 1024 * 1024;
/** S3 allows 10 000; the reserve covers a guess that was too low by a tenth. */
const PLANNED_PARTS = 9000;
const TEXT_LIMIT_BYTES = 64 * 1024 * 1024;

/** Opens a client for S3-compatible storage; no call is made yet. The caller closes it. @throws RunbookError STORAGE.ENDPOINT_INVALID */
export async function openObjectStorage(connection: ObjectStorageConnection): Promise<ObjectStorage> {
	const { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle, ignoreCertificate } = connection;
	if (endpoint !== '' && !(/^https?:/.test(endpoint) && URL.canParse(endpoint)))
		throw storageErrors.ENDPOINT_INVALID();
	const sdk = await import('@aws-sdk/client-s3');
	const client = new sdk.S3Client({
		...(endpoint === '' ? {} : { endpoint }),
		region,
		credentials: { accessKeyId, secretAccessKey },
		forcePathStyle,
		// Trailing checksums break several compatible servers; the archive has a SHA-256 of its own.
		requestChecksumCalculation: 'WHEN_REQUIRED',
		responseChecksumValidation: 'WHEN_REQUIRED',
		maxAttempts: 3,
		requestHandler: {
			connectionTimeout: CONNECT_TIMEOUT_MS,
			requestTimeout: REQUEST_TIMEOUT_MS,
			throwOnRequestTimeout: true,
			...(ignoreCertificate ? { httpsAgent: new Agent({ rejectUnauthorized: false, keepAlive: true }) } : {}),
		},
	});
	return new S3ObjectStorage(sdk, client);
}

class S3ObjectStorage implements ObjectStorage {
	readonly #sdk: Sdk;
	readonly #client: S3Client;

	constructor(sdk: Sdk, client: S3Client) {
		this.#sdk = sdk;
		this.#client = client;
	}

	async putStream(
		{ bucket, key }: ObjectAddress,
		content: AsyncIterable<Uint8Array>,
		{ expectedBytes, signal }: { expectedBytes: number; signal: AbortSignal },
	): Promise<void> {
		const source = new GuardedContent(content, signal);
		const calls = multipartCalls({ sdk: this.#sdk, client: this.#client }, { bucket, key }, signal);
		const partBytes = Math.max(SMALLEST_PART_BYTES, Math.ceil(expectedBytes / PLANNED_PARTS));
		try {
			await uploadInParts(calls, source.read(), { partBytes, parallelParts: PARALLEL_PARTS });
		} catch (error) {
			if (source.failure) throw source.failure.reason;
			throw storageError(error, { action: 'upload', bucket, signal });
		}
	}

	async putText(
		{ bucket, key }: ObjectAddress,
		text: string,
		signal: AbortSignal,
		contentType = 'application/json',
	): Promise<void> {
		const command = new this.#sdk.PutObjectCommand({
			Bucket: bucket,
			Key: key,
			Body: text,
			ContentType: contentType,
		});
		try {
			await this.#client.send(command, { abortSignal: signal });
		} catch (error) {
			throw storageError(error, { action: 'upload', bucket, signal });
		}
	}

	async readText(address: ObjectAddress, signal: AbortSignal): Promise<string | undefined> {
		const object = await this.openStream(address, signal);
		if (!object) return undefined;
		if (object.sizeBytes > TEXT_LIMIT_BYTES) {
			throw storageErrors.TOO_LARGE({
				key: address.key,
				sizeBytes: object.sizeBytes,
				limitBytes: TEXT_LIMIT_BYTES,
			});
		}
		const chunks: Uint8Array[] = [];
		for await (const chunk of object.content) chunks.push(chunk);
		return Buffer.concat(chunks).toString('utf8');
	}

	async openStream(
		{ bucket, key }: ObjectAddress,
		signal: AbortSignal,
	): Promise<{ sizeBytes: number; content: AsyncIterable<Uint8Array> } | undefined> {
		const request = { action: 'read', bucket, signal };
		try {
			const { Body, ContentLength } = await this.#client.send(
				new this.#sdk.GetObjectCommand({ Bucket: bucket, Key: key }),
				{ abortSignal: signal },
			);
			if (!(Body instanceof Readable) || ContentLength === undefined) throw new Error('no body');
			return { sizeBytes: ContentLength, content: readBody(addAbortSignal(signal, Body), request) };
		} catch (error) {
			if (isMissingObject(error)) return undefined;
			throw storageError(error, request);
		}
	}

	async readSize({ bucket, key }: ObjectAddress, signal: AbortSignal): Promise<number | undefined> {
		try {
			const { ContentLength } = await this.#client.send(
				new this.#sdk.HeadObjectCommand({ Bucket: bucket, Key: key }),
				{ abortSignal: signal },
			);
			return ContentLength;
		} catch (error) {
			if (isMissingObject(error)) return undefined;
			throw storageError(error, { action: 'read', bucket, signal });
		}
	}

	async remove({ bucket, key }: ObjectAddress): Promise<void> {
		try {
			await this.#client.send(new this.#sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }));
		} catch (error) {
			throw storageError(error, { action: 'delete', bucket });
		}
	}

	async listKeys(bucket: string, prefix: string, signal: AbortSignal): Promise<string[]> {
		const pages = this.#sdk.paginateListObjectsV2({ client: this.#client }, { Bucket: bucket, Prefix: prefix });
		const keys: string[] = [];
		try {
			for await (const { Contents } of pages) {
				signal.throwIfAborted();
				keys.push(...(Contents ?? []).map(({ Key }) => Key ?? ''));
			}
			return keys.sort();
		} catch (error) {
			throw storageError(error, { action: 'list', bucket, signal });
		}
	}

	close(): void {
		this.#client.destroy();
	}
}

/** Content that stops at an abort, and remembers its own failure, which is not one of storage. */
class GuardedContent {
	failure: { readonly reason: unknown } | undefined;
	readonly #content: AsyncIterable<Uint8Array>;
	readonly #signal: AbortSignal;

	constructor(content: AsyncIterable<Uint8Array>, signal: AbortSignal) {
		this.#content = content;
		this.#signal = signal;
	}

	async *read(): AsyncGenerator<Uint8Array> {
		try {
			for await (const chunk of this.#content) {
				this.#signal.throwIfAborted();
				yield chunk;
			}
			this.#signal.throwIfAborted();
		} catch (reason) {
			this.failure = { reason };
			throw reason;
		}
	}
}

async function* readBody(
	body: Readable,
	request: { action: string; bucket: string; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
	try {
		for await (const chunk of body) yield chunk as Uint8Array;
	} catch (error) {
		throw storageError(error, request);
	}
}
