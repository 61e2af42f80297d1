/** How to reach an S3-compatible object storage. The secret never leaves this object except to the driver. */
export interface ObjectStorageConnection {
	/** Address with scheme; empty for AWS itself. */
	readonly endpoint: string;
	readonly region: string;
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	/** `https://host/bucket/key` instead of `https://bucket.host/key`; most storage other than AWS wants it. */
	readonly forcePathStyle: boolean;
	/** Encrypted, but the server's certificate is not checked. */
	readonly ignoreCertificate: boolean;
}

export interface ObjectAddress {
	readonly bucket: string;
	readonly key: string;
}

export interface StoredObject {
	readonly sizeBytes: number;
	/** May be read once. */
	readonly content: AsyncIterable<Uint8Array>;
}

/** The few calls that the package needs. A missing object is undefined, never an error; every failure is a RunbookError STORAGE.*. */
export interface ObjectStorage {
	/**
	 * Streams `content` in parts, each piece copied before the next is asked for; its size need not be known. Nothing appears under the key unless `content` ends without throwing: then
	 * the parts are discarded and its error is rethrown. `expectedBytes` is a guess that the size of parts is chosen by.
	 */
	putStream(
		address: ObjectAddress,
		content: AsyncIterable<Uint8Array>,
		options: { expectedBytes: number; signal: AbortSignal },
	): Promise<void>;
	/** `contentType` is JSON unless said. */
	putText(address: ObjectAddress, text: string, signal: AbortSignal, contentType?: string): Promise<void>;
	readText(address: ObjectAddress, signal: AbortSignal): Promise<string | undefined>;
	openStream(address: ObjectAddress, signal: AbortSignal): Promise<StoredObject | undefined>;
	/** In bytes. */
	readSize(address: ObjectAddress, signal: AbortSignal): Promise<number | undefined>;
	remove(address: ObjectAddress): Promise<void>;
	/** Keys that begin with `prefix`, sorted. */
	listKeys(bucket: string, prefix: string, signal: AbortSignal): Promise<string[]>;
	close(): void;
}
