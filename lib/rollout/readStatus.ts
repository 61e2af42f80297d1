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

/** Which colour of each workload is live, what it runs, and how many endpoints take traffic. Changes nothing. */
export async function readStatus(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
): Promise<{ workloads: WorkloadStatus[] }> {
	const statuses: WorkloadStatus[] = [];
	for (const workload of workloads) statuses.push(await readWorkloadStatus(cluster, namespace, workload));
	return { workloads: statuses };
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
	{ workload, colour }: { workload: Workload; colour: Colour },
): Promise<ColourStatus> {
	const deployment = await cluster.readDeployment(namespace, workload.deployments[colour]);
	const image = declaredImage(deployment, workload.container);
	const { name, revision, wanted, available } = deployment;
	return { colour, deployment: name, revision, image, digest: imageDigest(image) ?? '', replicas: wanted, available };
}
