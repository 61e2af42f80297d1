import type {
	ApisApi,
	AppsV1Api,
	AuthorizationV1Api,
	AutoscalingV2Api,
	CoreV1Api,
	CustomObjectsApi,
	DiscoveryV1Api,
	RequestContext,
	VersionApi,
} from '@kubernetes/client-node' with {
	'resolution-mode': 'import',
};
import { createClusterTransport, type ClusterTransport } from '../support/clusterTransport.client';
import { RunbookError } from '../support/runbookError';
import {
	autoscalerFacts,
	deploymentFacts,
	endpointFacts,
	managementFacts,
	podFacts,
	replicaSetFacts,
	revisionFacts,
	serviceFacts,
} from './clusterFacts.client';
import { explainApiError, type ApiCall } from './explainApiError';
import type { Cluster, ClusterConnection } from './cluster';
import type { Labels } from './model';

/** A call that takes longer is as good as lost; the API's own timeout for ordinary calls is 60 s, too long for a rollback. */
const CALL_TIMEOUT_MS = 10_000;

/** A client with connections of its own. Opens nothing before the first call. */
export async function createCluster(connection: ClusterConnection): Promise<Cluster> {
	const kubernetes = await import('@kubernetes/client-node');
	// client-node makes an agent a call; one agent for all calls keeps connections and can be closed.
	const transport = await createClusterTransport(connection, { connectTimeoutMs: CALL_TIMEOUT_MS });
	const configuration = kubernetes.createConfiguration({
		baseServer: new kubernetes.ServerConfiguration(connection.serverUrl, {}),
		authMethods: {
			default: {
				getName: () => 'the credential',
				applySecurityAuthentication: async (request: RequestContext) => {
					const authorization = await transport.authorization();
					if (authorization !== undefined) request.setHeaderParam('Authorization', authorization);
					request.setDispatcher(transport.agent);
					request.setSignal(AbortSignal.timeout(CALL_TIMEOUT_MS));
				},
			},
		},
	});
	const apis: Apis = {
		apis: new kubernetes.ApisApi(configuration),
		apps: new kubernetes.AppsV1Api(configuration),
		authorization: new kubernetes.AuthorizationV1Api(configuration),
		autoscaling: new kubernetes.AutoscalingV2Api(configuration),
		core: new kubernetes.CoreV1Api(configuration),
		custom: new kubernetes.CustomObjectsApi(configuration),
		discovery: new kubernetes.DiscoveryV1Api(configuration),
		version: new kubernetes.VersionApi(configuration),
	};
	return clusterOf(apis, { namespace: connection.namespace, transport });
}

interface Apis {
	readonly apis: ApisApi;
	readonly apps: AppsV1Api;
	readonly authorization: AuthorizationV1Api;
	readonly autoscaling: AutoscalingV2Api;
	readonly core: CoreV1Api;
	readonly custom: CustomObjectsApi;
	readonly discovery: DiscoveryV1Api;
	readonly version: VersionApi;
}

function clusterOf(
	{ apis, apps, authorization, autoscaling, core, custom, discovery, version }: Apis,
	{ namespace: own, transport }: { namespace: string; transport: ClusterTransport },
): Cluster {
	const call = async <T>(about: ApiCall, send: () => Promise<T>): Promise<T> => {
		try {
			return await send();
		} catch (error) {
			if (error instanceof RunbookError) throw error;
			const explained = explainApiError(about, error, transport.secrets());
			if (explained.code === 'ROLLOUT.UNAUTHORIZED') transport.refused();
			throw explained;
		}
	};
	return {
		namespace: own,
		readVersion: async () =>
			(await call({ verb: 'get', kind: 'version', name: '', namespace: '' }, async () => await version.getCode()))
				.gitVersion,
		readDeployment: async (namespace, name) =>
			deploymentFacts(
				await call(
					{ verb: 'get', kind: 'deployments', name, namespace },
					async () => await apps.readNamespacedDeployment({ name, namespace }),
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
		listPods: async (namespace, selector) => {
			const labelSelector = selectorText(selector);
			const list = await call(
				{ verb: 'list', kind: 'pods', name: '', namespace },
				async () => await core.listNamespacedPod({ namespace, labelSelector }),
			);
			return list.items.map(podFacts);
		},
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
		readConfigMapVersion: async (namespace, name) => {
			const { metadata } = await call(
				{ verb: 'get', kind: 'configmaps', name, namespace },
				async () => await core.readNamespacedConfigMap({ name, namespace }),
			);
			return metadata?.resourceVersion ?? '';
		},
		listEndpointSlices: async (namespace, service) => {
			const labelSelector = `kubernetes.io/service-name=${service}`;
			const list = await call(
				{ verb: 'list', kind: 'endpointslices', name: service, namespace },
				async () => await discovery.listNamespacedEndpointSlice({ namespace, labelSelector }),
			);
			return list.items.flatMap(endpointFacts);
		},
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
		deletePod: async (namespace, name, { graceSeconds }) => {
			await call(
				{ verb: 'delete', kind: 'pods', name, namespace },
				async () => await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: graceSeconds }),
			);
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
		mayI: async (namespace, { verb, group, resource, subresource, name }) => {
			const { V1ResourceAttributes, V1SelfSubjectAccessReview, V1SelfSubjectAccessReviewSpec } =
				await import('@kubernetes/client-node');
			const attributes = { namespace, verb, group, resource, subresource, name };
			const spec = Object.assign(new V1SelfSubjectAccessReviewSpec(), {
				resourceAttributes: Object.assign(new V1ResourceAttributes(), attributes),
			});
			const review = await call(
				{ verb: 'create', kind: 'selfsubjectaccessreviews', name: '', namespace: '' },
				async () =>
					await authorization.createSelfSubjectAccessReview({
						body: Object.assign(new V1SelfSubjectAccessReview(), { spec }),
					}),
			);
			return review.status?.allowed === true;
		},
		listGroups: async () => {
			const { groups } = await call(
				{ verb: 'list', kind: 'apigroups', name: '', namespace: '' },
				async () => await apis.getAPIVersions(),
			);
			return new Map(
				groups.map(({ name, preferredVersion, versions }) => [
					name,
					preferredVersion?.version ?? versions[0]?.version ?? '',
				]),
			);
		},
		listObjects: async (namespace, { group, version: groupVersion, plural }) => {
			const list = await call(
				{ verb: 'list', kind: plural, name: '', namespace },
				async (): Promise<unknown> =>
					await custom.listNamespacedCustomObject({ group, version: groupVersion, namespace, plural }),
			);
			return itemsOf(list);
		},
		readManagement: async (namespace, kind, name) =>
			await call({ verb: 'get', kind, name, namespace }, async () =>
				kind === 'services'
					? managementFacts('Service', await core.readNamespacedService({ name, namespace }))
					: managementFacts('Deployment', await apps.readNamespacedDeployment({ name, namespace })),
			),
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
		close: async () => {
			await transport.close();
		},
	};
}

/** Shown in managedFields, so that operators see who wrote a field. */
const FIELD_MANAGER = 'deployment-runbook';

function itemsOf(list: unknown): readonly unknown[] {
	const items: unknown = list !== null && typeof list === 'object' && 'items' in list ? list.items : [];
	return Array.isArray(items) ? (items as unknown[]) : [];
}

function selectorText(selector: Labels): string {
	return Object.entries(selector)
		.map(([key, value]) => `${key}=${value}`)
		.join(',');
}
