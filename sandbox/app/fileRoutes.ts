import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Pool } from 'pg';
import { requireVariable } from './configuration.ts';
import { RefusedRequest, readBody } from './route.ts';
import type { Route } from './route.ts';
import { requireWriter } from './sessionRoutes.ts';
import type { RequireUser } from './sessionRoutes.ts';

interface Upload {
	readonly name: string;
	readonly contentType: string;
	readonly bytes: Buffer;
}

/** POST /files/upload (multipart with a field `file`, or the raw bytes) and GET and DELETE /files/:id; the bytes are objects in the bucket S3_BUCKET. */
export function createFileRoutes({
	database,
	requireUser,
}: {
	database: Pool;
	requireUser: RequireUser;
}): readonly Route[] {
	const bucket = requireVariable('S3_BUCKET');
	let client: Promise<S3Client> | undefined;
	/** The SDK takes longer to load than everything else here: only a process that stores files pays for it. */
	const connect = () => (client ??= createClient());

	const upload: Route = {
		method: 'POST',
		path: /^\/files\/upload$/,
		label: '/files/upload',
		async answer({ message, url }) {
			requireWriter(await requireUser(message));
			const { name, contentType, bytes } = await readUpload(message, url);
			const id = randomUUID();
			const key = `uploads/${id}`;
			const { PutObjectCommand } = await import('@aws-sdk/client-s3');
			await (
				await connect()
			).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: contentType }));
			const sha256 = createHash('sha256').update(bytes).digest();
			await database.query(
				'INSERT INTO files (id, name, content_type, size_bytes, sha256, object_key) VALUES ($1, $2, $3, $4, $5, $6)',
				[id, name, contentType, bytes.length, sha256, key],
			);
			return { status: 201, body: { id, name, sizeBytes: bytes.length, sha256: sha256.toString('hex') } };
		},
	};

	const download: Route = {
		method: 'GET',
		path: /^\/files\/(?<id>[0-9a-f-]{36})$/,
		label: '/files/:id',
		async answer({ message, parameters }) {
			await requireUser(message);
			const found = await database.query<{ object_key: string; content_type: string }>(
				'SELECT object_key, content_type FROM files WHERE id::text = $1',
				[parameters['id']],
			);
			const file = found.rows[0];
			if (!file) throw new RefusedRequest(404, 'there is no such file');
			const { GetObjectCommand } = await import('@aws-sdk/client-s3');
			const object = await (await connect()).send(new GetObjectCommand({ Bucket: bucket, Key: file.object_key }));
			const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
			return { status: 200, body: bytes, headers: { 'Content-Type': file.content_type } };
		},
	};

	const remove: Route = {
		method: 'DELETE',
		path: /^\/files\/(?<id>[0-9a-f-]{36})$/,
		label: '/files/:id',
		async answer({ message, parameters }) {
			requireWriter(await requireUser(message));
			const removed = await database.query<{ object_key: string }>(
				'DELETE FROM files WHERE id::text = $1 RETURNING object_key',
				[parameters['id']],
			);
			const file = removed.rows[0];
			if (!file) throw new RefusedRequest(404, 'there is no such file');
			const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
			await (await connect()).send(new DeleteObjectCommand({ Bucket: bucket, Key: file.object_key }));
			return { status: 200, body: {} };
		},
	};

	return [upload, download, remove];
}

async function createClient(): Promise<S3Client> {
	const { S3Client } = await import('@aws-sdk/client-s3');
	return new S3Client({
		endpoint: requireVariable('S3_ENDPOINT'),
		region: requireVariable('S3_REGION'),
		forcePathStyle: true,
		credentials: {
			accessKeyId: requireVariable('S3_ACCESS_KEY_ID'),
			secretAccessKey: requireVariable('S3_SECRET_ACCESS_KEY'),
		},
	});
}

async function readUpload(message: IncomingMessage, url: URL): Promise<Upload> {
	const contentType = message.headers['content-type'] ?? 'application/octet-stream';
	const body = await readBody(message);
	if (!contentType.startsWith('multipart/form-data')) {
		if (body.length === 0) throw new RefusedRequest(400, 'the body is empty');
		return { name: url.searchParams.get('name') ?? 'upload', contentType, bytes: body };
	}
	const form = await parseForm(body, contentType);
	const file = form.get('file');
	if (file === null || typeof file === 'string')
		throw new RefusedRequest(400, 'a form field named file with a file is needed');
	return {
		name: file.name,
		contentType: file.type || 'application/octet-stream',
		bytes: Buffer.from(await file.arrayBuffer()),
	};
}

/** Deprecated for servers because it holds the whole body in memory; ours is at most 10 MiB and held already. */
function parseForm(body: Buffer, contentType: string): Promise<FormData> {
	const response = new Response(new Uint8Array(body), { headers: { 'Content-Type': contentType } });
	return response.formData().catch(() => {
		throw new RefusedRequest(400, 'the multipart body cannot be read');
	});
}
