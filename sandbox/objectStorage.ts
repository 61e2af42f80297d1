import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { discardUpload } from './discardUpload.ts';
import type { S3rverErrorClass, S3rverMiddleware } from './discardUpload.ts';
import { mendStore } from './objectStorageStore.ts';
import type { S3rverObjectClass, S3rverStore } from './objectStorageStore.ts';

export interface ObjectStorageHandle {
	readonly endpoint: string;
	readonly region: string;
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly buckets: readonly string[];
	stop(): Promise<void>;
}

/** The part of s3rver (CommonJS, without types) that is used here. */
interface S3rver {
	readonly httpServer: Server;
	readonly store: S3rverStore;
	/** Koa's, in order; the last one is the routes. */
	readonly middleware: S3rverMiddleware[];
	run(): Promise<AddressInfo>;
	close(): Promise<void>;
}
type S3rverClass = new (options: {
	address: string;
	port: number;
	directory: string;
	silent: boolean;
	vhostBuckets: boolean;
	configureBuckets: Array<{ name: string }>;
}) => S3rver;

const require = createRequire(import.meta.url);
const S3rverServer = require('s3rver') as S3rverClass;
const ObjectOfServer = require('s3rver/lib/models/object') as S3rverObjectClass;
const ErrorOfServer = require('s3rver/lib/models/error') as S3rverErrorClass;

/** The one key pair that s3rver knows; it listens on loopback only. */
const keyPair = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

export interface InitialObject {
	readonly bucket: string;
	readonly key: string;
	readonly content: Buffer;
}

/** Starts an S3-compatible server on loopback with the buckets and objects given; objects are files in `directory`, deleted by `stop()`. */
export async function startObjectStorage({
	directory,
	buckets,
	objects = [],
}: {
	directory: string;
	buckets: readonly string[];
	objects?: readonly InitialObject[];
}): Promise<ObjectStorageHandle> {
	await mkdir(directory, { recursive: true });
	const server = new S3rverServer({
		address: '127.0.0.1',
		port: 0,
		directory,
		silent: true,
		vhostBuckets: false,
		configureBuckets: buckets.map((name) => ({ name })),
	});
	mendStore(server.store, ObjectOfServer);
	server.middleware.splice(-1, 0, discardUpload(server.store, ErrorOfServer));
	const { port } = await server.run();
	for (const { bucket, key, content } of objects)
		await server.store.putObject(new ObjectOfServer(bucket, key, content, {}));
	let stopping: Promise<void> | undefined;
	async function close(): Promise<void> {
		const closed = server.close();
		server.httpServer.closeAllConnections();
		await closed;
		await rm(directory, { recursive: true, force: true });
	}
	return {
		endpoint: `http://127.0.0.1:${port}`,
		region: 'us-east-1',
		...keyPair,
		buckets,
		stop: () => (stopping ??= close()),
	};
}
