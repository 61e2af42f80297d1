import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectToApi } from './connectToApi';
import { deploymentBody, playKubelet } from './playKubelet';
import type { Api, ApiObject, Refusal } from './connectToApi';
import type { PlayedKubelet } from './playKubelet';

const mergePatch = 'application/merge-patch+json';

describe('the scale subresource', () => {
	let api: Api;
	let kubelet: PlayedKubelet;
	let deployments: string;
	let deployment: string;
	let name: string;
	let count = 0;

	beforeAll(async () => {
		api = connectToApi();
		const namespace = await api.createNamespace();
		deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
		kubelet = await playKubelet(api, namespace);
	});
	beforeEach(async () => {
		name = `web-${(count += 1)}`;
		deployment = `${deployments}/${name}`;
		await api.call('POST', deployments, { body: deploymentBody(name, 'web:1') });
		await api.until(deployments, name, ({ status }) => status?.['availableReplicas'] === 1);
	});
	afterAll(async () => {
		await kubelet.stop();
		await api.close();
	});

	const scale = async () => (await api.call('GET', `${deployment}/scale`)).body;
	const put = (body: ApiObject) => api.call<ApiObject & Refusal>('PUT', `${deployment}/scale`, { body });

	it('shows wanted and present replicas and the selector', async () => {
		const { body } = await api.call('GET', deployment);
		const { uid, resourceVersion, namespace, creationTimestamp } = body.metadata;
		expect(await scale()).toEqual({
			kind: 'Scale',
			apiVersion: 'autoscaling/v1',
			metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
			spec: { replicas: 1 },
			status: { replicas: 1, selector: `app=${name}` },
		});
	});

	it('changes the replicas alone, as a new generation that the controller follows', async () => {
		const before = (await api.call('GET', deployment)).body;
		const answer = await put({ ...(await scale()), spec: { replicas: 3 } });
		expect(answer).toMatchObject({ status: 200, body: { kind: 'Scale', spec: { replicas: 3 } } });
		const done = await api.until(deployments, name, ({ status }) => status?.['availableReplicas'] === 3);
		expect(done.spec).toEqual({ ...before.spec, replicas: 3 });
		expect(done.metadata.generation).toBe(2);
		expect(done.metadata.annotations).toEqual(before.metadata.annotations);
	});

	it('refuses a stale PUT with 409', async () => {
		const stale = await scale();
		await put({ ...stale, spec: { replicas: 2 } });
		const answer = await put({ ...stale, spec: { replicas: 5 } });
		expect(answer).toMatchObject({
			status: 409,
			body: { reason: 'Conflict', details: { name, kind: 'deployments', group: 'apps' } },
		});
		expect((await scale()).spec).toEqual({ replicas: 2 });
	});

	it('refuses a stale merge patch with 409 and takes one without a version', async () => {
		const { resourceVersion } = (await scale()).metadata;
		const patch = (body: object) => api.call('PATCH', `${deployment}/scale`, { body, contentType: mergePatch });
		expect((await patch({ spec: { replicas: 2 } })).status).toBe(200);
		expect((await patch({ metadata: { resourceVersion }, spec: { replicas: 4 } })).status).toBe(409);
		expect((await scale()).spec).toEqual({ replicas: 2 });
	});

	it('scales to zero, which counts as available', async () => {
		await put({ ...(await scale()), spec: { replicas: 0 } });
		const done = await api.until(
			deployments,
			name,
			({ status }) => status?.['observedGeneration'] === 2 && !status['replicas'],
		);
		expect(done.status?.['availableReplicas']).toBeUndefined();
		expect(done.status?.['conditions']).toEqual(
			expect.arrayContaining([expect.objectContaining({ type: 'Available', status: 'True' })]),
		);
	});

	it('refuses negative and fractional replicas', async () => {
		const current = await scale();
		expect(await put({ ...current, spec: { replicas: -1 } })).toMatchObject({
			status: 422,
			body: { reason: 'Invalid' },
		});
		expect((await put({ ...current, spec: { replicas: 1.5 } })).status).toBe(400);
	});

	it('answers 404 for a deployment that is not there', async () => {
		expect((await api.call('GET', `${deployments}/nobody/scale`)).status).toBe(404);
	});
});
