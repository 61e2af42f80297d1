import type { AppsV1Api, AutoscalingV2Api } from '@kubernetes/client-node' with {
	'resolution-mode': 'import',
};
import { autoscalerFacts, deploymentFacts, replicaSetFacts, revisionFacts } from './clusterFacts.client';
import type { Cluster } from './cluster';
import { FIELD_MANAGER, selectorText, type Call } from './clusterCall.client';

/** Deployments, their revisions, and what scales them. */
export function workloadCalls(
	call: Call,
	{ apps, autoscaling }: { readonly apps: AppsV1Api; readonly autoscaling: AutoscalingV2Api },
): Pick<
	Cluster,
	'readDeployment' | 'patchDeployment' | 'listReplicaSets' | 'listRevisions' | 'listAutoscalers' | 'patchAutoscaler'
> {
	return {
		readDeployment: async (namespace, name) =>
			deploymentFacts(
				await call(
					{ verb: 'get', kind: 'deployments', name, namespace },
					async () => await apps.readNamespacedDeployment({ name, namespace }),
				),
			),
		patchDeployment: async (namespace, name, operations) =>
			deploymentFacts(
				await call(
					{ verb: 'patch', kind: 'deployments', name, namespace },
					async () =>
						await apps.patchNamespacedDeployment({
							name,
							namespace,
							body: operations,
							fieldManager: FIELD_MANAGER,
						}),
				),
			),
		listReplicaSets: async (namespace, selector) => {
			const labelSelector = selectorText(selector);
			const list = await call(
				{ verb: 'list', kind: 'replicasets', name: '', namespace },
				async () => await apps.listNamespacedReplicaSet({ namespace, labelSelector }),
			);
			return list.items.map(replicaSetFacts);
		},
		listRevisions: async (namespace, selector) => {
			const labelSelector = selectorText(selector);
			const list = await call(
				{ verb: 'list', kind: 'replicasets', name: '', namespace },
				async () => await apps.listNamespacedReplicaSet({ namespace, labelSelector }),
			);
			return list.items.map(revisionFacts);
		},
		listAutoscalers: async (namespace) => {
			const list = await call(
				{ verb: 'list', kind: 'horizontalpodautoscalers', name: '', namespace },
				async () => await autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace }),
			);
			return list.items.flatMap(autoscalerFacts);
		},
		patchAutoscaler: async (namespace, name, operations) => {
			await call(
				{ verb: 'patch', kind: 'horizontalpodautoscalers', name, namespace },
				async () =>
					await autoscaling.patchNamespacedHorizontalPodAutoscaler({
						name,
						namespace,
						body: operations,
						fieldManager: FIELD_MANAGER,
					}),
			);
		},
	};
}
