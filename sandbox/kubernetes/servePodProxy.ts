import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ApiError, badRequest, notFound } from './apiError.ts';
import { pods } from './resources.ts';
import type { Exchange } from './exchange.ts';
import type { Pod } from './model.ts';

/** Where a pod of the sandbox really listens, as its kubelet noted it; other pods are dialled at their IP. */
const addressAnnotation = 'sandbox.deployment-runbook/address';

/** How long the pod may stay silent before the answer's head, in milliseconds. */
const podTimeoutMs = 30_000;

/** Headers that belong to one connection, or to the API itself, and are not passed on. */
const notPassedOn = new Set([
	'authorization',
	'connection',
	'host',
	'keep-alive',
	'proxy-authorization',
	'te',
	'trailer',
	'upgrade',
]);

/**
 * Passes a request on to a pod: `pods/[scheme:]<name>[:<port>]/proxy/<path>`, where the port is a number or the name of a
 * container port. Throws ApiError 400, 404, 503 (the pod cannot be reached).
 */
export async function servePodProxy(
	exchange: Exchange,
	target: { namespace: string; name: string; rest: string },
): Promise<void> {
	const { store, request, response, url } = exchange;
	const parts = target.name.split(':');
	const [scheme, name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
	const pod = store.get(pods, target.namespace, name) as Pod | undefined;
	if (!pod) throw notFound(pods, name);
	const address = addressOf(pod, port);
	const headers = Object.fromEntries(Object.entries(request.headers).filter(([key]) => !notPassedOn.has(key)));
	const send = scheme === 'https' ? httpsRequest : httpRequest;
	await new Promise<void>((resolve, reject) => {
		const options = {
			...address,
			path: target.rest + url.search,
			method: request.method ?? 'GET',
			headers,
			agent: false,
		};
		const upstream = send({ ...options, rejectUnauthorized: false }, (answer) => {
			upstream.setTimeout(0);
			const { connection: _connection, 'keep-alive': _keepAlive, ...passedBack } = answer.headers;
			response.writeHead(answer.statusCode ?? 502, passedBack);
			answer.pipe(response);
			answer.on('error', () => response.destroy());
			answer.on('close', resolve);
		});
		upstream.setTimeout(podTimeoutMs, () => upstream.destroy(new Error('i/o timeout')));
		upstream.on('error', (error: NodeJS.ErrnoException) => {
			const why = error.code === 'ECONNREFUSED' ? 'connection refused' : error.message;
			const message = `error trying to reach service: dial tcp ${address.host}:${address.port}: ${why}`;
			reject(new ApiError(503, 'ServiceUnavailable', message));
		});
		response.on('close', () => upstream.destroy());
		request.pipe(upstream);
	});
}

function addressOf(pod: Pod, port: string): { host: string; port: number } {
	const noted = /^(.+):(\d+)$/.exec(pod.metadata.annotations?.[addressAnnotation] ?? '');
	if (noted?.[1]) return { host: noted[1], port: Number(noted[2]) };
	const host = pod.status?.podIP;
	if (!host) throw new ApiError(503, 'ServiceUnavailable', `pod ${pod.metadata.name} has no address yet`);
	return { host, port: portNumber(pod, port) };
}

function portNumber({ spec }: Pod, port: string): number {
	const ports = spec.containers.flatMap((container) => container.ports ?? []);
	if (port === '') return ports[0]?.containerPort ?? 80;
	const number = /^\d+$/.test(port) ? Number(port) : ports.find(({ name }) => name === port)?.containerPort;
	if (number === undefined || number < 1 || number > 65_535) throw badRequest(`invalid port "${port}"`);
	return number;
}
