import { request as httpsRequest } from 'node:https';
import { ApiError, badRequest, notFound } from './apiError.ts';
import { kubeletOf } from './kubeletOf.ts';
import { pods } from './resources.ts';
import type { Exchange } from './exchange.ts';
import type { Pod } from './model.ts';

/** How long the kubelet may stay silent before the answer's head, in milliseconds. */
const kubeletTimeoutMs = 10_000;

const passedOn = ['follow', 'previous', 'sinceSeconds', 'sinceTime', 'timestamps', 'tailLines', 'limitBytes', 'stream'];

/**
 * Streams a container's log from the kubelet of the pod's node over TLS (its certificate is self-signed and not verified,
 * as by a stock API server); an unbound pod has none, which is 204. Throws ApiError 400 (no such container), 404, 500 (kubelet unreachable).
 */
export async function servePodLog(
	exchange: Exchange,
	{ namespace, name }: { namespace: string; name: string },
): Promise<void> {
	const { store, request, response, url } = exchange;
	const pod = store.get(pods, namespace, name) as Pod | undefined;
	if (!pod) throw notFound(pods, name);
	if (request.method !== 'GET') throw new ApiError(405, 'MethodNotAllowed', 'only get is supported', {});
	const container = chooseContainer(pod, url.searchParams.get('container'));
	if (!pod.spec.nodeName) {
		response.writeHead(204).end();
		return;
	}
	const { host, port } = kubeletOf(exchange, pod.spec.nodeName);
	const query = new URLSearchParams([...url.searchParams].filter(([key]) => passedOn.includes(key)));
	query.sort();
	const path = `/containerLogs/${[namespace, name, container].map(encodeURIComponent).join('/')}?${query.toString()}`;
	await new Promise<void>((resolve, reject) => {
		const upstream = httpsRequest({ host, port, path, rejectUnauthorized: false, agent: false }, (answer) => {
			upstream.setTimeout(0);
			if (answer.statusCode === 200) {
				response.writeHead(200, { 'content-type': 'text/plain' });
				response.flushHeaders();
				answer.pipe(response);
				answer.on('error', () => response.destroy());
				answer.on('close', resolve);
				return;
			}
			let text = '';
			answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
			answer.on('close', () => reject(kubeletRefusal(answer.statusCode ?? 500, text.trim().slice(0, 1000))));
		});
		upstream.setTimeout(kubeletTimeoutMs, () => upstream.destroy(new Error('i/o timeout')));
		upstream.on('error', (error) => {
			const message = `Get "https://${host}:${port}/containerLogs/${namespace}/${name}/${container}": ${error.message}`;
			reject(new ApiError(500, 'InternalError', message));
		});
		response.on('close', () => upstream.destroy());
		upstream.end();
	});
}

function chooseContainer({ metadata, spec }: Pod, asked: string | null): string {
	const names = [...spec.containers, ...(spec.initContainers ?? [])].map((container) => container.name);
	if (asked) {
		if (!names.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
		return asked;
	}
	const [only, ...others] = spec.containers;
	if (!only || others.length > 0) {
		throw badRequest(
			`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`,
		);
	}
	return only.name;
}

function kubeletRefusal(code: number, text: string): ApiError {
	const reason = { 400: 'BadRequest', 404: 'NotFound' }[code] ?? 'InternalError';
	return new ApiError(code, reason, text || `the kubelet answered ${code}`);
}
