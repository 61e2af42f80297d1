import { createServer } from 'node:http';
import type { V1Pod } from '@kubernetes/client-node';
import { addressAnnotation, connectToApi } from './kubelet/connectToApi.ts';
import type { ApiAddress } from './kubelet/connectToApi.ts';
import { listenOnLoopback } from './listenOnLoopback.ts';
import { workloadName } from './manifests.ts';

export interface ScrapeTargetsHandle {
	/** What Prometheus' HTTP service discovery asks. Debian's Prometheus has none for Kubernetes. */
	readonly url: string;
	stop(): Promise<void>;
}

/** Serves the addresses of the backend's ready pods, as they are at each request. */
export async function serveScrapeTargets({
	api,
	namespaces,
}: {
	readonly api: ApiAddress;
	readonly namespaces: readonly string[];
}): Promise<ScrapeTargetsHandle> {
	const { core } = connectToApi(api);
	const labelSelector = `app=${workloadName('backend')}`;
	async function list(): Promise<object[]> {
		const lists = await Promise.all(
			namespaces.map((namespace) => core.listNamespacedPod({ namespace, labelSelector })),
		);
		return lists.flatMap(({ items }) => items.filter(isReady).map(toTargets));
	}
	const listening = await listenOnLoopback(
		createServer((_request, response) => {
			list().then(
				(targets) =>
					response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(targets)),
				// Prometheus then keeps the list that it has.
				() => response.writeHead(503).end(),
			);
		}),
	);
	return { url: `http://127.0.0.1:${listening.port}/targets`, stop: () => listening.close() };
}

function isReady(pod: V1Pod): boolean {
	const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
	return ready === true && pod.metadata?.deletionTimestamp === undefined && addressOf(pod) !== undefined;
}

function toTargets(pod: V1Pod): object {
	const { metadata } = pod;
	return {
		targets: [addressOf(pod)],
		labels: { namespace: metadata?.namespace ?? '', instance: metadata?.name ?? '' },
	};
}

function addressOf({ metadata }: V1Pod): string | undefined {
	return metadata?.annotations?.[addressAnnotation];
}
