import type { CoreV1Api } from '@kubernetes/client-node' with {
	'resolution-mode': 'import',
};
import { podFacts } from './clusterFacts.client';
import type { Cluster } from './cluster';
import { selectorText, type Call } from './clusterCall.client';

/** Pods and what they said. */
export function podCalls(
	call: Call,
	{ core }: { readonly core: CoreV1Api },
): Pick<Cluster, 'listPods' | 'deletePod' | 'podLogs'> {
	return {
		listPods: async (namespace, selector) => {
			const labelSelector = selectorText(selector);
			const list = await call(
				{ verb: 'list', kind: 'pods', name: '', namespace },
				async () => await core.listNamespacedPod({ namespace, labelSelector }),
			);
			return list.items.map(podFacts);
		},
		deletePod: async (namespace, name, { graceSeconds }) => {
			await call(
				{ verb: 'delete', kind: 'pods', name, namespace },
				async () => await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: graceSeconds }),
			);
		},
		podLogs: async (namespace, { pod, container, previous, tailLines, limitBytes }) =>
			(await call(
				{ verb: 'get', kind: 'pods/log', name: pod, namespace },
				async () =>
					await core.readNamespacedPodLog({
						name: pod,
						namespace,
						container,
						previous,
						tailLines,
						limitBytes,
					}),
			)) ?? '',
	};
}
