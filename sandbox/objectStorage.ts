import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

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

const S3rverServer = createRequire(import.meta.url)('s3rver') as S3rverClass;

/** The one key pair that s3rver knows; it listens on loopback only. */
const keyPair = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** Starts an S3-compatible server on loopback with the buckets given; objects are files in `directory`, deleted by `stop()`. */
export async function startObjectStorage({
	directory,
	buckets,
}: {
	directory: string;
	buckets: readonly string[];
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
	const { port } = await server.run();
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
