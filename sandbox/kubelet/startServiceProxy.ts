import type { V1EndpointSlice, V1Pod, V1Service } from '@kubernetes/client-node';
import { createCleanups } from '../cleanups.ts';
import { addressAnnotation, asMergePatch, connectToApi, portAnnotation, statusOf } from './connectToApi.ts';
import type { ApiAddress } from './connectToApi.ts';
import { followObjects } from './followObjects.ts';
import type { Followed } from './followObjects.ts';
import { listenForService } from './listenForService.ts';
import type { ServiceListener } from './listenForService.ts';

export interface ServiceProxyHandle {
	/** Ends every listener and connection; the annotations in the API stay. */
	stop(): Promise<void>;
}

/**
 * Starts what kube-proxy is to a cluster: one real loopback port per Service port, noted in the Service's annotation,
 * balancing new connections over the ready endpoints of the Service's EndpointSlices. A connection stays with its pod
 * when the selector moves.
 */
export async function startServiceProxy({ api, namespaces }: { api: ApiAddress; namespaces: readonly string[] }): Promise<ServiceProxyHandle> {
	const cleanups = createCleanups();
	const connection = connectToApi(api);
	/** By namespace/name/port name. A listener may still be opening. */
	const listeners = new Map<string, Promise<ServiceListener>>();
	const pods: Followed<V1Pod>[] = [];
	const slices: Followed<V1EndpointSlice>[] = [];
	let stopped = false;

	function change(service: V1Service): void {
		const { namespace = '', name = '', annotations = {} } = service.metadata ?? {};
		const { ports = [], type, clusterIP } = service.spec ?? {};
		if (stopped || type === 'ExternalName' || clusterIP === 'None') return;
		for (const [index, port] of ports.entries()) {
			const key = `${namespace}/${name}/${port.name ?? ''}`;
			const annotation = index === 0 ? portAnnotation : `${portAnnotation}.${port.name}`;
			if (listeners.has(key)) {
				void listeners.get(key)?.then((listener) => note(service, annotation, listener.port)).catch(() => {});
				continue;
			}
			const wanted = Number(annotations[annotation] ?? 0) || 0;
			const opening = listenForService(() => readyAddresses({ namespace, name, portName: port.name ?? '' }), wanted);
			listeners.set(key, opening);
			opening.then((listener) => note(service, annotation, listener.port)).catch(() => listeners.delete(key));
		}
	}

	async function note({ metadata }: V1Service, annotation: string, port: number): Promise<void> {
		if (stopped || metadata?.annotations?.[annotation] === String(port)) return;
		const target = { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
		const body = { metadata: { annotations: { [annotation]: String(port) } } };
		try {
			await connection.core.patchNamespacedService({ ...target, body }, asMergePatch);
		} catch (error) {
			if (statusOf(error) === 404 || stopped) return;
			setTimeout(() => void note({ metadata: metadata ?? {} }, annotation, port), 500).unref();
		}
	}

	function forget(service: V1Service): void {
		const prefix = `${service.metadata?.namespace}/${service.metadata?.name}/`;
		for (const [key, listener] of listeners) {
			if (!key.startsWith(prefix)) continue;
			listeners.delete(key);
			void listener.then((open) => open.close());
		}
	}

	function readyAddresses({ namespace, name, portName }: { namespace: string; name: string; portName: string }): string[] {
		const addresses: string[] = [];
		for (const slice of slices.flatMap((part) => part.objects())) {
			const belongs = slice.metadata?.namespace === namespace && slice.metadata.labels?.['kubernetes.io/service-name'] === name;
			if (!belongs || !slice.ports?.some((port) => (port.name ?? '') === portName)) continue;
			for (const { conditions, targetRef } of slice.endpoints ?? []) {
				if (conditions?.ready === false || targetRef?.kind !== 'Pod') continue;
				const address = pods.flatMap((part) => part.objects()).find(({ metadata }) => metadata?.uid === targetRef.uid)?.metadata?.annotations?.[addressAnnotation];
				if (address) addresses.push(address);
			}
		}
		return addresses;
	}

	cleanups.add('service listeners', async () => {
		stopped = true;
		await Promise.all([...listeners.values()].map((listener) => listener.then((open) => open.close(), () => {})));
	});
	const ignore = () => {};
	try {
		for (const namespace of namespaces) {
			const { core, discovery } = connection;
			const followedPods = await followObjects<V1Pod>({
				connection,
				path: `/api/v1/namespaces/${namespace}/pods`,
				list: () => core.listNamespacedPod({ namespace }),
				onChange: ignore,
				onDelete: ignore,
			});
			const followedSlices = await followObjects<V1EndpointSlice>({
				connection,
				path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
				list: () => discovery.listNamespacedEndpointSlice({ namespace }),
				onChange: ignore,
				onDelete: ignore,
			});
			const followedServices = await followObjects<V1Service>({
				connection,
				path: `/api/v1/namespaces/${namespace}/services`,
				list: () => core.listNamespacedService({ namespace }),
				onChange: change,
				onDelete: forget,
			});
			pods.push(followedPods);
			slices.push(followedSlices);
			cleanups.add(`watches of ${namespace}`, async () => {
				await Promise.all([followedPods.stop(), followedSlices.stop(), followedServices.stop()]);
			});
		}
	} catch (error) {
		await cleanups.run();
		throw error;
	}
	return { stop: () => cleanups.run() };
}
