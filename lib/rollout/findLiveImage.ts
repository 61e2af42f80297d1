import type { Cluster } from './cluster';
import { coloursOf } from './coloursOf';
import type { Workload } from './model';
import { readRunningImage } from './readRunningImage';

/**
 * The image that serves a workload's traffic now, as repository with digest.
 * @throws RunbookError ROLLOUT.NOT_FOUND, COLOUR_UNKNOWN, CONTAINER_MISSING, DIGEST_UNKNOWN
 */
export async function findLiveImage(cluster: Cluster, namespace: string, workload: Workload): Promise<string> {
	const { live } = coloursOf(workload, await cluster.readService(namespace, workload.service));
	const deployment = await cluster.readDeployment(namespace, workload.deployments[live]);
	return (await readRunningImage(cluster, { namespace, workload, deployment })).image;
}
