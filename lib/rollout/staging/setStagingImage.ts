import { targetOf } from '../chooseIdle';
import type { Cluster } from '../cluster';
import type { TargetImage } from '../model';
import { declaredImage } from '../readRunningImage';
import { runImage } from '../setImage';
import type { Staging } from './model';

export interface StagedImage {
	readonly service: string;
	readonly deployment: string;
	readonly image: string;
	readonly replicas: number;
}

/** The images that staging's Deployments ask for now; how to undo setStagingImage. */
export async function readStagedImages(cluster: Cluster, { namespace, workloads }: Staging): Promise<StagedImage[]> {
	const staged: StagedImage[] = [];
	for (const { service, deployment: name, container } of workloads) {
		const deployment = await cluster.readDeployment(namespace, name);
		const image = declaredImage(deployment, container);
		staged.push({ service, deployment: name, image, replicas: deployment.wanted });
	}
	return staged;
}

/** What setStagingImage would return, once all of staging asks for the release's images; undefined before that. */
export async function observeStagedImages(
	cluster: Cluster,
	staging: Staging,
	images: readonly TargetImage[],
): Promise<{ workloads: StagedImage[] } | undefined> {
	const workloads = await readStagedImages(cluster, staging);
	const isStaged = ({ service, image, replicas }: StagedImage): boolean =>
		image === targetOf({ service }, images) && replicas > 0;
	return workloads.every(isStaged) ? { workloads } : undefined;
}

/**
 * kubectl set image on staging's Deployments, in the declared order: each gets the release's digest, and one replica if it has none. Staging
 * is fenced by no token: environments may share it, and their tokens know nothing of each other. A second run finds it done.
 * @throws RunbookError ROLLOUT.IMAGE_MISSING, CONTAINER_MISSING and what the calls throw
 */
export async function setStagingImage(
	cluster: Cluster,
	staging: Staging,
	images: readonly TargetImage[],
): Promise<{ workloads: StagedImage[] }> {
	const targets = staging.workloads.map((workload) => ({ workload, image: targetOf(workload, images) }));
	for (const { workload, image } of targets) {
		const { wanted } = await cluster.readDeployment(staging.namespace, workload.deployment);
		await runImage(cluster, staging.namespace, {
			deployment: workload.deployment,
			wanted: { image, replicas: Math.max(1, wanted), container: workload.container },
			fence: undefined,
		});
	}
	return { workloads: await readStagedImages(cluster, staging) };
}
