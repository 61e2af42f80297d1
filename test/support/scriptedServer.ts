import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedServer {
	readonly url: string;
	/** Connections accepted so far. */
	connections(): number;
	/** Requests so far, with their bodies. */
	readonly requests: Array<{
		readonly method: string;
		readonly path: string;
		readonly headers: IncomingMessage['headers'];
		readonly body: string;
	}>;
	close(): Promise<void>;
}

/** A real HTTP server on loopback whose answers the test decides. */
export async function startScriptedServer(answer: RequestListener): Promise<ScriptedServer> {
	let connections = 0;
	const requests: ScriptedServer['requests'] = [];
	const server: Server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
			answer(request, response);
		});
	});
	server.on('connection', () => (connections += 1));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		connections: () => connections,
		requests,
		close: async () => {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}
