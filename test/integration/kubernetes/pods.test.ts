import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { connectToApi } from './connectToApi';
import type { Api, ApiObject, Refusal } from './connectToApi';

const mergePatch = 'application/merge-patch+json';

describe('pods', () => {
	let api: Api;
	let pods: string;
	let namespace: string;
	let node: string;
	let kubelet: Server;
	const asked: string[] = [];

	beforeAll(async () => {
		api = connectToApi();
		namespace = await api.createNamespace();
		pods = `/api/v1/namespaces/${namespace}/pods`;
		const { cert, private: key } = await generate([{ name: 'commonName', value: 'kubelet' }], {
			algorithm: 'sha256',
		});
		kubelet = createServer({ cert, key }, (request, response) => {
			asked.push(request.url ?? '');
			const isUnknown = request.url?.includes('previous=true') === true;
			response
				.writeHead(isUnknown ? 400 : 200)
				.end(isUnknown ? 'previous terminated container "main" not found' : 'one\ntwo\n');
		});
		const port = await listen(kubelet);
		node = `logs-${port}`;
		await api.call('POST', '/api/v1/nodes', { body: { metadata: { name: node } } });
		const status = {
			addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
			daemonEndpoints: { kubeletEndpoint: { Port: port } },
		};
		await api.call('PATCH', `/api/v1/nodes/${node}/status`, { body: { status }, contentType: mergePatch });
	});
	afterAll(async () => {
		await api.call('DELETE', `/api/v1/nodes/${node}`);
		await api.call('DELETE', `${pods}?gracePeriodSeconds=0`);
		await api.close();
		kubelet.closeAllConnections();
		await new Promise((resolve) => kubelet.close(resolve));
	});

	const create = (name: string, containers: readonly string[] = ['main']) =>
		api.call('POST', pods, {
			body: {
				metadata: { name },
				spec: { containers: containers.map((each) => ({ name: each, image: 'web:1' })) },
			},
		});
	const bind = (name: string, target = node) =>
		api.call<ApiObject & Refusal>('POST', `${pods}/${name}/binding`, {
			body: { metadata: { name }, target: { kind: 'Node', name: target } },
		});

	it('is bound once', async () => {
		await create('bound');
		expect((await bind('bound')).status).toBe(201);
		const { body } = await api.call('GET', `${pods}/bound`);
		expect(body.spec?.['nodeName']).toBe(node);
		expect(body.status?.['conditions']).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
		expect(await bind('bound', 'elsewhere')).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
		expect((await bind('nobody')).status).toBe(404);
	});

	it('can be selected by node and phase', async () => {
		await create('selected');
		await bind('selected');
		await api.call('PATCH', `${pods}/selected/status`, {
			body: { status: { phase: 'Running' } },
			contentType: mergePatch,
		});
		const names = async (selector: string) => {
			const { body } = await api.call<{ items: ApiObject[] }>(
				'GET',
				`${pods}?fieldSelector=${encodeURIComponent(selector)}`,
			);
			return body.items.map(({ metadata }) => metadata.name);
		};
		expect(await names(`spec.nodeName=${node},status.phase=Running`)).toEqual(['selected']);
		expect(await names('spec.nodeName=elsewhere')).toEqual([]);
	});

	it('keeps its node against a plain update', async () => {
		await create('moved');
		const body = { spec: { nodeName: node } };
		expect(await api.call('PATCH', `${pods}/moved`, { body, contentType: mergePatch })).toMatchObject({
			status: 422,
		});
	});

	it('is gone at once when it was never bound, and after its grace period ended when it was', async () => {
		await create('unbound');
		await api.call('DELETE', `${pods}/unbound`);
		expect((await api.call('GET', `${pods}/unbound`)).status).toBe(404);
		await create('graceful');
		await bind('graceful');
		const marked = await api.call('DELETE', `${pods}/graceful?gracePeriodSeconds=5`);
		expect(marked.body.metadata.deletionGracePeriodSeconds).toBe(5);
		expect(marked.body.metadata.deletionTimestamp).toBeDefined();
		const again = await api.call('DELETE', `${pods}/graceful?gracePeriodSeconds=20`);
		expect(again.body.metadata.deletionTimestamp).toBe(marked.body.metadata.deletionTimestamp);
		await api.call('DELETE', `${pods}/graceful`, { body: { gracePeriodSeconds: 0 } });
		expect((await api.call('GET', `${pods}/graceful`)).status).toBe(404);
	});

	it('has its log fetched from the kubelet of its node over TLS', async () => {
		await create('speaking');
		await bind('speaking');
		const answer = await api.call<string>('GET', `${pods}/speaking/log?tailLines=2&sinceSeconds=60&pretty=true`);
		expect(answer).toEqual({ status: 200, body: 'one\ntwo\n', contentType: 'text/plain' });
		expect(asked.at(-1)).toBe(`/containerLogs/${namespace}/speaking/main?sinceSeconds=60&tailLines=2`);
	});

	it('passes on what the kubelet refuses', async () => {
		await create('fresh');
		await bind('fresh');
		const answer = await api.call<Refusal>('GET', `${pods}/fresh/log?previous=true`);
		expect(answer).toMatchObject({
			status: 400,
			body: { reason: 'BadRequest', message: 'previous terminated container "main" not found' },
		});
	});

	it('wants the container named where there are several, and knows which there are', async () => {
		await create('pair', ['main', 'side']);
		await bind('pair');
		const log = (query: string) => api.call<Refusal>('GET', `${pods}/pair/log${query}`);
		const unnamed = await log('');
		expect(unnamed.status).toBe(400);
		expect(unnamed.body.message).toContain('[main side]');
		expect((await log('?container=side')).status).toBe(200);
		expect(await log('?container=other')).toMatchObject({
			status: 400,
			body: { message: 'container other is not valid for pod pair' },
		});
	});

	it('has no log before it is bound', async () => {
		await create('waiting');
		const answer = await api.call<Refusal>('GET', `${pods}/waiting/log`);
		expect(answer).toMatchObject({ status: 204, body: '' });
	});
});

function listen(server: Server): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
	});
}
