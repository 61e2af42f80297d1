import { targetOf } from './chooseIdle';
import type { Cluster } from './cluster';
import { COLOUR_LABEL } from './coloursOf';
import { isOfRelease } from './fence';
import type { ReleaseSet } from './model';
import { declaredImage } from './readRunningImage';
import { readIdleColour, type ImageSet, type SetImageOptions } from './setImage';

/**
 * What setImage would return, when all of it is done by this release: every idle colour asks for its image with the replicas of the
 * live one, and its preview Service shows it. Undefined when anything of it is left to do; setting the images again then completes it.
 * @throws RunbookError ROLLOUT.LIVE_CHANGED, IMAGE_MISSING and what the reads throw
 */
export async function observeImages(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
	{ images, fence, record }: SetImageOptions,
): Promise<{ workloads: ImageSet[] } | undefined> {
	const observed: ImageSet[] = [];
	for (const workload of workloads) {
		const image = targetOf(workload, images);
		const { live, idle } = await readIdleColour(cluster, namespace, { workload, record });
		const replicas = Math.max(1, (await cluster.readDeployment(namespace, workload.deployments[live])).wanted);
		const deployment = await cluster.readDeployment(namespace, workload.deployments[idle]);
		const preview = await cluster.readService(namespace, workload.previewService);
		const isSet = declaredImage(deployment, workload.container) === image && deployment.wanted === replicas;
		const isOurs = isOfRelease(deployment, fence) && isOfRelease(preview, fence);
		if (!isSet || !isOurs || preview.selector[COLOUR_LABEL] !== idle) return undefined;
		observed.push({ service: workload.service, colour: idle, deployment: deployment.name, image, replicas });
	}
	return { workloads: observed };
}
