import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectToApi } from './connectToApi';
import { deploymentBody, playKubelet } from './playKubelet';
import type { Api, ApiObject, ObjectList, Refusal } from './connectToApi';
import type { PlayedKubelet } from './playKubelet';

interface Endpoint {
	readonly addresses: readonly string[];
	readonly conditions: { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean };
	readonly targetRef: {
		readonly kind: string;
		readonly name: string;
		readonly namespace: string;
		readonly uid: string;
	};
	readonly nodeName: string;
}

describe('endpoint slices', () => {
	let api: Api;
	let kubelet: PlayedKubelet;
	let namespace: string;
	let core: string;
	let apps: string;
	let slices: string;

	beforeAll(async () => {
		api = connectToApi();
		namespace = await api.createNamespace();
		core = `/api/v1/namespaces/${namespace}`;
		apps = `/apis/apps/v1/namespaces/${namespace}`;
		slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
		kubelet = await playKubelet(api, namespace);
	});
	afterAll(async () => {
		await kubelet.stop();
		await api.close();
	});

	const expose = (name: string, selector: object) =>
		api.call('POST', `${core}/services`, {
			body: {
				metadata: { name, labels: { team: 'a' } },
				spec: { selector, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
			},
		});
	const deploy = (name: string, replicas: number, image = 'web:1') =>
		api.call('POST', `${apps}/deployments`, { body: deploymentBody(name, image, { replicas }) });
	const slicesOf = (name: string) => `${slices}?labelSelector=kubernetes.io%2Fservice-name%3D${name}`;
	const endpointsOf = (objects: readonly ApiObject[]) =>
		objects.flatMap((slice) => (slice['endpoints'] ?? []) as Endpoint[]);
	const ready = (objects: readonly ApiObject[]) => endpointsOf(objects).filter(({ conditions }) => conditions.ready);
	const podsOf = async (app: string) => {
		const { body } = await api.call<ObjectList>('GET', `${core}/pods?labelSelector=app%3D${app}`);
		return body.items;
	};

	it('lists the ready pods of a service with the resolved port', async () => {
		await expose('web', { app: 'web' });
		await deploy('web', 2);
		const [slice, ...others] = await api.untilAll(slicesOf('web'), (found) => ready(found).length === 2);
		expect(others).toEqual([]);
		expect(slice).toMatchObject({ addressType: 'IPv4', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] });
		expect(slice?.metadata.labels).toMatchObject({
			'kubernetes.io/service-name': 'web',
			'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
			team: 'a',
		});
		const pods = await podsOf('web');
		const expected = pods.map((pod) => ({
			addresses: [pod.status?.['podIP']],
			conditions: { ready: true, serving: true, terminating: false },
			targetRef: { kind: 'Pod', namespace, name: pod.metadata.name, uid: pod.metadata.uid },
			nodeName: kubelet.nodeName,
		}));
		expect(endpointsOf(slice ? [slice] : [])).toEqual(expect.arrayContaining(expected));
	});

	it('keeps pods that are not ready in the slice, marked as such', async () => {
		await expose('mixed', { app: 'mixed' });
		await deploy('mixed', 2);
		await api.untilAll(slicesOf('mixed'), (found) => ready(found).length === 2);
		const [pod] = await podsOf('mixed');
		await kubelet.report(pod?.metadata.name ?? '', 'not-ready');
		const found = await api.untilAll(slicesOf('mixed'), (now) => ready(now).length === 1);
		const states = endpointsOf(found).map(({ targetRef, conditions }) => [targetRef.name, conditions]);
		expect(states).toHaveLength(2);
		expect(Object.fromEntries(states)).toMatchObject({
			[pod?.metadata.name ?? '']: { ready: false, serving: false, terminating: false },
		});
	});

	it('marks a pod that is being ended as terminating and still serving', async () => {
		await expose('ending', { app: 'ending' });
		await deploy('ending', 1);
		await api.untilAll(slicesOf('ending'), (found) => ready(found).length === 1);
		kubelet.holdDeletions = true;
		const [pod] = await podsOf('ending');
		const deleted = await api.call('DELETE', `${core}/pods/${pod?.metadata.name}`);
		expect(deleted.body.metadata.deletionGracePeriodSeconds).toBe(30);
		const found = await api.untilAll(slicesOf('ending'), (now) =>
			endpointsOf(now).some((e) => e.conditions.terminating),
		);
		const ending = endpointsOf(found).find(({ targetRef }) => targetRef.uid === pod?.metadata.uid);
		expect(ending?.conditions).toEqual({ ready: false, serving: true, terminating: true });
		kubelet.holdDeletions = false;
		await kubelet.endHeld();
		await api.untilAll(slicesOf('ending'), (now) => endpointsOf(now).every((e) => !e.conditions.terminating));
	});

	it('moves to the other colour when the selector is switched', async () => {
		await deploy('blue', 1);
		await deploy('green', 2);
		await expose('live', { app: 'blue' });
		await api.untilAll(slicesOf('live'), (found) => ready(found).length === 1);
		const operations = [
			{ op: 'test', path: '/spec/selector/app', value: 'blue' },
			{ op: 'replace', path: '/spec/selector/app', value: 'green' },
		];
		await api.call('PATCH', `${core}/services/live`, {
			body: operations,
			contentType: 'application/json-patch+json',
		});
		const found = await api.untilAll(slicesOf('live'), (now) => ready(now).length === 2);
		expect(endpointsOf(found).every(({ targetRef }) => targetRef.name.startsWith('green-'))).toBe(true);
	});

	it('shows a selector that no pod matches as a slice without endpoints', async () => {
		await expose('typo', { app: 'wbe' });
		const [slice] = await api.untilAll(slicesOf('typo'), (found) => found.length === 1);
		expect(endpointsOf(slice ? [slice] : [])).toEqual([]);
	});

	it.each(['127.0.0.1', '169.254.1.1', '224.0.0.1', '0.0.0.0', 'somewhere'])(
		'refuses a slice with the address %s',
		async (address) => {
			const body = {
				metadata: { name: 'by-hand' },
				addressType: 'IPv4',
				endpoints: [{ addresses: [address] }],
				ports: [],
			};
			const answer = await api.call<Refusal>('POST', slices, { body });
			expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
		},
	);

	it('is deleted with its service', async () => {
		await expose('brief', { app: 'web' });
		await api.untilAll(slicesOf('brief'), (found) => ready(found).length === 2);
		await api.call('DELETE', `${core}/services/brief`);
		await api.untilAll(slicesOf('brief'), (found) => found.length === 0);
	});
});
