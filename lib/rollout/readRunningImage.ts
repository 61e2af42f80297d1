import { RunbookError } from '../support/runbookError';
import type { Cluster } from './cluster';
import { rolloutErrors } from './errors';
import { imageDigest, runningDigest } from './imageDigest';
import type { DeploymentFacts, PodFacts, Workload, WorkloadRecord } from './model';

export interface RunningImage {
	/** Repository with digest. */
	readonly image: string;
	readonly digest: string;
}

export interface RunningPlace {
	readonly namespace: string;
	readonly workload: Pick<Workload, 'container'>;
	readonly deployment: DeploymentFacts;
}

/**
 * What a Deployment runs, as repository with digest: from its pinned image, or, for a tag, from what its ready pods report.
 * @throws RunbookError ROLLOUT.CONTAINER_MISSING, ROLLOUT.DIGEST_UNKNOWN when pods disagree or none is ready
 */
export async function readRunningImage(
	cluster: Cluster,
	{ namespace, workload, deployment }: RunningPlace,
): Promise<RunningImage> {
	const declared = declaredImage(deployment, workload.container);
	const pinned = imageDigest(declared);
	const digest =
		pinned ??
		digestOfPods(deployment.name, workload.container, await cluster.listPods(namespace, deployment.selector));
	return { image: `${repositoryOf(declared)}@${digest}`, digest };
}

/** What a Deployment is and runs, as a record of it says. @throws RunbookError as `readRunningImage` */
export async function readRunning(cluster: Cluster, place: RunningPlace): Promise<WorkloadRecord['live']> {
	const { name: deployment, revision, wanted: replicas } = place.deployment;
	return { deployment, revision, ...(await readRunningImage(cluster, place)), replicas };
}

/** The digest that a Deployment runs; undefined when it cannot be told. @throws RunbookError ROLLOUT.CONTAINER_MISSING */
export async function findRunningDigest(cluster: Cluster, place: RunningPlace): Promise<string | undefined> {
	try {
		return (await readRunningImage(cluster, place)).digest;
	} catch (error) {
		if (error instanceof RunbookError && error.code === 'ROLLOUT.DIGEST_UNKNOWN') return undefined;
		throw error;
	}
}

/** The image that a Deployment asks for. @throws RunbookError ROLLOUT.CONTAINER_MISSING */
export function declaredImage(deployment: DeploymentFacts, container: string): string {
	const found = deployment.containers.find(({ name }) => name === container);
	if (!found) throw rolloutErrors.CONTAINER_MISSING({ deployment: deployment.name, container });
	return found.image;
}

function digestOfPods(deployment: string, container: string, pods: readonly PodFacts[]): string {
	const running = pods
		.filter((pod) => pod.ready && !pod.terminating)
		.flatMap((pod) => pod.containers.filter(({ name }) => name === container));
	const digests = [...new Set(running.map(runningDigest))];
	const [digest] = digests;
	if (digests.length === 1 && digest !== undefined) return digest;
	const problem =
		running.length === 0
			? 'its image is a tag and no pod is ready'
			: `its ready pods report ${digests.map((entry) => entry ?? 'none').join(' and ')}`;
	throw rolloutErrors.DIGEST_UNKNOWN({ deployment, problem });
}

/** `registry:5000/name:tag@sha256:…` without tag and digest. */
function repositoryOf(image: string): string {
	return image.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/:[\w][\w.-]{0,127}$/, '');
}
