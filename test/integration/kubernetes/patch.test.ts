import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectToApi } from './connectToApi';
import { deploymentBody, imageOf } from './playKubelet';
import type { Api, ApiObject, Refusal } from './connectToApi';

const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';

describe('patches and optimistic concurrency', () => {
	let api: Api;
	let services: string;
	let path: string;
	let before: ApiObject;
	let count = 0;

	beforeAll(async () => {
		api = connectToApi();
		services = `/api/v1/namespaces/${await api.createNamespace()}/services`;
	});
	beforeEach(async () => {
		const name = `backend-${(count += 1)}`;
		const spec = {
			selector: { app: 'backend', color: 'blue' },
			ports: [{ name: 'http', port: 80, targetPort: 'http' }],
		};
		before = (await api.call('POST', services, { body: { metadata: { name }, spec } })).body;
		path = `${services}/${name}`;
	});
	afterAll(() => api.close());

	const read = async () => (await api.call('GET', path)).body;
	const patch = (body: unknown, contentType: string) =>
		api.call<ApiObject & Refusal>('PATCH', path, { body, contentType });
	const switchTo = (from: string, to: string) => [
		{ op: 'test', path: '/spec/selector/color', value: from },
		{ op: 'replace', path: '/spec/selector/color', value: to },
	];

	it('switches a selector whose test holds', async () => {
		const answer = await patch(switchTo('blue', 'green'), jsonPatch);
		expect(answer.status).toBe(200);
		expect(answer.body.spec?.['selector']).toEqual({ app: 'backend', color: 'green' });
		expect(Number(answer.body.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
	});

	it('refuses a JSON patch whose test fails with 422 and leaves the object as it was', async () => {
		const answer = await patch(switchTo('green', 'blue'), jsonPatch);
		expect(answer).toMatchObject({ status: 422, body: { kind: 'Status', reason: 'Invalid', code: 422 } });
		expect(await read()).toEqual(before);
	});

	it.each([
		['a test of a missing path', [{ op: 'test', path: '/metadata/annotations/owner', value: 'x' }]],
		['a replacement below a missing parent', [{ op: 'replace', path: '/metadata/annotations/owner', value: 'x' }]],
		['an addition below a missing parent', [{ op: 'add', path: '/metadata/annotations/owner', value: 'x' }]],
		['a removal of a missing path', [{ op: 'remove', path: '/spec/selector/tier' }]],
	])('refuses %s with 422', async (_what, operations) => {
		expect(await patch(operations, jsonPatch)).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
		expect(await read()).toEqual(before);
	});

	it('takes the replacement of a key that is not there for an addition', async () => {
		const operations = [{ op: 'replace', path: '/spec/selector/tier', value: 'x' }];
		const answer = await patch(operations, jsonPatch);
		expect(answer).toMatchObject({ status: 200, body: { spec: { selector: { tier: 'x' } } } });
	});

	it('applies all operations of a patch or none', async () => {
		const operations = [
			{ op: 'replace', path: '/spec/selector/color', value: 'green' },
			...switchTo('blue', 'red'),
		];
		expect((await patch(operations, jsonPatch)).status).toBe(422);
		expect(await read()).toEqual(before);
	});

	it('refuses a body that is no patch with 400', async () => {
		expect((await patch('{"op":', jsonPatch)).status).toBe(400);
		expect((await patch('[1', mergePatch)).status).toBe(400);
	});

	it('refuses an unknown patch type with 415', async () => {
		const answer = await patch({ spec: {} }, 'application/json');
		expect(answer).toMatchObject({ status: 415, body: { reason: 'UnsupportedMediaType', code: 415 } });
	});

	it('merges objects, replaces lists and removes by null in a merge patch', async () => {
		const answer = await patch(
			{ metadata: { labels: { a: '1' } }, spec: { selector: { color: null, tier: 'web' } } },
			mergePatch,
		);
		expect(answer.body.metadata.labels).toEqual({ a: '1' });
		expect(answer.body.spec?.['selector']).toEqual({ app: 'backend', tier: 'web' });
	});

	it('refuses a merge patch with a stale resourceVersion with 409', async () => {
		await patch(switchTo('blue', 'green'), jsonPatch);
		const { resourceVersion } = before.metadata;
		const answer = await patch({ metadata: { resourceVersion }, spec: { selector: { color: 'red' } } }, mergePatch);
		expect(answer).toMatchObject({
			status: 409,
			body: { reason: 'Conflict', code: 409, details: { kind: 'services' } },
		});
		expect((await read()).spec?.['selector']).toEqual({ app: 'backend', color: 'green' });
	});

	it('refuses a stale PUT with 409 and takes the one that was read anew', async () => {
		await patch(switchTo('blue', 'green'), jsonPatch);
		const selector = { app: 'backend', color: 'red' };
		const stale = await api.call<Refusal>('PUT', path, { body: { ...before, spec: { ...before.spec, selector } } });
		expect(stale).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
		const current = await read();
		const fresh = await api.call('PUT', path, { body: { ...current, spec: { ...current.spec, selector } } });
		expect(fresh.status).toBe(200);
		expect(fresh.body.spec?.['selector']).toEqual(selector);
	});

	it('lets exactly one of two rival writers of the same version win', async () => {
		const rivals = ['green', 'red'].map((color) =>
			api.call('PUT', path, {
				body: { ...before, spec: { ...before.spec, selector: { app: 'backend', color } } },
			}),
		);
		expect((await Promise.all(rivals)).map(({ status }) => status).sort()).toEqual([200, 409]);
	});

	it('makes no new version of a write that changes nothing', async () => {
		const answer = await patch({ spec: { selector: { color: 'blue' } } }, mergePatch);
		expect(answer.body.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
	});

	it('tries a patch without keeping it in a dry run', async () => {
		const answer = await api.call('PATCH', `${path}?dryRun=All`, {
			body: switchTo('blue', 'green'),
			contentType: jsonPatch,
		});
		expect(answer.body.spec?.['selector']).toEqual({ app: 'backend', color: 'green' });
		expect(await read()).toEqual(before);
	});

	it('merges containers by name in a strategic merge patch', async () => {
		const deployments = `/apis/apps/v1/namespaces/${before.metadata.namespace}/deployments`;
		await api.call('POST', deployments, {
			body: deploymentBody('worker', 'registry.test/worker:1', { replicas: 0 }),
		});
		const body = {
			spec: { template: { spec: { containers: [{ name: 'main', image: 'registry.test/worker:2' }] } } },
		};
		const answer = await api.call('PATCH', `${deployments}/worker`, { body, contentType: strategicPatch });
		const template = answer.body.spec?.['template'] as { spec: { containers: { ports: unknown }[] } };
		expect(imageOf(template)).toBe('registry.test/worker:2');
		expect(template.spec.containers).toHaveLength(1);
		expect(template.spec.containers[0]?.ports).toEqual([{ name: 'http', containerPort: 8080, protocol: 'TCP' }]);
	});

	it('replaces the whole list of containers in a merge patch', async () => {
		const deployments = `/apis/apps/v1/namespaces/${before.metadata.namespace}/deployments`;
		await api.call('POST', deployments, { body: deploymentBody('cron', 'registry.test/cron:1', { replicas: 0 }) });
		const body = {
			spec: { template: { spec: { containers: [{ name: 'other', image: 'registry.test/cron:2' }] } } },
		};
		const answer = await api.call('PATCH', `${deployments}/cron`, { body, contentType: mergePatch });
		const { spec } = answer.body.spec?.['template'] as { spec: { containers: object[] } };
		expect(spec.containers).toMatchObject([{ name: 'other', image: 'registry.test/cron:2' }]);
	});
});
