import { randomBytes } from 'node:crypto';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { CreateBackupOptions } from '../../../lib/backup/storeArchive';
import type { BackupVerification } from '../../../lib/backup/verification';
import { verifyBackup, type VerifyBackupOptions } from '../../../lib/backup/verifyBackup';
import { openObjectStorage } from '../../../lib/storage/objectStorage.client';
import type { ObjectAddress, ObjectStorage } from '../../../lib/storage/model';
import { systemClock } from '../../../lib/support/clock';
import { connectPostgres, type PostgresConnection } from '../../../lib/support/postgres.client';
import { sandboxEndpoints } from '../../support/sandboxEndpoints';

/** The superuser of the sandbox's server, in its maintenance database. */
export function superuser(): PostgresConnection {
	return { ...sandboxEndpoints().postgres, ssl: 'disable' };
}

export async function query(
	connection: PostgresConnection,
	...statements: string[]
): Promise<Array<Record<string, unknown>>> {
	const client = await connectPostgres(connection);
	try {
		let rows: Array<Record<string, unknown>> = [];
		for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
		return rows;
	} finally {
		await client.end();
	}
}

/** A database of the test's own. */
export async function createDatabase(
	name = `backup_test_${randomBytes(4).toString('hex')}`,
): Promise<PostgresConnection & { drop(): Promise<void> }> {
	const quoted = `"${name.replaceAll('"', '""')}"`;
	await query(superuser(), `CREATE DATABASE ${quoted} TEMPLATE template0 ENCODING 'UTF8'`);
	const drop = async (): Promise<void> => {
		await query(superuser(), `DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`);
	};
	return { ...superuser(), database: name, drop };
}

/** Options of a run under a prefix of its own, and the lines that it logged. */
export function newRun(
	overrides: Partial<CreateBackupOptions> = {},
): CreateBackupOptions & { readonly lines: string[] } {
	const lines: string[] = [];
	return {
		location: { bucket: sandboxEndpoints().s3.buckets.backups, prefix: `test/${randomBytes(4).toString('hex')}` },
		lockWaitTimeoutSeconds: 2,
		jobs: 2,
		signal: AbortSignal.timeout(100_000),
		clock: systemClock,
		log: (line) => void lines.push(line),
		lines,
		...overrides,
	};
}

export async function openStore(endpoint = sandboxEndpoints().s3.endpoint): Promise<ObjectStorage> {
	const { region, accessKeyId, secretAccessKey } = sandboxEndpoints().s3;
	return await openObjectStorage({
		endpoint,
		region,
		accessKeyId,
		secretAccessKey,
		forcePathStyle: true,
		ignoreCertificate: false,
	});
}

/** Verifies on the sandbox's server, the sources' own. */
export async function verifyOnSource(
	store: ObjectStorage,
	options: Omit<VerifyBackupOptions, 'allowSourceServer'>,
): Promise<BackupVerification> {
	return await verifyBackup(superuser(), store, { ...options, allowSourceServer: true });
}

/** A stored object, whole. */
export async function readObject(store: ObjectStorage, address: ObjectAddress): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	const object = await store.openStream(address, AbortSignal.timeout(60_000));
	for await (const chunk of object?.content ?? []) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** Puts these bytes in the place of a stored object. */
export async function writeObject(store: ObjectStorage, address: ObjectAddress, bytes: Buffer): Promise<void> {
	const content = (async function* () {
		yield await Promise.resolve(bytes);
	})();
	await store.putStream(address, content, { expectedBytes: bytes.length, signal: AbortSignal.timeout(60_000) });
}

/** Keys under a run's prefix, sorted. */
export async function listKeys({ location }: { location: { bucket: string; prefix: string } }): Promise<string[]> {
	const { endpoint, region, accessKeyId, secretAccessKey } = sandboxEndpoints().s3;
	const client = new S3Client({
		endpoint,
		region,
		credentials: { accessKeyId, secretAccessKey },
		forcePathStyle: true,
	});
	try {
		const { Contents } = await client.send(
			new ListObjectsV2Command({ Bucket: location.bucket, Prefix: location.prefix }),
		);
		return (Contents ?? []).map(({ Key }) => Key ?? '').sort();
	} finally {
		client.destroy();
	}
}

/** Databases left on the server whose name says that they are scratch databases of this backup. */
export async function listScratchDatabases(backupId: string): Promise<unknown[]> {
	const stem = `scratch_${backupId.toLowerCase().replaceAll('-', '_')}`;
	return await query(superuser(), `SELECT datname FROM pg_database WHERE starts_with(datname, '${stem}')`);
}

export interface RecordingProxy {
	readonly endpoint: string;
	/** `POST /bucket/key?uploads`, in the order of arrival. */
	readonly calls: string[];
	/** Objects whose upload in parts was begun, and neither completed nor discarded. */
	openUploads(): string[];
	close(): Promise<void>;
}

/** Object storage with a memory: forwards to the sandbox's and notes every call. `answer` may take a call over. */
export async function startProxy(
	answer?: (call: string, response: ServerResponse) => boolean,
): Promise<RecordingProxy> {
	const target = new URL(sandboxEndpoints().s3.endpoint);
	const calls: string[] = [];
	const open = new Set<string>();
	const forward = (incoming: IncomingMessage, response: ServerResponse): void => {
		const call = `${incoming.method} ${incoming.url}`;
		calls.push(call);
		if (answer?.(call, response) === true) {
			incoming.resume();
			return;
		}
		// The host is part of the signature, so it goes through as it came.
		const outgoing = request(
			{
				host: target.hostname,
				port: target.port,
				method: incoming.method,
				path: incoming.url,
				headers: incoming.headers,
			},
			(reply) => {
				const [object = ''] = (incoming.url ?? '').split('?');
				if (/^POST .*[?&]uploads(=|&|$)/.test(call)) open.add(object);
				else if (/^(POST|DELETE) .*[?&]uploadId=/.test(call) && (reply.statusCode ?? 500) < 300)
					open.delete(object);
				response.writeHead(reply.statusCode ?? 502, reply.headers);
				reply.pipe(response);
			},
		);
		outgoing.on('error', () => response.destroy());
		incoming.pipe(outgoing);
	};
	const server: Server = createServer(forward);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		calls,
		openUploads: () => [...open],
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
