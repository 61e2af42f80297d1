import type {
	ContainerFacts,
	DeploymentFacts,
	PodFacts,
	ServiceFacts,
	Worker,
	WorkerRecord,
	Workload,
	WorkloadRecord,
} from '../../../lib/rollout/model';

export const OLD = `sha256:${'a'.repeat(64)}`;
export const NEW = `sha256:${'b'.repeat(64)}`;
export const OTHER = `sha256:${'c'.repeat(64)}`;
export const REPOSITORY = 'registry.example.com:5000/api';

/** A complete Deployment of two pods running `NEW`. */
export function deployment(changes: Partial<DeploymentFacts> = {}): DeploymentFacts {
	return {
		name: 'api-green',
		resourceVersion: '41',
		annotations: {},
		generation: 3,
		observedGeneration: 3,
		paused: false,
		wanted: 2,
		total: 2,
		updated: 2,
		ready: 2,
		available: 2,
		revision: '3',
		selector: { app: 'api', color: 'green' },
		podLabels: { app: 'api', color: 'green' },
		podAnnotations: {},
		containers: [
			{ name: 'sidecar', image: 'proxy:1' },
			{ name: 'app', image: `${REPOSITORY}@${NEW}` },
		],
		conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: '' }],
		configuration: { templateHash: 'f'.repeat(64), references: [] },
		...changes,
	};
}

/** A ready pod running `NEW`. */
export function pod(name: string, changes: Partial<PodFacts> = {}, container: Partial<ContainerFacts> = {}): PodFacts {
	const image = `${REPOSITORY}@${NEW}`;
	const app: ContainerFacts = {
		name: 'app',
		image,
		imageId: image,
		ready: true,
		restarts: 0,
		waitingReason: '',
		waitingMessage: '',
		...container,
	};
	return {
		name,
		labels: { app: 'api', color: 'green' },
		terminating: false,
		ended: false,
		graceSeconds: 30,
		ready: true,
		unschedulable: '',
		containers: [app],
		...changes,
	};
}

export function service(changes: Partial<ServiceFacts> = {}): ServiceFacts {
	return { name: 'api', resourceVersion: '17', annotations: {}, selector: { app: 'api', color: 'blue' }, ...changes };
}

export const WORKLOAD: Workload = {
	service: 'api',
	previewService: 'api-preview',
	deployments: { blue: 'api-blue', green: 'api-green' },
	container: 'app',
	repository: REPOSITORY,
	role: 'web',
};

export const RECORD: WorkloadRecord = {
	service: 'api',
	liveColour: 'blue',
	idleColour: 'green',
	live: { deployment: 'api-blue', revision: '2', image: `${REPOSITORY}@${OLD}`, digest: OLD, replicas: 2 },
	selector: { app: 'api', color: 'blue' },
};

export const WORKER: Worker = {
	name: 'consumer',
	role: 'worker',
	workload: 'api',
	deployments: { blue: 'consumer-blue', green: 'consumer-green' },
	container: 'app',
};

export const WORKER_RECORD: WorkerRecord = {
	worker: 'consumer',
	liveColour: 'blue',
	idleColour: 'green',
	live: { deployment: 'consumer-blue', revision: '2', image: `${REPOSITORY}@${OLD}`, digest: OLD, replicas: 2 },
};

/** A colour of the worker that asks for so many replicas of an image. */
export function workerColour(
	colour: 'blue' | 'green',
	{
		wanted,
		digest = OLD,
		annotations = {},
	}: { wanted: number; digest?: string; annotations?: DeploymentFacts['annotations'] },
): DeploymentFacts {
	return deployment({
		name: WORKER.deployments[colour],
		wanted,
		annotations,
		containers: [{ name: 'app', image: `${REPOSITORY}@${digest}` }],
	});
}
