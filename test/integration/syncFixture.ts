import { randomBytes } from 'node:crypto';
import * as sdk from '@aws-sdk/client-s3';
import type { ObjectStorageConnection } from '../../lib/storage/model';
import { openFileStorage } from '../../lib/storage/sync/fileStorage.client';
import type { FileStorage } from '../../lib/storage/sync/model';
import type { SyncOptions } from '../../lib/storage/sync/syncFiles';
import { systemClock } from '../../lib/support/clock';

/** Two fresh buckets on one server, a client of the package, and one of the SDK to look at things from outside. */
export class SyncFixture {
	readonly source = `files-${randomBytes(6).toString('hex')}`;
	readonly destination = `copies-${randomBytes(6).toString('hex')}`;
	readonly logged: string[] = [];
	readonly raw: sdk.S3Client;
	readonly storage: FileStorage;

	private constructor(
		{ endpoint, region, accessKeyId, secretAccessKey }: ObjectStorageConnection,
		storage: FileStorage,
	) {
		const credentials = { accessKeyId, secretAccessKey };
		this.raw = new sdk.S3Client({ endpoint, region, credentials, forcePathStyle: true });
		this.storage = storage;
	}

	static async create(connection: ObjectStorageConnection): Promise<SyncFixture> {
		const fixture = new SyncFixture(connection, await openFileStorage(connection));
		for (const Bucket of [fixture.source, fixture.destination])
			await fixture.raw.send(new sdk.CreateBucketCommand({ Bucket }));
		return fixture;
	}

	close(): void {
		this.storage.close();
		this.raw.destroy();
	}

	options(change: Partial<SyncOptions> = {}): SyncOptions {
		return {
			source: { bucket: this.source, prefix: '' },
			destination: { bucket: this.destination, prefix: 'files', name: 'r-1' },
			mirror: false,
			allowEmpty: false,
			concurrency: 8,
			signal: new AbortController().signal,
			clock: systemClock,
			log: (message) => void this.logged.push(message),
			...change,
		};
	}

	async put(key: string, body: string | Buffer, more: Partial<sdk.PutObjectCommandInput> = {}): Promise<void> {
		await this.raw.send(
			new sdk.PutObjectCommand({ Bucket: this.source, Key: key, Body: Buffer.from(body), ...more }),
		);
	}

	async putAll(keys: readonly string[]): Promise<void> {
		for (let first = 0; first < keys.length; first += 50)
			await Promise.all(
				keys.slice(first, first + 50).map(async (key) => await this.put(key, `content of ${key}`)),
			);
	}

	async overwriteCopy(key: string, body: string): Promise<void> {
		await this.raw.send(new sdk.PutObjectCommand({ Bucket: this.destination, Key: key, Body: body }));
	}

	async remove(bucket: string, key: string): Promise<void> {
		await this.raw.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }));
	}

	async read(key: string): Promise<string> {
		const { Body } = await this.raw.send(new sdk.GetObjectCommand({ Bucket: this.destination, Key: key }));
		return (await Body?.transformToString()) ?? '';
	}

	async head(key: string): Promise<sdk.HeadObjectCommandOutput> {
		return await this.raw.send(new sdk.HeadObjectCommand({ Bucket: this.destination, Key: key }));
	}

	/** Keys in the destination, in order; at most a thousand. */
	async copies(prefix = ''): Promise<string[]> {
		const listing = await this.raw.send(new sdk.ListObjectsCommand({ Bucket: this.destination, Prefix: prefix }));
		return (listing.Contents ?? []).map(({ Key = '' }) => Key);
	}

	/** An object that was uploaded in parts, so that its entity tag is no MD5. */
	async putInParts(
		key: string,
		parts: readonly Buffer[],
		more: Partial<sdk.PutObjectCommandInput> = {},
	): Promise<void> {
		const target = { Bucket: this.source, Key: key };
		const { UploadId } = await this.raw.send(new sdk.CreateMultipartUploadCommand({ ...target, ...more }));
		const done = [];
		for (const [index, Body] of parts.entries()) {
			const PartNumber = index + 1;
			const { ETag } = await this.raw.send(new sdk.UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
			done.push({ PartNumber, ETag });
		}
		const MultipartUpload = { Parts: done };
		await this.raw.send(new sdk.CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
	}
}
