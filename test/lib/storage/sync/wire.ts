import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openFileStorage } from '../../../../lib/storage/sync/fileStorage.client';
import type { FileStorage } from '../../../../lib/storage/sync/model';
import type { SyncOptions } from '../../../../lib/storage/sync/syncFiles';
import { systemClock } from '../../../../lib/support/clock';

export const SECRET = 'canary-secret-access-key';

export interface Call {
	/** `PUT /copies/files/r-1/a`, without the query's name of the operation. */
	readonly call: string;
	readonly headers: IncomingMessage['headers'];
	readonly body: string;
}

/** Answers a call, or leaves it to the usual answer by returning false. */
export type Script = (call: Call, response: ServerResponse) => boolean;

export interface WireObject {
	readonly key: string;
	readonly size?: number;
	readonly etag?: string;
}

/** A server that speaks S3 as far as a test scripts it, for answers that no healthy server gives. */
export class Wire {
	readonly calls: Call[] = [];
	readonly logged: string[] = [];
	objects: readonly WireObject[] = [{ key: 'a' }];
	script: Script = () => false;
	storage!: FileStorage;
	readonly #server: Server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const call = {
				call: `${request.method} ${request.url?.replaceAll(/[?&]x-id=\w+/g, '')}`,
				headers: request.headers,
				body: Buffer.concat(chunks).toString(),
			};
			this.calls.push(call);
			if (!this.script(call, response)) this.#answer(call, response);
		});
	});

	async open(): Promise<void> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		this.storage = await openFileStorage({
			endpoint: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
			region: 'us-east-1',
			accessKeyId: 'KEY',
			secretAccessKey: SECRET,
			forcePathStyle: true,
			ignoreCertificate: false,
		});
	}

	async close(): Promise<void> {
		this.storage.close();
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	options(change: Partial<SyncOptions> = {}): SyncOptions {
		return {
			source: { bucket: 'files', prefix: '' },
			destination: { bucket: 'copies', prefix: 'files', name: 'r-1' },
			mirror: false,
			allowEmpty: false,
			concurrency: 1,
			signal: new AbortController().signal,
			clock: systemClock,
			log: (message) => void this.logged.push(message),
			...change,
		};
	}

	/** The calls that begin so. */
	made(start: string): Call[] {
		return this.calls.filter(({ call }) => call.startsWith(start));
	}

	#answer({ call, headers }: Call, response: ServerResponse): void {
		if (call.startsWith('HEAD /files/') || call.startsWith('HEAD /copies/files/'))
			response.writeHead(200, { etag: '"e-a"', 'content-length': '1' }).end();
		else if (call.startsWith('HEAD ')) response.writeHead(200).end();
		else if (call.startsWith('GET /files')) response.end(listing(this.objects));
		else if (call.startsWith('GET /copies')) response.end(listing([]));
		else if (headers['x-amz-copy-source'] !== undefined)
			response.end('<CopyObjectResult><ETag>"e-a"</ETag></CopyObjectResult>');
		else response.writeHead(200, { etag: '"put"' }).end();
	}
}

export function listing(objects: readonly WireObject[], more = ''): string {
	const contents = objects.map(
		({ key, size = 1, etag = 'e-a' }) =>
			`<Contents><Key>${encodeURIComponent(key)}</Key><Size>${size}</Size><ETag>"${etag}"</ETag></Contents>`,
	);
	return `<ListBucketResult><EncodingType>url</EncodingType>${more}${contents.join('')}</ListBucketResult>`;
}
