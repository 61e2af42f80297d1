import { addAbortSignal, Readable } from 'node:stream';
import { storageErrors } from './errors';
import type { ObjectAddress, ObjectStorage, ObjectStorageConnection } from './model';
import { openS3Session, type S3Session } from './s3Session.client';
import { isMissingObject, storageError } from './storageError';
import { listObjects } from './sync/listObjects.client';
import { uploadStream } from './uploadStream.client';

/** Until a request is answered: one part of 5 MiB over a slow line, yet a silent server does not hold a step forever. */
const REQUEST_TIMEOUT_MS = 120_000;
const TEXT_LIMIT_BYTES = 64 * 1024 * 1024;

/** Opens a client for S3-compatible storage; no call is made yet. The caller closes it. @throws RunbookError STORAGE.ENDPOINT_INVALID */
export async function openObjectStorage(connection: ObjectStorageConnection): Promise<ObjectStorage> {
	const patience = { attempts: 3, retryMode: 'standard' as const, requestTimeoutMs: REQUEST_TIMEOUT_MS };
	return objectStorageOver(await openS3Session(connection, patience));
}

/** The same over a session that is open already; closing it closes the session. */
export function objectStorageOver(session: S3Session): ObjectStorage {
	return new S3ObjectStorage(session);
}

class S3ObjectStorage implements ObjectStorage {
	readonly #session: S3Session;
	readonly #sdk: S3Session['sdk'];
	readonly #client: S3Session['client'];

	constructor(session: S3Session) {
		this.#session = session;
		this.#sdk = session.sdk;
		this.#client = session.client;
	}

	async putStream(
		address: ObjectAddress,
		content: AsyncIterable<Uint8Array>,
		options: { expectedBytes: number; signal: AbortSignal },
	): Promise<void> {
		await uploadStream(this.#session, content, { address, ...options });
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
		const keys: string[] = [];
		for await (const { key } of listObjects(this.#session, { bucket, prefix }, signal)) keys.push(key);
		return keys;
	}

	close(): void {
		this.#client.destroy();
	}
}

/** The bytes of an answer; one that breaks off is an error. */
export async function* readBody(
	body: Readable,
	request: { action: string; bucket: string; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
	try {
		for await (const chunk of body) yield chunk as Uint8Array;
	} catch (error) {
		throw storageError(error, request);
	}
}
