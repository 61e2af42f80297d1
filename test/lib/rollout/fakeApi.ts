import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCluster } from '../../../lib/rollout/cluster.client';
import type { Cluster } from '../../../lib/rollout/cluster';
import { NEW, OLD, REPOSITORY } from './facts';

export const TOKEN = 'canary-token-5f1d2c';

export interface Asked {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingMessage['headers'];
	readonly body: string;
}

export interface FakeApi {
	readonly url: string;
	readonly asked: Asked[];
	/** What the next calls are answered with; a string that is no JSON is sent as text. */
	answer: (asked: Asked, response: ServerResponse) => unknown;
	stop(): Promise<void>;
}

/** An HTTP server in the place of a Kubernetes API. */
export async function startFakeApi(): Promise<FakeApi> {
	const asked: Asked[] = [];
	const api: FakeApi = {
		url: '',
		asked,
		answer: (_asked, response) => sendStatus(response, 404, 'not found'),
		stop: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			const { method = '', url = '', headers } = request;
			const call = { method, path: url, headers, body };
			asked.push(call);
			api.answer(call, response);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return Object.assign(api, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

export async function clusterAt(url: string): Promise<Cluster> {
	return await createCluster({
		serverUrl: url,
		certificateAuthority: '',
		bearerToken: TOKEN,
		namespace: 'production',
	});
}

export function send(response: ServerResponse, body: object): ServerResponse {
	return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A refusal as a Kubernetes API words it. */
export function sendStatus(response: ServerResponse, code: number, message: string): ServerResponse {
	return response
		.writeHead(code, { 'content-type': 'application/json' })
		.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }));
}

/** A Service as on the wire. */
export function wireService(name: string, color: string, annotations?: Record<string, string>): object {
	return {
		apiVersion: 'v1',
		kind: 'Service',
		metadata: { name, resourceVersion: '17', ...(annotations ? { annotations } : {}) },
		spec: { selector: { app: 'api', color } },
	};
}

/** A complete Deployment as on the wire: blue runs the old digest, green the new one. */
export function wireDeployment(name: string): object {
	const color = name.endsWith('blue') ? 'blue' : 'green';
	const labels = { app: 'api', color };
	const image = `${REPOSITORY}@${color === 'blue' ? OLD : NEW}`;
	return {
		apiVersion: 'apps/v1',
		kind: 'Deployment',
		metadata: {
			name,
			resourceVersion: '41',
			generation: 3,
			annotations: { 'deployment.kubernetes.io/revision': '3' },
		},
		spec: {
			replicas: 2,
			selector: { matchLabels: labels },
			template: { metadata: { labels }, spec: { containers: [{ name: 'app', image }] } },
		},
		status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
	};
}
