import { readyPods } from './assessEndpoints';
import type { Cluster } from './cluster';
import { coloursOf } from './coloursOf';
import { imageDigest } from './imageDigest';
import type { Colour, ReleaseSet, Workload } from './model';
import { declaredImage } from './readRunningImage';

export interface ColourStatus {
	readonly colour: Colour;
	readonly deployment: string;
	readonly revision: string;
	readonly image: string;
	/** Empty when the Deployment asks for a tag. */
	readonly digest: string;
	readonly replicas: number;
	readonly available: number;
}

export interface WorkloadStatus {
	readonly service: string;
	readonly live: ColourStatus;
	readonly idle: ColourStatus;
	/** Pods that take traffic behind the live Service. */
	readonly readyEndpoints: number;
	readonly previewReadyEndpoints: number;
}

/** Both Deployments of a worker; whichever has replicas runs. */
export interface WorkerStatus {
	readonly worker: string;
	readonly blue: ColourStatus;
	readonly green: ColourStatus;
}

/** Which colour of each workload is live, what it runs, how many endpoints take traffic, and what the workers run. Changes nothing. */
export async function readStatus(
	cluster: Cluster,
	{ namespace, workloads, workers = [] }: ReleaseSet,
): Promise<{ workloads: WorkloadStatus[]; workers: WorkerStatus[] }> {
	const statuses: WorkloadStatus[] = [];
	for (const workload of workloads) statuses.push(await readWorkloadStatus(cluster, namespace, workload));
	const running: WorkerStatus[] = [];
	for (const worker of workers) {
		const blue = await readColour(cluster, namespace, { workload: worker, colour: 'blue' });
		const green = await readColour(cluster, namespace, { workload: worker, colour: 'green' });
		running.push({ worker: worker.name, blue, green });
	}
	return { workloads: statuses, workers: running };
}

async function readWorkloadStatus(cluster: Cluster, namespace: string, workload: Workload): Promise<WorkloadStatus> {
	const { live, idle } = coloursOf(workload, await cluster.readService(namespace, workload.service));
	return {
		service: workload.service,
		live: await readColour(cluster, namespace, { workload, colour: live }),
		idle: await readColour(cluster, namespace, { workload, colour: idle }),
		readyEndpoints: readyPods(await cluster.listEndpointSlices(namespace, workload.service)).length,
		previewReadyEndpoints: readyPods(await cluster.listEndpointSlices(namespace, workload.previewService)).length,
	};
}

async function readColour(
	cluster: Cluster,
	namespace: string,
	{ workload, colour }: { workload: Pick<Workload, 'deployments' | 'container'>; colour: Colour },
): Promise<ColourStatus> {
	const deployment = await cluster.readDeployment(namespace, workload.deployments[colour]);
	const image = declaredImage(deployment, workload.container);
	const { name, revision, wanted, available } = deployment;
	return { colour, deployment: name, revision, image, digest: imageDigest(image) ?? '', replicas: wanted, available };
}
