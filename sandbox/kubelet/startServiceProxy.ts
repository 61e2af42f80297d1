import type { V1EndpointSlice, V1Pod, V1Service } from '@kubernetes/client-node';
import { createCleanups } from '../cleanups.ts';
import { asMergePatch, connectToApi, portAnnotation, statusOf } from './connectToApi.ts';
import type { ApiAddress } from './connectToApi.ts';
import { findReadyAddresses } from './findReadyAddresses.ts';
import { followObjects } from './followObjects.ts';
import type { Followed } from './followObjects.ts';
import { listenForService } from './listenForService.ts';
import type { ServiceListener } from './listenForService.ts';

export interface ServiceProxyHandle {
	/** Ends every listener and connection; the annotations in the API stay. */
	stop(): Promise<void>;
}

const retryMs = 500;

/**
 * Starts what kube-proxy is to a cluster: one real loopback port per Service port, noted in the Service's annotation,
 * balancing new connections over the ready endpoints of the Service's EndpointSlices. A connection stays with its pod
 * when the selector moves.
 */
export async function startServiceProxy({
	api,
	namespaces,
}: {
	api: ApiAddress;
	namespaces: readonly string[];
}): Promise<ServiceProxyHandle> {
	const cleanups = createCleanups();
	const { config, core, discovery } = connectToApi(api);
	const connection = { config, core, discovery };
	/** By namespace/name/port name. A listener may still be opening. */
	const listeners = new Map<string, Promise<ServiceListener>>();
	const pods: Followed<V1Pod>[] = [];
	const slices: Followed<V1EndpointSlice>[] = [];
	let stopped = false;

	function change(service: V1Service): void {
		const namespace = service.metadata?.namespace ?? '';
		const name = service.metadata?.name ?? '';
		const { spec } = service;
		if (stopped || spec?.type === 'ExternalName' || spec?.clusterIP === 'None') return;
		for (const [index, { name: portName = '' }] of (spec?.ports ?? []).entries()) {
			const key = `${namespace}/${name}/${portName}`;
			const annotation = index === 0 ? portAnnotation : `${portAnnotation}.${portName}`;
			const wanted = Number(service.metadata?.annotations?.[annotation] ?? 0) || 0;
			const readyAddresses = () =>
				findReadyAddresses({ namespace, name, portName }, objectsOf(slices), objectsOf(pods));
			const listener = listeners.get(key) ?? listenForService(readyAddresses, wanted);
			listeners.set(key, listener);
			listener
				.then(({ port }) => notePort(service, annotation, port))
				.catch(() => {
					listeners.delete(key);
				});
		}
	}

	async function notePort(service: V1Service, annotation: string, port: number): Promise<void> {
		if (stopped || service.metadata?.annotations?.[annotation] === String(port)) return;
		const target = { namespace: service.metadata?.namespace ?? '', name: service.metadata?.name ?? '' };
		const body = { metadata: { annotations: { [annotation]: String(port) } } };
		try {
			await core.patchNamespacedService({ ...target, body }, asMergePatch);
		} catch (error) {
			if (statusOf(error) !== 404) setTimeout(() => void notePort(service, annotation, port), retryMs).unref();
		}
	}

	function forget({ metadata }: V1Service): void {
		const prefix = `${metadata?.namespace}/${metadata?.name}/`;
		for (const [key, listener] of listeners) {
			if (!key.startsWith(prefix)) continue;
			listeners.delete(key);
			void listener.then((open) => open.close());
		}
	}

	async function followNamespace(namespace: string): Promise<void> {
		const ignore = { onChange: () => {}, onDelete: () => {} };
		const followedPods = await followObjects<V1Pod>({
			connection,
			path: `/api/v1/namespaces/${namespace}/pods`,
			list: () => core.listNamespacedPod({ namespace }),
			...ignore,
		});
		pods.push(followedPods);
		cleanups.add(`watch of pods in ${namespace}`, () => followedPods.stop());
		const followedSlices = await followObjects<V1EndpointSlice>({
			connection,
			path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
			list: () => discovery.listNamespacedEndpointSlice({ namespace }),
			...ignore,
		});
		slices.push(followedSlices);
		cleanups.add(`watch of endpoint slices in ${namespace}`, () => followedSlices.stop());
		const services = await followObjects<V1Service>({
			connection,
			path: `/api/v1/namespaces/${namespace}/services`,
			list: () => core.listNamespacedService({ namespace }),
			onChange: change,
			onDelete: forget,
		});
		cleanups.add(`watch of services in ${namespace}`, () => services.stop());
	}

	cleanups.add('service listeners', async () => {
		stopped = true;
		for (const listener of listeners.values()) await listener.then((open) => open.close()).catch(() => {});
	});
	try {
		for (const namespace of namespaces) await followNamespace(namespace);
	} catch (error) {
		await cleanups.run();
		throw error;
	}
	return { stop: () => cleanups.run() };
}

function objectsOf<T>(followed: readonly Followed<T>[]): readonly T[] {
	return followed.flatMap((part) => part.objects());
}
