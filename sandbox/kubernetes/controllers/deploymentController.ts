import { findCondition, setCondition } from './conditions.ts';
import { isComplete, writeStatus } from './deploymentStatus.ts';
import { controllerOf } from './ownership.ts';
import { readRollout } from './readRollout.ts';
import { recreate } from './recreate.ts';
import { revisionOf } from './revisions.ts';
import { rollingUpdate } from './rollingUpdate.ts';
import { isScalingEvent, scaleDeployment } from './scaleDeployment.ts';
import { parseQueueKey, queueKey, startWorkQueue } from './workQueue.ts';
import { deployments, pods, replicaSets } from '../resources.ts';
import type { ClusterClient } from '../clusterClient.ts';
import type { Deployment, ReplicaSet } from '../model.ts';
import type { Rollout } from './rollout.ts';
import type { WorkQueue } from './workQueue.ts';

/** Rolls every Deployment out to its current pod template and size. The returned function stops it. */
export function startDeploymentController(client: ClusterClient): () => void {
	const queue: WorkQueue = startWorkQueue((key) => syncDeployment(client, key, queue));
	const enqueueAll = async (namespace: string | undefined) => {
		for (const { metadata } of await client.list(deployments, namespace)) queue.enqueue(queueKey(metadata));
	};
	const stops = [
		client.watch(deployments, ({ object }) => queue.enqueue(queueKey(object.metadata))),
		client.watch(replicaSets, ({ object: { metadata } }) => {
			const controller = controllerOf(metadata);
			if (!controller) void enqueueAll(metadata.namespace);
			else if (controller.kind === 'Deployment') {
				queue.enqueue(queueKey({ namespace: metadata.namespace, name: controller.name }));
			}
		}),
		// The last old pod's end is what a Recreate rollout waits for.
		client.watch(pods, ({ type, object }) => {
			if (type === 'DELETED') void enqueueAll(object.metadata.namespace);
		}),
	];
	return () => {
		queue.stop();
		for (const stop of stops) stop();
	};
}

async function syncDeployment(client: ClusterClient, key: string, queue: WorkQueue): Promise<void> {
	const found = await client.get<Deployment>(deployments, parseQueueKey(key));
	if (!found) return;
	if (found.metadata.deletionTimestamp) {
		await writeStatus(await readRollout(client, found, false), false);
		return;
	}
	const deployment = await notePause(client, found);
	const rollout = await readRollout(client, deployment, false);
	if (deployment.spec.paused || isScalingEvent(rollout)) {
		await scaleDeployment(rollout);
		if (deployment.spec.paused) await pruneHistory(rollout);
		await writeStatus(rollout, false);
		return;
	}
	const active =
		deployment.spec.strategy.type === 'Recreate' ? rollout : await readRollout(client, rollout.deployment, true);
	await (deployment.spec.strategy.type === 'Recreate' ? recreate(active) : rollingUpdate(active));
	if (isComplete(active.deployment, active.deployment.status ?? {})) await pruneHistory(active);
	const againMs = await writeStatus(active, true);
	if (againMs !== undefined) queue.enqueueAfter(key, againMs);
}

/** Stops and restarts the deadline's clock: a paused rollout makes no progress, and is not late for it. */
async function notePause(client: ClusterClient, deployment: Deployment): Promise<Deployment> {
	const { spec, status } = deployment;
	const current = findCondition(status?.conditions, 'Progressing');
	if (spec.progressDeadlineSeconds === undefined || current?.reason === 'ProgressDeadlineExceeded') return deployment;
	if ((spec.paused ?? false) === (current?.reason === 'DeploymentPaused')) return deployment;
	const [reason, message] = spec.paused
		? ['DeploymentPaused', 'Deployment is paused']
		: ['DeploymentResumed', 'Deployment is resumed'];
	const conditions = setCondition(status?.conditions, { type: 'Progressing', status: 'Unknown', reason, message });
	return client.updateStatus(deployments, { ...deployment, status: { ...status, conditions } });
}

/** Deletes the old ReplicaSets of the lowest revisions beyond the limit; those that still have pods stay. */
async function pruneHistory({ client, deployment, old }: Rollout): Promise<void> {
	const limit = deployment.spec.revisionHistoryLimit;
	if (limit === undefined || limit === noLimit) return;
	const alive = old
		.filter(({ metadata }) => !metadata.deletionTimestamp)
		.sort((a, b) => revisionOf(a) - revisionOf(b));
	for (const replicaSet of alive.slice(0, Math.max(0, alive.length - limit))) {
		if (isIdle(replicaSet)) await client.delete(replicaSets, replicaSet.metadata);
	}
}

const noLimit = 2_147_483_647;

function isIdle({ metadata, spec, status }: ReplicaSet): boolean {
	const isObserved = (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);
	return isObserved && spec.replicas === 0 && (status?.replicas ?? 0) === 0;
}
