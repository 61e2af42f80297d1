import { assertCluster, clusterOfRecord } from './assertCluster';
import type { Cluster, PatchOperation } from './cluster';
import { coloursOf } from './coloursOf';
import { assertRecorded, targetOf } from './chooseIdle';
import { rolloutErrors } from './errors';
import { fenceOperations } from './fence';
import { freezeRecordOf } from './freeze/freezeRecord';
import type { Colour, DeploymentFacts, Fence, LiveRecord, ReleaseSet, TargetImage, Workload } from './model';
import { deploymentsOf } from './objectsOf';
import { patchUntilWritten } from './patchUntilWritten';
import { pointService } from './pointService';
import { raiseWholeFence } from './raiseFence';
import { declaredImage } from './readRunningImage';

/** What the idle colour was before; how to undo setImage. */
export interface IdleBefore {
	readonly service: string;
	readonly deployment: string;
	readonly image: string;
	readonly replicas: number;
	readonly previewColour: string;
}

export interface ImageSet {
	readonly service: string;
	readonly colour: Colour;
	readonly deployment: string;
	readonly image: string;
	readonly replicas: number;
}

export interface SetImageOptions {
	readonly images: readonly TargetImage[];
	readonly fence: Fence | undefined;
	/** What recordLive returned for this release; undefined when used alone. */
	readonly record: LiveRecord | undefined;
}

/** The idle colour of every workload as it is now. @throws RunbookError ROLLOUT.LIVE_CHANGED and what the reads throw */
export async function readIdle(
	cluster: Cluster,
	set: ReleaseSet,
	record: LiveRecord | undefined,
): Promise<IdleBefore[]> {
	const before: IdleBefore[] = [];
	for (const workload of set.workloads) {
		const { idle } = await readIdleColour(cluster, set.namespace, { workload, record });
		const deployment = await cluster.readDeployment(set.namespace, workload.deployments[idle]);
		const preview = await cluster.readService(set.namespace, workload.previewService);
		const image = declaredImage(deployment, workload.container);
		before.push({
			service: workload.service,
			deployment: deployment.name,
			image,
			replicas: deployment.wanted,
			previewColour: preview.selector.color ?? '',
		});
	}
	return before;
}

/**
 * Gives the idle colour of each workload, in order, its new image and the replicas of the live colour (at least one), and points
 * the preview Service at it. Serving pods are not touched. A second run finds it done.
 * @throws RunbookError ROLLOUT.IMAGE_MISSING, WRONG_CLUSTER, LIVE_CHANGED, FENCED_OUT, FROZEN, CONTAINER_MISSING and what the calls throw
 */
export async function setImage(
	cluster: Cluster,
	set: ReleaseSet,
	options: SetImageOptions,
): Promise<{ workloads: ImageSet[] }> {
	const targets = set.workloads.map((workload) => ({ workload, image: targetOf(workload, options.images) }));
	await assertCluster(cluster, clusterOfRecord(options.record));
	await raiseWholeFence(cluster, set, options.fence);
	await refuseFrozen(cluster, set);
	const workloads: ImageSet[] = [];
	for (const { workload, image } of targets) {
		const { live, idle } = await readIdleColour(cluster, set.namespace, { workload, record: options.record });
		const replicas = Math.max(1, (await cluster.readDeployment(set.namespace, workload.deployments[live])).wanted);
		const wanted = { image, replicas, container: workload.container };
		await runImage(cluster, set.namespace, {
			deployment: workload.deployments[idle],
			wanted,
			fence: options.fence,
		});
		await pointService(cluster, set.namespace, {
			service: workload.previewService,
			to: idle,
			fence: options.fence,
		});
		workloads.push({
			service: workload.service,
			colour: idle,
			deployment: workload.deployments[idle],
			image,
			replicas,
		});
	}
	return { workloads };
}

async function refuseFrozen(cluster: Cluster, set: ReleaseSet): Promise<void> {
	for (const name of deploymentsOf(set)) {
		if (freezeRecordOf(await cluster.readDeployment(set.namespace, name)) !== undefined)
			throw rolloutErrors.FROZEN({ deployment: name });
	}
}

/** Which colour of a workload is live and which idle, as the release recorded it. @throws RunbookError ROLLOUT.LIVE_CHANGED and what the read throws */
export async function readIdleColour(
	cluster: Cluster,
	namespace: string,
	{ workload, record }: { workload: Workload; record: LiveRecord | undefined },
): Promise<{ live: Colour; idle: Colour }> {
	const colours = coloursOf(workload, await cluster.readService(namespace, workload.service));
	assertRecorded(workload, colours, record);
	return colours;
}

/** Makes a Deployment run an image with so many replicas, in one patch that tests the image it replaces. Done already: only fences. */
export async function runImage(
	cluster: Cluster,
	namespace: string,
	{
		deployment,
		wanted,
		fence,
	}: { deployment: string; wanted: { image: string; replicas: number; container: string }; fence: Fence | undefined },
): Promise<void> {
	await patchUntilWritten<DeploymentFacts>({
		read: async () => await cluster.readDeployment(namespace, deployment),
		decide: (current) => {
			const operations = [
				...fenceOperations(current, { kind: 'Deployment', fence }),
				...imageOperations(current, wanted),
			];
			return operations.length === 0 ? undefined : operations;
		},
		patch: async (operations) => await cluster.patchDeployment(namespace, deployment, operations),
	});
}

function imageOperations(
	current: DeploymentFacts,
	{ image, replicas, container }: { image: string; replicas: number; container: string },
): PatchOperation[] {
	const before = declaredImage(current, container);
	const path = `/spec/template/spec/containers/${current.containers.findIndex(({ name }) => name === container)}`;
	const changesImage: PatchOperation[] = [
		{ op: 'test', path: `${path}/name`, value: container },
		{ op: 'test', path: `${path}/image`, value: before },
		{ op: 'replace', path: `${path}/image`, value: image },
	];
	const changesReplicas: PatchOperation[] = [{ op: 'add', path: '/spec/replicas', value: replicas }];
	return [...(before === image ? [] : changesImage), ...(current.wanted === replicas ? [] : changesReplicas)];
}
