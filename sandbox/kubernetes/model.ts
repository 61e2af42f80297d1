/**
 * The objects of the Kubernetes API as they travel on the wire (times are RFC 3339 strings in whole seconds), narrowed to
 * the fields that this server and its controllers read or write. Fields that are not named here are kept as they came.
 */

/** A reference from a dependent to its owner. `controller` is absent when the owner is not the managing controller. */
export interface OwnerReference {
	apiVersion: string;
	kind: string;
	name: string;
	uid: string;
	controller?: boolean;
	blockOwnerDeletion?: boolean;
}

/** Metadata of a stored object. `namespace` is absent on cluster-scoped kinds, `generation` on kinds that do not count it. */
export interface ObjectMeta {
	name: string;
	uid: string;
	resourceVersion: string;
	creationTimestamp: string;
	namespace?: string;
	generateName?: string;
	generation?: number;
	/** Present from the moment deletion was accepted; for pods it is the moment the grace period ends. */
	deletionTimestamp?: string;
	deletionGracePeriodSeconds?: number;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
	ownerReferences?: OwnerReference[];
	finalizers?: string[];
	[field: string]: unknown;
}

/** Any object of the API. */
export interface ApiObject {
	apiVersion: string;
	kind: string;
	metadata: ObjectMeta;
	[field: string]: unknown;
}

/** The `metav1.LabelSelector` of workloads. */
export interface LabelSelector {
	matchLabels?: Record<string, string>;
	matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** A condition of any object's status; the two update times are absent on pods and ReplicaSets respectively. */
export interface Condition {
	type: string;
	status: 'True' | 'False' | 'Unknown';
	reason?: string;
	message?: string;
	lastTransitionTime?: string;
	lastUpdateTime?: string;
}

export interface ContainerPort {
	containerPort: number;
	name?: string;
	protocol?: string;
}

export interface Container {
	name: string;
	image: string;
	ports?: ContainerPort[];
	[field: string]: unknown;
}

export interface PodSpec {
	containers: Container[];
	initContainers?: Container[];
	/** Absent until the pod is bound. */
	nodeName?: string;
	terminationGracePeriodSeconds?: number;
	[field: string]: unknown;
}

export interface PodTemplate {
	metadata?: { labels?: Record<string, string>; annotations?: Record<string, string>; [field: string]: unknown };
	spec: PodSpec;
}

export interface PodStatus {
	phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
	podIP?: string;
	conditions?: Condition[];
	containerStatuses?: { name: string; ready: boolean; restartCount: number; [field: string]: unknown }[];
	[field: string]: unknown;
}

export interface Pod extends ApiObject {
	spec: PodSpec;
	status?: PodStatus;
}

export interface ReplicaSet extends ApiObject {
	spec: { replicas: number; minReadySeconds?: number; selector: LabelSelector; template: PodTemplate };
	status?: ReplicaSetStatus;
}

export interface ReplicaSetStatus {
	replicas: number;
	fullyLabeledReplicas?: number;
	readyReplicas?: number;
	availableReplicas?: number;
	observedGeneration?: number;
	conditions?: Condition[];
}

export interface DeploymentSpec {
	replicas: number;
	selector: LabelSelector;
	template: PodTemplate;
	strategy: {
		type: 'RollingUpdate' | 'Recreate';
		rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string };
	};
	minReadySeconds?: number;
	revisionHistoryLimit?: number;
	progressDeadlineSeconds?: number;
	paused?: boolean;
}

export interface DeploymentStatus {
	observedGeneration?: number;
	replicas?: number;
	updatedReplicas?: number;
	readyReplicas?: number;
	availableReplicas?: number;
	unavailableReplicas?: number;
	collisionCount?: number;
	conditions?: Condition[];
}

export interface Deployment extends ApiObject {
	spec: DeploymentSpec;
	status?: DeploymentStatus;
}

export interface JobSpec {
	parallelism: number;
	completions: number;
	backoffLimit: number;
	template: PodTemplate;
	suspend?: boolean;
	activeDeadlineSeconds?: number;
	ttlSecondsAfterFinished?: number;
}

export interface JobStatus {
	startTime?: string;
	completionTime?: string;
	active?: number;
	ready?: number;
	succeeded?: number;
	failed?: number;
	conditions?: Condition[];
}

export interface Job extends ApiObject {
	spec: JobSpec;
	status?: JobStatus;
}

export interface ServicePort {
	port: number;
	name?: string;
	protocol?: string;
	targetPort?: number | string;
	[field: string]: unknown;
}

export interface Service extends ApiObject {
	spec: {
		/** Absent for services whose endpoints somebody else writes. */
		selector?: Record<string, string>;
		ports?: ServicePort[];
		clusterIP?: string;
		publishNotReadyAddresses?: boolean;
		[field: string]: unknown;
	};
}

export interface Endpoint {
	addresses: string[];
	conditions: { ready: boolean; serving: boolean; terminating: boolean };
	targetRef?: { kind: string; namespace?: string; name: string; uid?: string };
	nodeName?: string;
}

export interface EndpointPort {
	name: string;
	port: number;
	protocol: string;
}

export interface EndpointSlice extends ApiObject {
	addressType: 'IPv4' | 'IPv6' | 'FQDN';
	/** Null, as on a stock API server, where there is none. */
	endpoints: Endpoint[] | null;
	ports: EndpointPort[] | null;
}

export interface Node extends ApiObject {
	status?: {
		addresses?: { type: string; address: string }[];
		daemonEndpoints?: { kubeletEndpoint?: { Port: number } };
		[field: string]: unknown;
	};
}

export interface Scale extends ApiObject {
	spec: { replicas: number };
	status: { replicas: number; selector: string };
}

/** The three kinds of change that a watch reports. */
export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';
