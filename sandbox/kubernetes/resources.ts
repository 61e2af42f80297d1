/** What the server knows about a kind: its place in the API and how its objects are treated. */
export interface Resource {
	readonly group: string;
	readonly version: string;
	readonly plural: string;
	readonly singular: string;
	readonly kind: string;
	readonly namespaced: boolean;
	readonly shortNames: readonly string[];
	readonly categories: readonly string[];
	readonly subresources: readonly Subresource[];
	/** Which edits raise `metadata.generation`; deployments count annotation edits too, as these are copied to ReplicaSets. */
	readonly generation: 'uncounted' | 'spec' | 'spec-and-annotations';
	/** Field selectors accepted besides `metadata.name` and `metadata.namespace`. */
	readonly selectableFields: readonly string[];
}

export type Subresource = 'status' | 'scale' | 'log' | 'binding' | 'proxy';

function resource(
	apiVersion: string,
	kind: string,
	names: { plural: string; shortNames?: string[]; categories?: string[] },
	traits: Partial<Pick<Resource, 'namespaced' | 'subresources' | 'generation' | 'selectableFields'>> = {},
): Resource {
	const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
	return {
		group: group ?? '',
		version: version ?? 'v1',
		kind,
		plural: names.plural,
		singular: kind.toLowerCase(),
		shortNames: names.shortNames ?? [],
		categories: names.categories ?? [],
		namespaced: traits.namespaced ?? true,
		subresources: traits.subresources ?? [],
		generation: traits.generation ?? 'uncounted',
		selectableFields: traits.selectableFields ?? [],
	};
}

const all = ['all'];
const eventFields = [
	'involvedObject.kind',
	'involvedObject.namespace',
	'involvedObject.name',
	'involvedObject.uid',
	'involvedObject.apiVersion',
	'involvedObject.resourceVersion',
	'involvedObject.fieldPath',
	'reason',
	'reportingComponent',
	'source',
	'type',
];

export const namespaces = resource(
	'v1',
	'Namespace',
	{ plural: 'namespaces', shortNames: ['ns'] },
	{ namespaced: false, subresources: ['status'], selectableFields: ['status.phase'] },
);
export const nodes = resource(
	'v1',
	'Node',
	{ plural: 'nodes', shortNames: ['no'] },
	{ namespaced: false, subresources: ['status'], selectableFields: ['spec.unschedulable'] },
);
export const pods = resource(
	'v1',
	'Pod',
	{ plural: 'pods', shortNames: ['po'], categories: all },
	{
		subresources: ['status', 'log', 'binding', 'proxy'],
		selectableFields: [
			'spec.nodeName',
			'spec.restartPolicy',
			'spec.serviceAccountName',
			'status.phase',
			'status.podIP',
		],
	},
);
export const services = resource(
	'v1',
	'Service',
	{ plural: 'services', shortNames: ['svc'], categories: all },
	{ subresources: ['status'], selectableFields: ['spec.clusterIP', 'spec.type'] },
);
export const configMaps = resource('v1', 'ConfigMap', { plural: 'configmaps', shortNames: ['cm'] });
export const secrets = resource('v1', 'Secret', { plural: 'secrets' });
export const events = resource(
	'v1',
	'Event',
	{ plural: 'events', shortNames: ['ev'] },
	{ selectableFields: eventFields },
);
export const deployments = resource(
	'apps/v1',
	'Deployment',
	{ plural: 'deployments', shortNames: ['deploy'], categories: all },
	{ subresources: ['status', 'scale'], generation: 'spec-and-annotations' },
);
export const replicaSets = resource(
	'apps/v1',
	'ReplicaSet',
	{ plural: 'replicasets', shortNames: ['rs'], categories: all },
	{ subresources: ['status', 'scale'], generation: 'spec', selectableFields: ['status.replicas'] },
);
export const jobs = resource(
	'batch/v1',
	'Job',
	{ plural: 'jobs', categories: all },
	{ subresources: ['status'], generation: 'spec', selectableFields: ['status.successful'] },
);
export const endpointSlices = resource(
	'discovery.k8s.io/v1',
	'EndpointSlice',
	{ plural: 'endpointslices' },
	{ generation: 'spec' },
);
/** Stored, and obeyed by nobody: no controller of the sandbox scales. */
export const horizontalPodAutoscalers = resource(
	'autoscaling/v2',
	'HorizontalPodAutoscaler',
	{ plural: 'horizontalpodautoscalers', shortNames: ['hpa'], categories: all },
	{ subresources: ['status'] },
);

/** Every kind that is stored. */
export const resources: readonly Resource[] = [
	namespaces,
	nodes,
	pods,
	services,
	configMaps,
	secrets,
	events,
	deployments,
	replicaSets,
	jobs,
	endpointSlices,
	horizontalPodAutoscalers,
];

/** The `apiVersion` of objects of this kind: `apps/v1`, or `v1` in the core group. */
export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
	return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The name used in the API's error messages: `deployments.apps`, or `pods` in the core group. */
export function qualifiedName(resource: Pick<Resource, 'group' | 'plural'>): string {
	return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}
