import type { ApiObject, Container, PodSpec } from './model.ts';
import type { Resource } from './resources.ts';

type Fields = Record<string, unknown>;

/**
 * Fills in the values the API gives to fields that the writer left out. It changes the object in place and is idempotent,
 * so that templates written in different ways compare equal once stored.
 */
export function setDefaults(resource: Resource, object: ApiObject): void {
	const spec = object['spec'] as Fields | undefined;
	switch (resource.kind) {
		case 'Pod':
			if (spec) defaultPodSpec(spec as PodSpec);
			break;
		case 'Deployment':
			if (spec) defaultDeployment(spec);
			break;
		case 'ReplicaSet':
			if (spec) {
				spec['replicas'] ??= 1;
				defaultTemplate(spec);
			}
			break;
		case 'Job':
			if (spec) defaultJob(object, spec);
			break;
		case 'Service':
			if (spec) defaultService(spec);
			break;
		case 'Secret':
			defaultSecret(object);
			break;
		case 'EndpointSlice':
			object['endpoints'] ??= null;
			object['ports'] ??= null;
			break;
		case 'Namespace':
			object['spec'] ??= { finalizers: ['kubernetes'] };
			break;
		default:
	}
}

function defaultDeployment(spec: Fields): void {
	spec['replicas'] ??= 1;
	spec['revisionHistoryLimit'] ??= 10;
	spec['progressDeadlineSeconds'] ??= 600;
	const strategy = (spec['strategy'] ??= {}) as Fields;
	strategy['type'] ??= 'RollingUpdate';
	if (strategy['type'] === 'RollingUpdate') {
		const rollingUpdate = (strategy['rollingUpdate'] ??= {}) as Fields;
		rollingUpdate['maxSurge'] ??= '25%';
		rollingUpdate['maxUnavailable'] ??= '25%';
	}
	defaultTemplate(spec);
}

/** The API chooses the selector of a Job by its uid, and labels the pods for it. */
function defaultJob({ metadata }: ApiObject, spec: Fields): void {
	spec['parallelism'] ??= 1;
	spec['completions'] ??= 1;
	spec['backoffLimit'] ??= 6;
	spec['completionMode'] ??= 'NonIndexed';
	spec['suspend'] ??= false;
	defaultTemplate(spec);
	const template = spec['template'] as { metadata?: { labels?: Record<string, string> } } | undefined;
	if (!template?.metadata) return;
	const uid = { 'batch.kubernetes.io/controller-uid': metadata.uid };
	spec['selector'] ??= { matchLabels: uid };
	template.metadata.labels = {
		...template.metadata.labels,
		...uid,
		'batch.kubernetes.io/job-name': metadata.name,
		'controller-uid': metadata.uid,
		'job-name': metadata.name,
	};
}

function defaultTemplate(spec: Fields): void {
	const template = spec['template'] as { metadata?: Fields; spec?: PodSpec } | undefined;
	if (!template) return;
	template.metadata ??= {};
	if (template.spec) defaultPodSpec(template.spec);
}

function defaultPodSpec(spec: PodSpec): void {
	spec['restartPolicy'] ??= 'Always';
	spec.terminationGracePeriodSeconds ??= 30;
	spec['dnsPolicy'] ??= 'ClusterFirst';
	spec['securityContext'] ??= {};
	spec['schedulerName'] ??= 'default-scheduler';
	const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
	for (const container of containers) defaultContainer(container);
}

function defaultContainer(container: Container): void {
	container['imagePullPolicy'] ??= /:latest$|^[^:@]+$/.test(container.image?.split('/').pop() ?? '')
		? 'Always'
		: 'IfNotPresent';
	container['resources'] ??= {};
	container['terminationMessagePath'] ??= '/dev/termination-log';
	container['terminationMessagePolicy'] ??= 'File';
	for (const port of container.ports ?? []) port.protocol ??= 'TCP';
	for (const name of ['readinessProbe', 'livenessProbe', 'startupProbe']) {
		const probe = container[name] as Fields | undefined;
		if (probe) defaultProbe(probe);
	}
}

function defaultProbe(probe: Fields): void {
	probe['timeoutSeconds'] ??= 1;
	probe['periodSeconds'] ??= 10;
	probe['successThreshold'] ??= 1;
	probe['failureThreshold'] ??= 3;
	const httpGet = probe['httpGet'] as Fields | undefined;
	if (httpGet) {
		httpGet['path'] ??= '/';
		httpGet['scheme'] ??= 'HTTP';
	}
}

/** `stringData` is for writing only: the API keeps it encoded. */
function defaultSecret(object: ApiObject): void {
	object['type'] ??= 'Opaque';
	const { stringData } = object as { stringData?: Record<string, string> };
	if (!stringData) return;
	const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
	object['data'] = { ...(object['data'] as Fields | undefined), ...Object.fromEntries(encoded) };
	delete object['stringData'];
}

function defaultService(spec: Fields): void {
	spec['type'] ??= 'ClusterIP';
	spec['sessionAffinity'] ??= 'None';
	spec['internalTrafficPolicy'] ??= 'Cluster';
	spec['ipFamilies'] ??= ['IPv4'];
	spec['ipFamilyPolicy'] ??= 'SingleStack';
	for (const port of (spec['ports'] ?? []) as Fields[]) {
		port['protocol'] ??= 'TCP';
		port['targetPort'] ??= port['port'];
	}
}
