import type { PartBuffers } from './partBuffers';

/** What one upload needs of the storage. Each call is answered or throws; a part may be sent again. */
export interface MultipartCalls<Part> {
	putWhole(body: Uint8Array): Promise<void>;
	create(): Promise<string>;
	putPart(uploadId: string, number: number, body: Uint8Array): Promise<Part>;
	complete(uploadId: string, parts: readonly Part[]): Promise<void>;
	abort(uploadId: string): Promise<void>;
}

export interface UploadOptions {
	readonly partBytes: number;
	/** In memory at once. */
	readonly parallelParts: number;
	readonly buffers: PartBuffers;
}

/**
 * Uploads `content` in parts of `partBytes`, at most `parallelParts` of them in memory; what fits into one part is stored by a single call.
 * After a failure nothing is under way any more and the parts are discarded, an upload whose creation was being answered included. The SDK's
 * own upload holds two copies of every part; several archives stream at once here, so that memory is what it is replaced for.
 * @throws the error of the content or of the storage
 */
export async function uploadInParts<Part>(
	calls: MultipartCalls<Part>,
	content: AsyncIterable<Uint8Array>,
	options: UploadOptions,
): Promise<void> {
	const upload = new PartsUpload(calls, options);
	try {
		for await (const chunk of content) await upload.write(chunk);
		await upload.finish();
	} catch (error) {
		await upload.discard();
		throw error;
	}
}

class PartsUpload<Part> {
	readonly #calls: MultipartCalls<Part>;
	readonly #options: UploadOptions;
	#current: Buffer | undefined;
	#filled = 0;
	#uploadId: string | undefined;
	#sent = 0;
	readonly #parts: Part[] = [];
	readonly #underWay = new Set<Promise<void>>();
	#failure: { readonly reason: unknown } | undefined;

	constructor(calls: MultipartCalls<Part>, options: UploadOptions) {
		this.#calls = calls;
		this.#options = options;
	}

	async write(chunk: Uint8Array): Promise<void> {
		const { partBytes } = this.#options;
		for (let offset = 0; offset < chunk.length;) {
			// A full part is sent only when more follows, so that what fits into one is a single call.
			if (this.#filled === partBytes) await this.#send();
			const current = (this.#current ??= await this.#takeBuffer());
			const length = Math.min(chunk.length - offset, partBytes - this.#filled);
			current.set(chunk.subarray(offset, offset + length), this.#filled);
			this.#filled += length;
			offset += length;
		}
	}

	async finish(): Promise<void> {
		if (this.#uploadId === undefined) {
			await this.#calls.putWhole(this.#body());
			this.#giveBack(this.#current);
			return;
		}
		await this.#send();
		await Promise.all(this.#underWay);
		this.#throwFailure();
		await this.#calls.complete(this.#uploadId, this.#parts);
	}

	/** Never throws: the failure that led here is the one to report. */
	async discard(): Promise<void> {
		await Promise.all(this.#underWay);
		if (this.#uploadId !== undefined) await this.#calls.abort(this.#uploadId).catch(() => undefined);
	}

	#body(): Uint8Array {
		return this.#current?.subarray(0, this.#filled) ?? new Uint8Array();
	}

	async #send(): Promise<void> {
		const uploadId = (this.#uploadId ??= await this.#calls.create());
		const [body, buffer, index] = [this.#body(), this.#current, this.#sent++];
		this.#current = undefined;
		this.#filled = 0;
		const sending = this.#calls
			.putPart(uploadId, index + 1, body)
			.then((part) => {
				this.#parts[index] = part;
				this.#giveBack(buffer);
			})
			.catch((reason: unknown) => void (this.#failure ??= { reason }))
			.finally(() => this.#underWay.delete(sending));
		this.#underWay.add(sending);
	}

	async #takeBuffer(): Promise<Buffer> {
		const { partBytes, parallelParts, buffers } = this.#options;
		while (this.#underWay.size >= parallelParts) await Promise.race(this.#underWay);
		this.#throwFailure();
		return buffers.take(partBytes);
	}

	/** Only after a success: a request that was given up may still be read from. */
	#giveBack(buffer: Buffer | undefined): void {
		if (buffer) this.#options.buffers.giveBack(buffer);
	}

	#throwFailure(): void {
		if (this.#failure) throw this.#failure.reason;
	}
}
