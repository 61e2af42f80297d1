/** What one upload needs of the storage. Each call is answered or throws; a part may be sent again. */
export interface MultipartCalls<Part> {
	putWhole(body: Uint8Array): Promise<void>;
	create(): Promise<string>;
	putPart(uploadId: string, number: number, body: Uint8Array): Promise<Part>;
	complete(uploadId: string, parts: readonly Part[]): Promise<void>;
	abort(uploadId: string): Promise<void>;
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
	{ partBytes, parallelParts }: { partBytes: number; parallelParts: number },
): Promise<void> {
	const upload = new PartsUpload(calls, { partBytes, parallelParts });
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
	readonly #partBytes: number;
	/** Buffers that no part is being sent from. */
	readonly #free: Buffer[] = [];
	#unallocated: number;
	#current: Buffer | undefined;
	#filled = 0;
	#uploadId: string | undefined;
	#sent = 0;
	readonly #parts: Part[] = [];
	readonly #underWay = new Set<Promise<void>>();
	#failure: { readonly reason: unknown } | undefined;

	constructor(
		calls: MultipartCalls<Part>,
		{ partBytes, parallelParts }: { partBytes: number; parallelParts: number },
	) {
		this.#calls = calls;
		this.#partBytes = partBytes;
		this.#unallocated = parallelParts;
	}

	async write(chunk: Uint8Array): Promise<void> {
		for (let offset = 0; offset < chunk.length;) {
			// A full part is sent only when more follows, so that what fits into one is a single call.
			if (this.#filled === this.#partBytes) await this.#send();
			const current = (this.#current ??= await this.#takeBuffer());
			const length = Math.min(chunk.length - offset, this.#partBytes - this.#filled);
			current.set(chunk.subarray(offset, offset + length), this.#filled);
			this.#filled += length;
			offset += length;
		}
	}

	async finish(): Promise<void> {
		if (this.#uploadId === undefined) {
			await this.#calls.putWhole(this.#body());
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
			.then((part) => void (this.#parts[index] = part))
			.catch((reason: unknown) => void (this.#failure ??= { reason }))
			.finally(() => {
				this.#underWay.delete(sending);
				if (buffer) this.#free.push(buffer);
			});
		this.#underWay.add(sending);
	}

	async #takeBuffer(): Promise<Buffer> {
		while (this.#free.length === 0 && this.#unallocated === 0) await Promise.race(this.#underWay);
		this.#throwFailure();
		const buffer = this.#free.pop();
		if (buffer) return buffer;
		this.#unallocated--;
		return Buffer.allocUnsafeSlow(this.#partBytes);
	}

	#throwFailure(): void {
		if (this.#failure) throw this.#failure.reason;
	}
}
