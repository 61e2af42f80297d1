import type {
	ApisApi,
	AppsV1Api,
	AuthorizationV1Api,
	CoreV1Api,
	CustomObjectsApi,
	VersionApi,
} from '@kubernetes/client-node' with {
	'resolution-mode': 'import',
};
import { managementFacts } from './clusterFacts.client';
import type { Cluster } from './cluster';
import type { Call } from './clusterCall.client';
import { IDENTITY_NAMESPACE } from './access/accessNeeds';

/** What is asked before a change: which cluster it is, what the credential may do, and who else owns what would be written. */
export function preflightCalls(
	call: Call,
	{
		apis,
		apps,
		authorization,
		core,
		custom,
		version,
	}: {
		readonly apis: ApisApi;
		readonly apps: AppsV1Api;
		readonly authorization: AuthorizationV1Api;
		readonly core: CoreV1Api;
		readonly custom: CustomObjectsApi;
		readonly version: VersionApi;
	},
): Pick<
	Cluster,
	'readVersion' | 'readClusterUid' | 'readConfigMapVersion' | 'mayI' | 'listGroups' | 'listObjects' | 'readManagement'
> {
	return {
		readVersion: async () =>
			(await call({ verb: 'get', kind: 'version', name: '', namespace: '' }, async () => await version.getCode()))
				.gitVersion,
		readClusterUid: async () => {
			const name = IDENTITY_NAMESPACE;
			const { metadata } = await call(
				{ verb: 'get', kind: 'namespaces', name, namespace: name },
				async () => await core.readNamespace({ name }),
			);
			return metadata?.uid ?? '';
		},
		readConfigMapVersion: async (namespace, name) => {
			const { metadata } = await call(
				{ verb: 'get', kind: 'configmaps', name, namespace },
				async () => await core.readNamespacedConfigMap({ name, namespace }),
			);
			return metadata?.resourceVersion ?? '';
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
	};
}

function itemsOf(list: unknown): readonly unknown[] {
	const items: unknown = list !== null && typeof list === 'object' && 'items' in list ? list.items : [];
	return Array.isArray(items) ? (items as unknown[]) : [];
}
