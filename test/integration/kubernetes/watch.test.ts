import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectToApi, readEndpoint } from './connectToApi';
import type { Api, ObjectList, WatchEvent } from './connectToApi';

describe('watches', () => {
	let api: Api;
	let configMaps: string;
	let namespace: string;

	beforeAll(async () => {
		api = connectToApi();
		namespace = await api.createNamespace();
		configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
	});
	afterAll(() => api.close());

	const create = (name: string, labels: object = {}) =>
		api.call('POST', configMaps, { body: { metadata: { name, labels } } });
	const label = (name: string, labels: object) =>
		api.call('PATCH', `${configMaps}/${name}`, {
			body: { metadata: { labels } },
			contentType: 'application/merge-patch+json',
		});
	const remove = (name: string) => api.call('DELETE', `${configMaps}/${name}`);
	const version = async () => (await api.call<ObjectList>('GET', configMaps)).body.metadata.resourceVersion;
	/** Collects the lines of a watch until `holds` or its end. */
	const collect = async (path: string, holds: (events: WatchEvent[]) => boolean) => {
		const events: WatchEvent[] = [];
		const watch = api.watch(path, (event) => {
			events.push(event);
			if (holds(events)) watch.stop();
		});
		await watch.ended;
		return events;
	};
	const brief = (events: readonly WatchEvent[]) =>
		events.map(({ type, object }) => `${type} ${object.metadata.name}`);

	it('tells every change after the version of a list, once and in order', async () => {
		const from = await version();
		await create('a');
		await label('a', { x: '1' });
		const collecting = collect(`${configMaps}?resourceVersion=${from}`, (events) => events.length === 4);
		await create('b');
		await remove('a');
		const events = await collecting;
		expect(brief(events)).toEqual(['ADDED a', 'MODIFIED a', 'ADDED b', 'DELETED a']);
		const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
		expect(versions).toEqual([...versions].sort((a, b) => a - b));
		expect(new Set(versions).size).toBe(4);
		expect(Math.min(...versions)).toBeGreaterThan(Number(from));
	});

	it('begins with the present objects when no version is given', async () => {
		await create('present');
		const events = await collect(
			`${configMaps}?fieldSelector=metadata.name%3Dpresent`,
			(found) => found.length === 1,
		);
		expect(brief(events)).toEqual(['ADDED present']);
	});

	it('reports objects that begin or cease to match a selector as added and deleted', async () => {
		const from = await version();
		await create('switching');
		await label('switching', { color: 'blue' });
		await label('switching', { color: 'blue', shade: 'dark' });
		await label('switching', { color: 'green' });
		const path = `${configMaps}?resourceVersion=${from}&labelSelector=color%3Dblue`;
		const events = await collect(path, (found) => found.length === 3);
		expect(brief(events)).toEqual(['ADDED switching', 'MODIFIED switching', 'DELETED switching']);
	});

	it('ends by itself after timeoutSeconds, with a bookmark where they are allowed', async () => {
		const from = await version();
		const events = await collect(
			`${configMaps}?resourceVersion=${from}&timeoutSeconds=1&allowWatchBookmarks=true`,
			() => false,
		);
		expect(events.every(({ type }) => type === 'BOOKMARK')).toBe(true);
		for (const { object } of events)
			expect(Number(object.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(from));
	});

	it('keeps an informer of the client library in step', async () => {
		const { KubeConfig, CoreV1Api, makeInformer } = await import('@kubernetes/client-node');
		const { url, ca, token } = readEndpoint();
		const config = new KubeConfig();
		config.loadFromOptions({
			clusters: [{ name: 'sandbox', server: url, caData: Buffer.from(ca).toString('base64') }],
			users: [{ name: 'tester', token }],
			contexts: [{ name: 'sandbox', cluster: 'sandbox', user: 'tester' }],
			currentContext: 'sandbox',
		});
		const core = config.makeApiClient(CoreV1Api);
		const informer = makeInformer(config, configMaps, () => core.listNamespacedConfigMap({ namespace }));
		const seen = new Promise<string>((resolve, reject) => {
			informer.on('delete', (object) => resolve(object.metadata?.name ?? ''));
			informer.on('error', reject);
			informer.on('add', (object) => {
				if (object.metadata?.name === 'informed')
					void core.deleteNamespacedConfigMap({ name: 'informed', namespace });
			});
		});
		await informer.start();
		await create('informed');
		expect(await seen).toBe('informed');
		await informer.stop();
	});
});
