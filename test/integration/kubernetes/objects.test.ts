import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectToApi } from './connectToApi';
import { deploymentBody } from './playKubelet';
import type { Api, ApiObject, ObjectList, Refusal } from './connectToApi';

describe('objects', () => {
	let api: Api;
	let core: string;
	let apps: string;
	let namespace: string;

	beforeAll(async () => {
		api = connectToApi();
		namespace = await api.createNamespace();
		core = `/api/v1/namespaces/${namespace}`;
		apps = `/apis/apps/v1/namespaces/${namespace}`;
	});
	afterAll(() => api.close());

	const create = (path: string, body: unknown) => api.call<ApiObject & Refusal>('POST', path, { body });

	it('answers 401 to a token it does not know, and 403 to a caller without one', async () => {
		const answer = await api.call<Refusal>('GET', `${core}/pods`, { token: 'not-the-token' });
		expect(answer).toMatchObject({ status: 401, body: { kind: 'Status', reason: 'Unauthorized', code: 401 } });
		const anonymous = await api.call<Refusal>('GET', `${core}/pods`, { token: '' });
		expect(anonymous).toMatchObject({ status: 403, body: { kind: 'Status', reason: 'Forbidden', code: 403 } });
	});

	it('tells its health to anybody', async () => {
		for (const path of ['/healthz', '/readyz', '/livez']) {
			expect(await api.call<string>('GET', path, { token: '' })).toMatchObject({ status: 200, body: 'ok' });
		}
	});

	it('says what its token is allowed', async () => {
		const spec = { resourceAttributes: { verb: 'patch', resource: 'services', namespace } };
		const review = await create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec });
		expect(review.status).toBe(201);
		expect(review.body.status).toMatchObject({ allowed: true });
		expect(review.body.spec).toEqual(spec);
	});

	it('lists its groups and kinds', async () => {
		const groups = await api.call<{ groups: { name: string }[] }>('GET', '/apis');
		expect(groups.body.groups.map(({ name }) => name)).toEqual(
			expect.arrayContaining(['apps', 'authorization.k8s.io', 'discovery.k8s.io']),
		);
		const kinds = await api.call<{ resources: { name: string }[] }>('GET', '/apis/apps/v1');
		expect(kinds.body.resources.map(({ name }) => name)).toEqual(
			expect.arrayContaining(['deployments', 'deployments/scale', 'deployments/status', 'replicasets']),
		);
	});

	it.each([
		['an object that is not there', () => `${core}/pods/nobody`, 'pods "nobody" not found'],
		['an unknown version', () => '/apis/apps/v9/things', 'the server could not find the requested resource'],
		['an unknown kind', () => `${core}/gadgets`, 'the server could not find the requested resource'],
		[
			'an unknown subresource',
			() => `${apps}/deployments/web/gadget`,
			'the server could not find the requested resource',
		],
	])('answers 404 with a Status for %s', async (_what, path, message) => {
		const answer = await api.call<Refusal>('GET', path());
		expect(answer).toMatchObject({
			status: 404,
			body: { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, message },
		});
	});

	it('answers 404 in text for an unknown group', async () => {
		const answer = await api.call('GET', '/apis/nowhere.test/v1/things');
		expect(answer).toMatchObject({ status: 404, body: '404 page not found\n' });
	});

	it('refuses to create in a namespace that is not there', async () => {
		const answer = await create('/api/v1/namespaces/no-such-namespace/configmaps', { metadata: { name: 'a' } });
		expect(answer).toMatchObject({ status: 404, body: { message: 'namespaces "no-such-namespace" not found' } });
	});

	it('refuses a second object of the same name with 409 AlreadyExists', async () => {
		const body = { metadata: { name: 'twice' }, data: { a: '1' } };
		expect((await create(`${core}/configmaps`, body)).status).toBe(201);
		expect(await create(`${core}/configmaps`, body)).toMatchObject({
			status: 409,
			body: { reason: 'AlreadyExists' },
		});
	});

	it.each([
		['a name in capitals', () => `${core}/configmaps`, { metadata: { name: 'Loud' } }, 'metadata.name'],
		['no name', () => `${core}/configmaps`, { metadata: {} }, 'metadata.name'],
		[
			'a selector that the template does not match',
			() => `${apps}/deployments`,
			deploymentBody('web', 'web:1', { selector: { matchLabels: { app: 'other' } } }),
			'spec.template.metadata.labels',
		],
		[
			'negative replicas',
			() => `${apps}/deployments`,
			deploymentBody('web', 'web:1', { replicas: -1 }),
			'spec.replicas',
		],
		['no image', () => `${apps}/deployments`, deploymentBody('web', ''), 'spec.template.spec.containers[0].image'],
		['a service without ports', () => `${core}/services`, { metadata: { name: 'web' }, spec: {} }, 'spec.ports'],
	])('refuses %s with 422 and names the field', async (_what, path, body, field) => {
		const answer = await create(path(), body);
		expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid', details: { causes: [{ field }] } } });
	});

	it.each([
		['replicas as text', () => `${apps}/deployments`, deploymentBody('web', 'web:1', { replicas: '3' })],
		['an annotation as number', () => `${core}/configmaps`, { metadata: { name: 'a', annotations: { n: 1 } } }],
		['another kind', () => `${core}/configmaps`, { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'a' } }],
		['another namespace', () => `${core}/configmaps`, { metadata: { name: 'a', namespace: 'default' } }],
		['no JSON', () => `${core}/configmaps`, '{"metadata":'],
	])('refuses %s with 400', async (_what, path, body) => {
		expect(await create(path(), body)).toMatchObject({
			status: 400,
			body: { kind: 'Status', reason: 'BadRequest' },
		});
	});

	it('refuses to change the selector of a deployment', async () => {
		const { body } = await create(`${apps}/deployments`, deploymentBody('fixed', 'web:1', { replicas: 0 }));
		const spec = { ...body.spec, selector: { matchLabels: { app: 'fixed', extra: 'x' } } };
		const template = {
			metadata: { labels: { app: 'fixed', extra: 'x' } },
			spec: (body.spec?.['template'] as ApiObject).spec,
		};
		const { resourceVersion: _version, ...metadata } = body.metadata;
		const answer = await api.call<Refusal>('PUT', `${apps}/deployments/fixed`, {
			body: { ...body, metadata, spec: { ...spec, template } },
		});
		expect(answer).toMatchObject({ status: 422, body: { details: { causes: [{ field: 'spec.selector' }] } } });
	});

	it('deletes only the object whose uid was meant', async () => {
		const { body } = await create(`${core}/configmaps`, { metadata: { name: 'meant' } });
		const path = `${core}/configmaps/meant`;
		const other = await api.call<Refusal>('DELETE', path, { body: { preconditions: { uid: 'another' } } });
		expect(other).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
		expect((await api.call('DELETE', path, { body: { preconditions: { uid: body.metadata.uid } } })).status).toBe(
			200,
		);
		expect((await api.call('GET', path)).status).toBe(404);
	});

	it('selects by labels and fields', async () => {
		for (const [name, labels] of Object.entries({
			s1: { app: 'a', color: 'blue' },
			s2: { app: 'a' },
			s3: { app: 'b' },
		})) {
			await create(`${core}/configmaps`, { metadata: { name, labels } });
		}
		const names = async (query: string) => {
			const { body } = await api.call<ObjectList>('GET', `${core}/configmaps?${query}`);
			return body.items.map(({ metadata }) => metadata.name);
		};
		const by = (selector: string) => names(`labelSelector=${encodeURIComponent(selector)}`);
		expect(await by('app=a')).toEqual(['s1', 's2']);
		expect(await by('app in (a, b),color')).toEqual(['s1']);
		expect(await by('app,!color')).toEqual(['s2', 's3']);
		expect(await by('app,app!=a')).toEqual(['s3']);
		expect(await by('app,color notin (blue)')).toEqual(['s2', 's3']);
		expect(await names('fieldSelector=metadata.name%3Ds2')).toEqual(['s2']);
		expect((await api.call('GET', `${core}/configmaps?fieldSelector=data.a%3D1`)).status).toBe(400);
		expect((await api.call('GET', `${core}/configmaps?labelSelector=${encodeURIComponent('=a')}`)).status).toBe(
			400,
		);
	});

	it('hands out long lists in pages', async () => {
		for (const name of ['p1', 'p2', 'p3'])
			await create(`${core}/configmaps`, { metadata: { name, labels: { page: 'yes' } } });
		const first = await api.call<ObjectList>('GET', `${core}/configmaps?labelSelector=page&limit=2`);
		expect(first.body.items.map(({ metadata }) => metadata.name)).toEqual(['p1', 'p2']);
		const token = encodeURIComponent(first.body.metadata.continue ?? '');
		const second = await api.call<ObjectList>(
			'GET',
			`${core}/configmaps?labelSelector=page&limit=2&continue=${token}`,
		);
		expect(second.body.items.map(({ metadata }) => metadata.name)).toEqual(['p3']);
		expect(second.body.metadata.continue).toBeUndefined();
	});

	it('empties a namespace that is deleted, then removes it', async () => {
		const name = await api.createNamespace();
		await create(`/api/v1/namespaces/${name}/configmaps`, { metadata: { name: 'inside' } });
		await create(`/apis/apps/v1/namespaces/${name}/deployments`, deploymentBody('inside', 'web:1'));
		await api.call('DELETE', `/api/v1/namespaces/${name}`);
		// A stock controller looks again only after some 15 s where something was left at its first look.
		const isGone = (all: ApiObject[]) => all.every(({ metadata }) => metadata.name !== name);
		await api.untilAll('/api/v1/namespaces', isGone, 50_000);
		for (const path of [`/api/v1/namespaces/${name}/pods`, `/apis/apps/v1/namespaces/${name}/replicasets`]) {
			expect((await api.call<ObjectList>('GET', path)).body.items).toEqual([]);
		}
	});
});
