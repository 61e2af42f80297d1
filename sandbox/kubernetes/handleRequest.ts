import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './apiError.ts';
import { readJson, sendError, sendJson } from './exchange.ts';
import { isKnownGroup, parseRequestPath } from './parseRequestPath.ts';
import { discoveryDocument } from './serveDiscovery.ts';
import { servePodLog } from './servePodLog.ts';
import { podMetricsNamespace, servePodMetrics } from './servePodMetrics.ts';
import { servePodProxy } from './servePodProxy.ts';
import { serveCollection, serveObject } from './serveResource.ts';
import { serveWatch } from './serveWatch.ts';
import type { Exchange } from './exchange.ts';
import type { ObjectStore } from './objectStore.ts';

/** The paths that need no token, as on a stock API server. */
const publicPaths = new Set(['/healthz', '/readyz', '/livez', '/version']);

/**
 * The server's request handler: token, then routing. Every failure is answered with a v1 Status. The functions that end
 * running watches are kept in `watches` until they are over.
 */
export function createRequestHandler(
	store: ObjectStore,
	token: string,
	watches: Set<() => void>,
): (request: IncomingMessage, response: ServerResponse) => void {
	return (request, response) => {
		const url = new URL(request.url ?? '/', 'https://kubernetes');
		const exchange = { store, request, response, url };
		authenticate(request, url.pathname, token)
			.then(() => route(exchange, watches))
			.catch((error: unknown) => sendError(response, error));
	};
}

async function authenticate(request: IncomingMessage, pathname: string, token: string): Promise<void> {
	if (publicPaths.has(pathname)) return;
	const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
	// Without a token a caller is system:anonymous, who is let do nothing.
	if (given === '')
		throw new ApiError(403, 'Forbidden', `forbidden: User "system:anonymous" cannot get path "${pathname}"`, {});
	if (!timingSafeEqual(digest(given), digest(token))) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

async function route(exchange: Exchange, watches: Set<() => void>): Promise<void> {
	const { request, response, url } = exchange;
	const { pathname } = url;
	if (/^\/(healthz|readyz|livez)$/.test(pathname)) {
		response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
		return;
	}
	if (pathname === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') return reviewAccess(exchange);
	const measured = podMetricsNamespace(pathname);
	if (measured !== undefined) return servePodMetrics(exchange, measured);
	const discovery = discoveryDocument(pathname, request.headers.host ?? '');
	if (discovery) {
		sendJson(response, 200, discovery);
		return;
	}
	if (!isKnownGroup(pathname)) {
		response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
		return;
	}
	const path = parseRequestPath(pathname);
	const { resource, namespace, name } = path;
	if (name !== undefined && path.subresource === 'log')
		return servePodLog(exchange, { namespace: namespace ?? '', name });
	if (name !== undefined && path.subresource === 'proxy') {
		return servePodProxy(exchange, { namespace: namespace ?? '', name, rest: path.rest ?? '/' });
	}
	if (name !== undefined) return serveObject(exchange, { ...path, name });
	const labelSelector = url.searchParams.get('labelSelector') ?? undefined;
	const fieldSelector = url.searchParams.get('fieldSelector') ?? undefined;
	const selection = { resource, namespace, labelSelector, fieldSelector };
	if (request.method === 'GET' && /^(true|1)$/.test(url.searchParams.get('watch') ?? '')) {
		const stop = serveWatch(exchange, selection);
		watches.add(stop);
		response.on('close', () => watches.delete(stop));
		return;
	}
	return serveCollection(exchange, path, selection);
}

/** The one token may do everything. */
async function reviewAccess({ request, response }: Exchange): Promise<void> {
	if (request.method !== 'POST') throw new ApiError(405, 'MethodNotAllowed', 'only create is supported', {});
	const review = ((await readJson(request)) ?? {}) as { spec?: object };
	sendJson(response, 201, {
		kind: 'SelfSubjectAccessReview',
		apiVersion: 'authorization.k8s.io/v1',
		metadata: {},
		spec: review.spec ?? {},
		status: { allowed: true, reason: 'the token of this server is allowed everything' },
	});
}
