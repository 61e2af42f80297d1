import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectToApi, type Api, type ApiObject, type Refusal } from './kubernetes/connectToApi';

const addressAnnotation = 'sandbox.deployment-runbook/address';

/** What a real API server has in another way: pods whose addresses it reaches, and a history that etcd compacts. */
describe("what only the sandbox's API has", () => {
	let api: Api;
	let namespace: string;
	let pods: string;
	let application: Server;

	beforeAll(async () => {
		api = connectToApi();
		namespace = await api.createNamespace();
		pods = `/api/v1/namespaces/${namespace}/pods`;
		application = createServer((request, response) => {
			const passed = {
				method: request.method,
				url: request.url,
				authorization: request.headers.authorization ?? null,
			};
			response.writeHead(request.url === '/teapot' ? 418 : 200, { 'content-type': 'application/json' });
			response.end(JSON.stringify(passed));
		});
		await listen(application);
	});
	afterAll(async () => {
		await api.call('DELETE', `${pods}?gracePeriodSeconds=0`);
		await api.close();
		application.closeAllConnections();
		await new Promise((resolve) => application.close(resolve));
	});

	const create = (name: string, annotations: object) =>
		api.call('POST', pods, {
			body: { metadata: { name, annotations }, spec: { containers: [{ name: 'main', image: 'web:1' }] } },
		});

	it('a pod is reached through the proxy at the noted address, without the token', async () => {
		const port = (application.address() as AddressInfo).port;
		await create('proxied', { [addressAnnotation]: `127.0.0.1:${port}` });
		const answer = await api.call<unknown>('GET', `${pods}/proxied:8080/proxy/metrics?all=1`);
		expect(answer).toMatchObject({
			status: 200,
			body: { method: 'GET', url: '/metrics?all=1', authorization: null },
		});
		expect((await api.call('POST', `${pods}/http:proxied:http/proxy/teapot`, { body: {} })).status).toBe(418);
	});

	it('the proxy answers 503 when nothing listens', async () => {
		await create('silent', { [addressAnnotation]: `127.0.0.1:${await unusedPort()}` });
		const answer = await api.call<Refusal>('GET', `${pods}/silent:8080/proxy/`);
		expect(answer).toMatchObject({ status: 503, body: { reason: 'ServiceUnavailable' } });
	});

	it('a pod whose address is loopback is no endpoint', async () => {
		const labels = { app: 'local' };
		const services = `/api/v1/namespaces/${namespace}/services`;
		const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
		const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
		await api.call('POST', services, { body: { metadata: { name: 'local' }, spec: { selector: labels, ports } } });
		const nodeName = 'of-loopback';
		await api.call('POST', '/api/v1/nodes', { body: { metadata: { name: nodeName } } });
		const spec = { nodeName, containers: [{ name: 'main', image: 'web:1' }] };
		for (const [name, podIP] of Object.entries({ looped: '127.0.0.1', routed: '198.18.9.9' })) {
			await api.call('POST', pods, { body: { metadata: { name, labels }, spec } });
			const status = { phase: 'Running', podIP, conditions: [{ type: 'Ready', status: 'True' }] };
			await api.call('PATCH', `${pods}/${name}/status`, {
				body: { status },
				contentType: 'application/merge-patch+json',
			});
		}
		const addressesOf = (found: readonly ApiObject[]): unknown[] =>
			found
				.flatMap(({ endpoints }) => (endpoints ?? []) as { addresses: string[] }[])
				.map((one) => one.addresses);
		const found = await api.untilAll(slices, (now) => addressesOf(now).length > 0);
		expect(addressesOf(found)).toEqual([['198.18.9.9']]);
		await api.call('DELETE', `/api/v1/nodes/${nodeName}`);
	});

	it('a watch from a version that is no longer kept is told 410', async () => {
		const path = `/api/v1/namespaces/${namespace}/configmaps?resourceVersion=1`;
		await expect(api.watch(path, () => undefined).ended).rejects.toMatchObject({
			refusal: { kind: 'Status', code: 410, reason: 'Expired' },
		});
	});
});

function listen(server: Server): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
	});
}

async function unusedPort(): Promise<number> {
	const server = createServer();
	const port = await listen(server);
	await new Promise((resolve) => server.close(resolve));
	return port;
}
