import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ObjectStorage } from '../../../lib/storage/model';
import { openObjectStorage } from '../../../lib/storage/objectStorage.client';

const SECRET = 'canary-secret-access-key';
let server: Server;
let storage: ObjectStorage;
let calls: Array<{ call: string; headers: IncomingMessage['headers']; bytes: number }>;
let answer: (call: string, response: ServerResponse) => void;

beforeEach(async () => {
	calls = [];
	server = createServer((request, response) => {
		let bytes = 0;
		request.on('data', (chunk: Buffer) => (bytes += chunk.length));
		request.on('end', () => {
			const call = `${request.method} ${request.url}`;
			calls.push({ call, headers: request.headers, bytes });
			answer(call, response);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	storage = await openObjectStorage({
		endpoint,
		region: 'us-east-1',
		accessKeyId: 'KEY',
		secretAccessKey: SECRET,
		forcePathStyle: true,
		ignoreCertificate: false,
	});
});
afterEach(async () => {
	storage.close();
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

const address = { bucket: 'b', key: 'folder/key' };
const signal = new AbortController().signal;

async function* megabytes(count: number, failure?: Error): AsyncGenerator<Uint8Array> {
	for (let index = 0; index < count; index++) yield await Promise.resolve(Buffer.alloc(1024 * 1024, index));
	if (failure) throw failure;
}

function answerMultipart(call: string, response: ServerResponse): void {
	if (call.startsWith('DELETE ')) response.writeHead(204).end();
	else if (call.startsWith('PUT ')) response.writeHead(200, { etag: '"part"' }).end();
	else if (call.includes('uploadId='))
		response
			.writeHead(200)
			.end('<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>');
	else
		response
			.writeHead(200)
			.end('<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>');
}

test('content goes up in parts and is completed once', async () => {
	answer = answerMultipart;
	await storage.putStream(address, megabytes(20), { expectedBytes: 0, signal });
	expect(calls.filter(({ call }) => call.startsWith('PUT ')).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
		20 * 1024 * 1024,
	);
	expect(calls.at(-1)?.call).toMatch(/^POST \/b\/folder\/key\?uploadId=u1/);
});

test('parts grow with the size expected, so that ten thousand are enough', async () => {
	answer = answerMultipart;
	await storage.putStream(address, megabytes(20), { expectedBytes: 9000 * 12 * 1024 * 1024, signal });
	expect(calls.filter(({ call }) => call.startsWith('PUT ')).map(({ bytes }) => bytes / 1024 / 1024)).toEqual(
		expect.arrayContaining([12, 8]),
	);
});

test('content that fails gives its own error, completes nothing and discards its parts', async () => {
	answer = answerMultipart;
	const failure = new Error('the dump broke');
	await expect(storage.putStream(address, megabytes(20, failure), { expectedBytes: 0, signal })).rejects.toBe(
		failure,
	);
	expect(calls.some(({ call }) => call.startsWith('POST ') && call.includes('uploadId='))).toBe(false);
	expect(calls.filter(({ call }) => call.startsWith('DELETE ') && call.includes('uploadId=u1'))).toHaveLength(1);
});

test('small content that fails is never put', async () => {
	answer = answerMultipart;
	const failure = new Error('the dump broke');
	await expect(storage.putStream(address, megabytes(1, failure), { expectedBytes: 0, signal })).rejects.toBe(failure);
	expect(calls).toEqual([]);
});

test('the error of the content survives a server that cannot discard parts', async () => {
	answer = (call, response) =>
		call.startsWith('DELETE ') ? void response.writeHead(405).end() : answerMultipart(call, response);
	const failure = new Error('the dump broke');
	await expect(storage.putStream(address, megabytes(20, failure), { expectedBytes: 0, signal })).rejects.toBe(
		failure,
	);
});

test('success without an entity tag is no success', async () => {
	answer = (_, response) => void response.writeHead(200).end();
	await expect(storage.putStream(address, megabytes(1), { expectedBytes: 0, signal })).rejects.toMatchObject({
		code: 'STORAGE.UNAVAILABLE',
	});
});

test('a download that breaks off is an error, not a shorter object', async () => {
	answer = (_, response) => {
		response.writeHead(200, { 'content-length': '1000' });
		response.write('x'.repeat(100), () => response.destroy());
	};
	await expect(storage.readText(address, signal)).rejects.toMatchObject({
		code: 'STORAGE.UNAVAILABLE',
		retryable: true,
	});
});

test('a missing object is undefined', async () => {
	answer = (call, response) =>
		void response.writeHead(404).end(call.startsWith('HEAD ') ? '' : '<Error><Code>NoSuchKey</Code></Error>');
	expect(await storage.readText(address, signal)).toBeUndefined();
	expect(await storage.readSize(address, signal)).toBeUndefined();
});

test('the secret is sent nowhere and shown nowhere', async () => {
	answer = (_, response) =>
		void response
			.writeHead(403)
			.end(`<Error><Code>SignatureDoesNotMatch</Code><Message>${SECRET}</Message></Error>`);
	const error: unknown = await storage.putText(address, 'x', signal).catch((reason: unknown) => reason);
	expect(error).toMatchObject({ code: 'STORAGE.ACCESS_DENIED' });
	expect(JSON.stringify([error, calls, (error as Error).stack]) + String(error)).not.toContain(SECRET);
});

test.each(['localhost:9000', 'ftp://storage', 'not an address'])(
	'the endpoint %j is refused before any call',
	async (endpoint) => {
		const opened = openObjectStorage({
			endpoint,
			region: 'r',
			accessKeyId: 'k',
			secretAccessKey: SECRET,
			forcePathStyle: true,
			ignoreCertificate: false,
		});
		await expect(opened).rejects.toMatchObject({ code: 'STORAGE.ENDPOINT_INVALID' });
	},
);
