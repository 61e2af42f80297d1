import type { ObjectAddress } from './model';
import { uploadInParts } from './multipart';
import { multipartCalls, type StoredAs } from './multipart.client';
import type { S3Session } from './s3Session.client';
import { storageError } from './storageError';

export interface StreamUpload {
	readonly address: ObjectAddress;
	readonly headers?: StoredAs['headers'];
	/** A guess, which the size of parts is chosen by. */
	readonly expectedBytes: number;
	readonly signal: AbortSignal;
}

/** In memory at once, for one upload; one is filled while the other is sent. */
const PARALLEL_PARTS = 2;
/** S3 takes nothing smaller, but for the last. */
const SMALLEST_PART_BYTES = 5 * 1024 * 1024;
/** S3 allows 10 000; the reserve covers a guess that was too low by a tenth. */
const PLANNED_PARTS = 9000;

/**
 * Streams `content` in parts and gives the entity tag of what was stored. Nothing appears under the key unless `content` ends without
 * throwing: then the parts are discarded and its error is rethrown. @throws RunbookError STORAGE.*
 */
export async function uploadStream(
	session: S3Session,
	content: AsyncIterable<Uint8Array>,
	{ address, headers = {}, expectedBytes, signal }: StreamUpload,
): Promise<string> {
	const source = new GuardedContent(content, signal);
	let stored = '';
	const onStored = (etag: string): void => void (stored = etag);
	const calls = multipartCalls(session, address, signal, { headers, onStored });
	const partBytes = Math.max(SMALLEST_PART_BYTES, Math.ceil(expectedBytes / PLANNED_PARTS));
	try {
		const { buffers } = session;
		await uploadInParts(calls, source.read(), { partBytes, parallelParts: PARALLEL_PARTS, buffers });
		return stored;
	} catch (error) {
		if (source.failure) throw source.failure.reason;
		throw storageError(error, { action: 'upload', bucket: address.bucket, signal });
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
