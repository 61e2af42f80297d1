import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Behaviour } from './behaviour.ts';
import type { Metrics } from './metrics.ts';
import { RefusedRequest } from './route.ts';
import type { Answer, Route } from './route.ts';

export interface ServeOptions {
	readonly version: string;
	readonly podName: string;
	readonly routes: readonly Route[];
	readonly behaviour: Behaviour;
	readonly metrics: Metrics;
	/** True from SIGTERM on: then every answer closes its connection. */
	isDraining(): boolean;
}

/** Who looks after the application asks for these: a bad behaviour leaves them alone, and they count as no traffic, or they would hide its errors. */
const probes = new Set(['/health', '/api/health', '/metrics']);

/** Makes the HTTP server of an application: it routes, measures, applies the behaviour and names the version in every answer. */
export function serveRoutes(options: ServeOptions): Server {
	return createServer((request, response) => {
		void serve(options, request, response);
	});
}

async function serve(options: ServeOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const startedAt = performance.now();
	const url = new URL(request.url ?? '/', 'http://application');
	const method = request.method ?? 'GET';
	const route = options.routes.find((candidate) => matches(candidate, method, url));
	const label = route?.label ?? 'unknown';
	let status = 500;
	response.once('close', () => {
		if (probes.has(label)) return;
		const durationSeconds = (performance.now() - startedAt) / 1000;
		options.metrics.observe({
			method,
			route: label,
			status: response.writableFinished ? status : 499,
			durationSeconds,
		});
	});
	response.setHeader('X-App-Version', options.version);
	response.setHeader('X-Pod-Name', options.podName);
	if (options.isDraining()) response.setHeader('Connection', 'close');
	try {
		if (!probes.has(label)) await disturb(options.behaviour);
		const answer = route
			? await route.answer(toRouteRequest(route, request, url))
			: { status: 404, body: { error: 'not found' } };
		status = answer.status;
		send(response, answer, method);
	} catch (error) {
		status = error instanceof RefusedRequest ? error.status : 500;
		if (status === 500)
			console.error(`${method} ${label} failed: ${error instanceof Error ? error.message : String(error)}`);
		if (response.headersSent) return void response.destroy();
		send(
			response,
			{ status, body: { error: error instanceof RefusedRequest ? error.message : 'internal error' } },
			method,
		);
	}
}

function matches(route: Route, method: string, url: URL): boolean {
	return (
		(route.method === '*' || route.method === method || (method === 'HEAD' && route.method === 'GET')) &&
		route.path.test(url.pathname)
	);
}

async function disturb(behaviour: Behaviour): Promise<void> {
	const { fail, delayMs } = behaviour.beforeRoute();
	if (delayMs > 0) await delay(delayMs);
	if (fail) throw new Error('the case index answered with a value of the wrong type');
}

function toRouteRequest(
	route: Route,
	message: IncomingMessage,
	url: URL,
): { message: IncomingMessage; url: URL; parameters: Record<string, string> } {
	return { message, url, parameters: { ...route.path.exec(url.pathname)?.groups } };
}

function send(response: ServerResponse, { status, body, headers }: Answer, method: string): void {
	const raw = typeof body === 'string' || Buffer.isBuffer(body);
	const bytes = raw ? Buffer.from(body) : Buffer.from(JSON.stringify(body ?? null));
	response.writeHead(status, {
		'Content-Type': raw ? 'text/plain; charset=utf-8' : 'application/json',
		'Content-Length': bytes.length,
		...headers,
	});
	response.end(method === 'HEAD' ? undefined : bytes);
}
