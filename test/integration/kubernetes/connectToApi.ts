import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { followObjects } from './followObjects';

/** Where the Kubernetes API of the test run is; given by the runner's set-up in the variable SANDBOX_ENDPOINTS. */
export interface Endpoint {
	readonly url: string;
	readonly ca: string;
	readonly token: string;
}

/** An answer: `body` is parsed JSON, or the text where it is no JSON. */
export interface Answer<T = ApiObject> {
	readonly status: number;
	readonly body: T;
	readonly contentType: string;
}

/** Any object on the wire, loosely typed for assertions. */
export interface ApiObject {
	readonly kind?: string;
	readonly metadata: {
		readonly name: string;
		readonly namespace?: string;
		readonly uid: string;
		readonly resourceVersion: string;
		readonly generation?: number;
		readonly creationTimestamp?: string;
		readonly deletionTimestamp?: string;
		readonly deletionGracePeriodSeconds?: number;
		readonly labels?: Readonly<Record<string, string>>;
		readonly annotations?: Readonly<Record<string, string>>;
		readonly ownerReferences?: readonly { readonly uid: string; readonly name: string; readonly kind: string }[];
		readonly continue?: string;
		readonly remainingItemCount?: number;
	};
	readonly spec?: Readonly<Record<string, unknown>>;
	readonly status?: Readonly<Record<string, unknown>>;
	readonly [field: string]: unknown;
}

export interface ObjectList {
	readonly kind: string;
	readonly metadata: ApiObject['metadata'];
	readonly items: readonly ApiObject[];
}

/** The v1 Status of a refusal. */
export interface Refusal {
	readonly kind: string;
	readonly reason: string;
	readonly message: string;
	readonly code: number;
	readonly [field: string]: unknown;
}

/** One line of a watch. */
export interface WatchEvent {
	readonly type: string;
	readonly object: ApiObject;
}

/** The server ended a watch with a Status: whoever follows has to list again. */
export class WatchRefused extends Error {
	constructor(readonly refusal: Refusal) {
		super(`the watch was refused: ${refusal.code} ${refusal.reason}: ${refusal.message}`);
	}

	/** True for what passes by itself: too many requests, or a server that has not got so far. */
	get isPassing(): boolean {
		return this.refusal.code === 429 || this.refusal.code >= 500;
	}
}

/** Between two tries of a watch. */
const retryMs = 100;

export interface CallOptions {
	readonly body?: unknown;
	readonly contentType?: string;
	readonly accept?: string;
	/** Sent instead of the endpoint's own token; empty sends none. */
	readonly token?: string;
}

/** Plain calls of the API, without any client library between test and wire. */
export interface Api {
	call<T = ApiObject>(method: string, path: string, options?: CallOptions): Promise<Answer<T>>;
	/**
	 * Reports the lines of a watch; `stop` ends it, `ended` resolves when the server or `stop` did. What the server cannot serve yet (429 or
	 * 5xx before the first line, as while its cache is filled) is asked for again; any other ERROR rejects `ended` with WatchRefused.
	 */
	watch(path: string, onEvent: (event: WatchEvent) => void): { stop: () => void; ended: Promise<void> };
	/** Follows one object until it satisfies the condition; rejects after `timeoutMs`, saying how it was last. */
	until(
		collection: string,
		name: string,
		holds: (object: ApiObject) => boolean,
		timeoutMs?: number,
	): Promise<ApiObject>;
	/** Follows a collection until its objects together satisfy the condition. */
	untilAll(collection: string, holds: (objects: ApiObject[]) => boolean, timeoutMs?: number): Promise<ApiObject[]>;
	/** Makes a namespace of this test's own. */
	createNamespace(): Promise<string>;
	/** Deletes the namespaces that were made, and closes the connections. */
	close(): Promise<void>;
}

/** Reads the endpoint from SANDBOX_ENDPOINTS; a missing one is an error, never a skipped test. */
export function readEndpoint(): Endpoint {
	const endpoints = JSON.parse(process.env['SANDBOX_ENDPOINTS'] ?? '{}') as { kubernetes?: Endpoint };
	if (!endpoints.kubernetes)
		throw new Error('SANDBOX_ENDPOINTS names no kubernetes endpoint: start the tests by npm test');
	return endpoints.kubernetes;
}

/** Connects to the API of the test run. */
export function connectToApi(endpoint: Endpoint = readEndpoint()): Api {
	const agent = new Agent({ ca: endpoint.ca, keepAlive: true });
	const namespaces: string[] = [];

	const send = (method: string, path: string, options: CallOptions = {}) =>
		new Promise<IncomingMessage>((resolve, reject) => {
			const body =
				options.body === undefined || typeof options.body === 'string'
					? options.body
					: JSON.stringify(options.body);
			const token = options.token ?? endpoint.token;
			const headers = {
				...(token === '' ? {} : { authorization: `Bearer ${token}` }),
				...(body === undefined
					? {}
					: {
							'content-type': options.contentType ?? 'application/json',
							'content-length': Buffer.byteLength(body),
						}),
				accept: options.accept ?? 'application/json',
			};
			const outgoing = request(`${endpoint.url}${path}`, { method, agent, headers }, resolve);
			outgoing.on('error', reject);
			outgoing.end(body);
		});

	const openWatch = async (path: string, signal: AbortSignal): Promise<IncomingMessage> => {
		const incoming = await send('GET', `${path}${path.includes('?') ? '&' : '?'}watch=true`);
		signal.addEventListener('abort', () => incoming.destroy());
		if (signal.aborted) incoming.destroy();
		return incoming;
	};

	const api: Api = {
		call: async <T>(method: string, path: string, options?: CallOptions) => {
			const incoming = await send(method, path, options);
			let text = '';
			for await (const chunk of incoming.setEncoding('utf8')) text += String(chunk);
			const contentType = incoming.headers['content-type'] ?? '';
			const body = (contentType.includes('json') ? JSON.parse(text) : text) as T;
			return { status: incoming.statusCode ?? 0, body, contentType };
		},
		watch: (path, onEvent) => {
			const stopping = new AbortController();
			const { signal } = stopping;
			const ended = (async () => {
				while (!signal.aborted) {
					let isFirst = true;
					try {
						await watchOnce(await openWatch(path, signal), (event) => {
							isFirst = false;
							onEvent(event);
						});
						return;
					} catch (error) {
						if (signal.aborted) return;
						if (!(error instanceof WatchRefused) || !isFirst || !error.isPassing) throw error;
						await delay(retryMs);
					}
				}
			})();
			return { stop: () => stopping.abort(), ended };
		},
		until: async (collection, name, holds, timeoutMs = 15_000) => {
			const path = `${collection}?fieldSelector=metadata.name%3D${name}`;
			const [object] = await followObjects(api, path, {
				holds: ([only]) => only !== undefined && holds(only),
				timeoutMs,
			});
			if (!object) throw new Error(`${name} is not there`);
			return object;
		},
		untilAll: (collection, holds, timeoutMs = 15_000) => followObjects(api, collection, { holds, timeoutMs }),
		createNamespace: async () => {
			const name = `contract-${randomBytes(4).toString('hex')}`;
			await api.call('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
			namespaces.push(name);
			return name;
		},
		close: async () => {
			for (const name of namespaces) await api.call('DELETE', `/api/v1/namespaces/${name}`);
			agent.destroy();
		},
	};
	return api;
}

/** Reads a watch to its end. @throws WatchRefused for a Status, in the stream or instead of it */
async function watchOnce(incoming: IncomingMessage, onEvent: (event: WatchEvent) => void): Promise<void> {
	let rest = '';
	for await (const chunk of incoming.setEncoding('utf8')) {
		const lines = (rest + String(chunk)).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) if (!incoming.destroyed) onEvent(asEvent(line));
	}
	if (rest !== '') onEvent(asEvent(rest));
}

function asEvent(line: string): WatchEvent {
	const event = JSON.parse(line) as WatchEvent | Refusal;
	if (!('object' in event)) throw new WatchRefused(event);
	if (event.type === 'ERROR') throw new WatchRefused(event.object as Refusal);
	return event as WatchEvent;
}
