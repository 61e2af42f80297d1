/**
 * Glossary. A *workload* is one service of the release set: a live Service, a preview Service, and two Deployments of which each
 * has a *colour*. The *live* colour is the one the Service's selector names; the other is *idle*. The *record* is what was live
 * before a release changed anything; a rollback goes to exactly that. The *fence* is the release's id and token: an object that
 * carries a higher token refuses every write of this release. A *worker* has two Deployments as well and no Service: the one that has
 * replicas runs.
 */
export type Colour = 'blue' | 'green';

/** One service of the release set, as operators declare it. */
export interface Workload {
	/** Name of the Service that users reach. */
	readonly service: string;
	/** Name of the Service that shows the idle colour to checks. */
	readonly previewService: string;
	readonly deployments: Readonly<Record<Colour, string>>;
	/** Name of the container that runs the application. */
	readonly container: string;
	/** Image repository without tag or digest. */
	readonly repository: string;
	readonly role: WorkloadRole;
}

export type WorkloadRole = 'web' | 'worker' | 'cron' | 'singleton' | 'stateful';

/** A part of the release that no Service sends traffic to: a consumer of a queue, a scheduler. It moves with the switch. */
export interface Worker {
	readonly name: string;
	readonly role: WorkerRole;
	/** Service of the workload whose image it runs. */
	readonly workload: string;
	readonly deployments: Readonly<Record<Colour, string>>;
	/** Name of the container that runs the application. */
	readonly container: string;
}

/** `worker`: the new version runs before the old one stops. `singleton`: the old one has ended before the new one starts. */
export type WorkerRole = 'worker' | 'singleton';

/** What a workload shall run: its Service's name and an image with digest. */
export interface TargetImage {
	readonly workload: string;
	readonly image: string;
}

/** Workloads in their declared order, in one namespace. */
export interface ReleaseSet {
	readonly namespace: string;
	readonly workloads: readonly Workload[];
	/** In their declared order, behind the workloads. Absent: none. */
	readonly workers?: readonly Worker[] | undefined;
}

/** The release on whose behalf something is written. */
export interface Fence {
	readonly release: string;
	readonly token: number;
}

export type Labels = Readonly<Record<string, string>>;

/** What objects that we write have in common. */
export interface Writable {
	readonly name: string;
	readonly resourceVersion: string;
	/** Absent on kinds that count none, such as Services. */
	readonly generation?: number;
	readonly annotations: Labels;
}

export interface Condition {
	readonly type: string;
	readonly status: string;
	readonly reason: string;
	readonly message: string;
}

/** The facts of a Deployment that decisions are made from. Counts that the API leaves out are 0. */
export interface DeploymentFacts extends Writable {
	readonly generation: number;
	readonly observedGeneration: number;
	readonly paused: boolean;
	/** Replicas asked for (`spec.replicas`). */
	readonly wanted: number;
	/** Pods there are, of any revision. */
	readonly total: number;
	readonly updated: number;
	readonly ready: number;
	readonly available: number;
	/** The revision annotation; empty before the controller has seen the Deployment. */
	readonly revision: string;
	readonly selector: Labels;
	/** Labels of its pods. */
	readonly podLabels: Labels;
	readonly podAnnotations: Labels;
	readonly containers: ReadonlyArray<{ readonly name: string; readonly image: string }>;
	readonly conditions: readonly Condition[];
	readonly configuration: ConfigurationFacts;
}

/** What an image's digest does not bring back. */
export interface ConfigurationFacts {
	/** SHA-256 over the pod template without its images. */
	readonly templateHash: string;
	/** What the pods take settings from, as `ConfigMap/name` and `Secret/name`, sorted. */
	readonly references: readonly string[];
}

export interface RecordedConfiguration extends ConfigurationFacts {
	/** The version of each ConfigMap that could be read. */
	readonly versions: Readonly<Record<string, string>>;
}

export interface ReplicaSetFacts {
	readonly name: string;
	/** Name of the Deployment that owns it; empty when nothing does. */
	readonly owner: string;
	readonly revision: string;
	/** Value of the `pod-template-hash` label, by which its pods are told from those of other revisions. */
	readonly templateHash: string;
}

/** One revision of a Deployment, as its ReplicaSet keeps it. */
export interface RevisionFacts {
	/** Name of the ReplicaSet. */
	readonly name: string;
	/** Name of the Deployment that owns it; empty when nothing does. */
	readonly owner: string;
	readonly revision: number;
	/** ISO 8601. */
	readonly createdAt: string;
	readonly replicas: number;
	/** Empty when nobody noted one. */
	readonly changeCause: string;
	readonly containers: ReadonlyArray<{ readonly name: string; readonly image: string }>;
	/** The pod template as it was, to be put back as a whole. It may hold secrets: it is never shown. */
	readonly template: object;
}

export interface ContainerFacts {
	readonly name: string;
	/** The image the pod asks for. */
	readonly image: string;
	/** The image that runs, as the runtime reports it; empty before it was pulled. */
	readonly imageId: string;
	readonly ready: boolean;
	readonly restarts: number;
	/** Why it waits, e.g. `CrashLoopBackOff`; empty while it runs. */
	readonly waitingReason: string;
	readonly waitingMessage: string;
}

export interface PodFacts {
	readonly name: string;
	readonly labels: Labels;
	/** True once it is being deleted. */
	readonly terminating: boolean;
	/** True when its containers have ended for good (evicted, for one); such a pod may stay listed. */
	readonly ended: boolean;
	/** How long it may take to end once it is deleted, in seconds. */
	readonly graceSeconds: number;
	readonly ready: boolean;
	/** Why the scheduler could not place it; empty otherwise. */
	readonly unschedulable: string;
	readonly containers: readonly ContainerFacts[];
}

export interface ServiceFacts extends Writable {
	readonly selector: Labels;
}

export interface EndpointFacts {
	readonly addresses: readonly string[];
	/** `conditions.ready` only: slices hold addresses that are not ready too. An absent condition counts as ready. */
	readonly ready: boolean;
	/** Name of the pod behind it; empty when the slice names none. */
	readonly pod: string;
}

/** What was live before a release changed anything. */
export interface WorkloadRecord {
	readonly service: string;
	readonly liveColour: Colour;
	readonly idleColour: Colour;
	readonly live: {
		readonly deployment: string;
		readonly revision: string;
		/** Repository with digest. */
		readonly image: string;
		readonly digest: string;
		readonly replicas: number;
	};
	/** The Service's whole selector. */
	readonly selector: Labels;
	/** UID of the cluster's namespace kube-system. Absent where the role may not read it, and in records of earlier versions. */
	readonly cluster?: string | undefined;
	/** Absent in records of earlier versions of the package. */
	readonly configuration?: RecordedConfiguration | undefined;
}

/** Which Deployment of a worker ran before a release changed anything. */
export interface WorkerRecord {
	readonly worker: string;
	readonly liveColour: Colour;
	readonly idleColour: Colour;
	readonly live: WorkloadRecord['live'];
	readonly configuration?: RecordedConfiguration | undefined;
}

export interface LiveRecord {
	readonly workloads: readonly WorkloadRecord[];
	/** Absent: the release set has none. */
	readonly workers?: readonly WorkerRecord[] | undefined;
}
