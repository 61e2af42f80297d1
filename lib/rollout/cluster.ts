import type { ClusterAccess } from '../support/clusterAccess';
import type { AccessNeed } from './access/accessNeeds';
import type { AutoscalerFacts } from './autoscalers';
import type {
	DeploymentFacts,
	EndpointFacts,
	Labels,
	PodFacts,
	ReplicaSetFacts,
	RevisionFacts,
	ServiceFacts,
} from './model';
import type { Management } from './ownership/model';

/** How to reach a cluster, and the namespace used where a call names none. */
export interface ClusterConnection extends ClusterAccess {
	readonly namespace: string;
}

export type PatchOperation =
	| { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
	| { readonly op: 'remove'; readonly path: string };

export interface LogRequest {
	readonly pod: string;
	readonly container: string;
	/** The log of the container before its last restart. */
	readonly previous: boolean;
	readonly tailLines: number;
	readonly limitBytes: number;
}

/**
 * The calls the package makes to a Kubernetes API. Each has a deadline of its own (10 s).
 * All throw RunbookError ROLLOUT.UNREACHABLE, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TEST_FAILED or REFUSED.
 */
export interface Cluster {
	/** The credential's namespace. */
	readonly namespace: string;
	/** The server's version, e.g. `v1.37.0`. */
	readVersion(): Promise<string>;
	/** The UID of namespace kube-system, by which one cluster is told from another. */
	readClusterUid(): Promise<string>;
	readDeployment(namespace: string, name: string): Promise<DeploymentFacts>;
	listReplicaSets(namespace: string, selector: Labels): Promise<ReplicaSetFacts[]>;
	/** The ReplicaSets that match a selector, as revisions. */
	listRevisions(namespace: string, selector: Labels): Promise<RevisionFacts[]>;
	listPods(namespace: string, selector: Labels): Promise<PodFacts[]>;
	readService(namespace: string, name: string): Promise<ServiceFacts>;
	/** All Services of a namespace. */
	listServices(namespace: string): Promise<ServiceFacts[]>;
	/** The resourceVersion of a ConfigMap; its content is dropped. */
	readConfigMapVersion(namespace: string, name: string): Promise<string>;
	/** The endpoints of all slices of a Service. */
	listEndpointSlices(namespace: string, service: string): Promise<EndpointFacts[]>;
	patchDeployment(namespace: string, name: string, operations: readonly PatchOperation[]): Promise<DeploymentFacts>;
	patchService(namespace: string, name: string, operations: readonly PatchOperation[]): Promise<ServiceFacts>;
	/** Ends a pod within so many seconds; one that is ending already only gets the shorter time. */
	deletePod(namespace: string, name: string, options: { readonly graceSeconds: number }): Promise<void>;
	/** Those that scale a Deployment. */
	listAutoscalers(namespace: string): Promise<AutoscalerFacts[]>;
	patchAutoscaler(namespace: string, name: string, operations: readonly PatchOperation[]): Promise<void>;
	/** Whether the credential is allowed something, by the API's own word. */
	mayI(namespace: string, need: AccessNeed): Promise<boolean>;
	/** Groups that the API serves besides the core one, each with its preferred version. */
	listGroups(): Promise<ReadonlyMap<string, string>>;
	/** The objects of a kind outside of the core group, as they come. */
	listObjects(
		namespace: string,
		kind: { readonly group: string; readonly version: string; readonly plural: string },
	): Promise<readonly unknown[]>;
	/** What tells who looks after a Service or Deployment. */
	readManagement(namespace: string, kind: 'services' | 'deployments', name: string): Promise<Management>;
	podLogs(namespace: string, request: LogRequest): Promise<string>;
	/** Closes its connections. */
	close(): Promise<void>;
}
