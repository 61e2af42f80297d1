import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

export interface ApiRequest {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	readonly body: string;
}

/**
 * What happens to a call. `refuse`: it never arrives. `lose`: it is carried out, and its answer never arrives, as when a call times out after
 * the write was applied. `then`: it is carried out, and something else happens before its answer arrives. `alter`: its answer is changed.
 */
export type Fate =
	| { readonly refuse: number }
	| { readonly lose: true }
	| { readonly then: () => Promise<void> }
	| { readonly alter: (text: string) => string };

/** The sandbox's Kubernetes API behind plain HTTP on the loopback, where each call can meet a fate. */
export interface AlteringApi {
	readonly url: string;
	/** Undefined: the call passes. */
	fate: (call: ApiRequest) => Fate | undefined;
	/** The writes that the API has carried out. */
	readonly applied: ApiRequest[];
	close(): Promise<void>;
}

export async function startAlteringApi(): Promise<AlteringApi> {
	const { url, ca, token } = sandboxEndpoints().kubernetes;
	const applied: ApiRequest[] = [];
	const server = createServer((incoming, response) => {
		const chunks: Buffer[] = [];
		incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
		incoming.on('end', () => {
			const { method = '', url: target = '', headers } = incoming;
			const body = Buffer.concat(chunks);
			const call = { method, path: target.split('?')[0] ?? '', body: body.toString() };
			const fate = api.fate(call);
			if (fate && 'refuse' in fate) {
				const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: fate.refuse };
				response.writeHead(fate.refuse, { 'content-type': 'application/json' }).end(JSON.stringify(status));
				return;
			}
			const { host: _host, 'accept-encoding': _encoding, ...kept } = headers;
			// kubectl sends no token over plain http.
			const options = { method, headers: { authorization: `Bearer ${token}`, ...kept }, ca, agent: false };
			const outgoing = request(new URL(target, url), options, (reply) => {
				if (method !== 'GET' && (reply.statusCode ?? 500) < 300) applied.push(call);
				if (fate && 'lose' in fate) return void reply.resume().on('end', () => response.destroy());
				const { 'content-length': _length, ...replied } = reply.headers;
				const pass = (): void => {
					response.writeHead(reply.statusCode ?? 502, replied);
					// A watch without news has to be answered, too.
					response.flushHeaders();
					reply.on('data', (chunk: Buffer) =>
						response.write(fate && 'alter' in fate ? fate.alter(chunk.toString()) : chunk),
					);
					reply.on('end', () => response.end());
				};
				if (fate && 'then' in fate) void fate.then().then(pass, () => response.destroy());
				else pass();
			});
			outgoing.on('error', () => response.destroy());
			response.on('close', () => outgoing.destroy());
			outgoing.end(body);
		});
	});
	// Nobody is to meet a connection that is just being closed for want of use.
	server.keepAliveTimeout = 120_000;
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const api: AlteringApi = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		fate: () => undefined,
		applied,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return api;
}
