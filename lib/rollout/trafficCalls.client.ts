import type { CoreV1Api, DiscoveryV1Api } from '@kubernetes/client-node' with {
	'resolution-mode': 'import',
};
import { endpointFacts, serviceFacts } from './clusterFacts.client';
import type { Cluster } from './cluster';
import { FIELD_MANAGER, type Call } from './clusterCall.client';

/** Services and the endpoints behind them. */
export function trafficCalls(
	call: Call,
	{ core, discovery }: { readonly core: CoreV1Api; readonly discovery: DiscoveryV1Api },
): Pick<Cluster, 'readService' | 'listServices' | 'patchService' | 'listEndpointSlices'> {
	return {
		readService: async (namespace, name) =>
			serviceFacts(
				await call(
					{ verb: 'get', kind: 'services', name, namespace },
					async () => await core.readNamespacedService({ name, namespace }),
				),
			),
		listServices: async (namespace) => {
			const list = await call(
				{ verb: 'list', kind: 'services', name: '', namespace },
				async () => await core.listNamespacedService({ namespace }),
			);
			return list.items.map(serviceFacts);
		},
		patchService: async (namespace, name, operations) =>
			serviceFacts(
				await call(
					{ verb: 'patch', kind: 'services', name, namespace },
					async () =>
						await core.patchNamespacedService({
							name,
							namespace,
							body: operations,
							fieldManager: FIELD_MANAGER,
						}),
				),
			),
		listEndpointSlices: async (namespace, service) => {
			const labelSelector = `kubernetes.io/service-name=${service}`;
			const list = await call(
				{ verb: 'list', kind: 'endpointslices', name: service, namespace },
				async () => await discovery.listNamespacedEndpointSlice({ namespace, labelSelector }),
			);
			return list.items.flatMap(endpointFacts);
		},
	};
}
