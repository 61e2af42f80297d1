import { isDeepStrictEqual } from 'node:util';
import { findCondition, removeCondition, setCondition } from './conditions.ts';
import { claimObjects, controllerOf, controllerReference } from './ownership.ts';
import { availableInMs, isActive, isReady } from './podState.ts';
import { rankForDeletion } from './rankForDeletion.ts';
import { recordEvent } from './recordEvent.ts';
import { parseQueueKey, queueKey, startWorkQueue } from './workQueue.ts';
import { matchesLabels } from '../matchSelectors.ts';
import { pods, replicaSets } from '../resources.ts';
import type { ClusterClient } from '../clusterClient.ts';
import type { Pod, ReplicaSet, ReplicaSetStatus } from '../model.ts';
import type { WorkQueue } from './workQueue.ts';

const component = 'replicaset-controller';

/** At most so many pods are created or deleted in one go, as by the real controller. */
const burst = 500;

/** Keeps as many pods as every ReplicaSet asks for, and its status true. The returned function stops it. */
export function startReplicaSetController(client: ClusterClient): () => void {
	const queue: WorkQueue = startWorkQueue((key) => syncReplicaSet(client, key, queue));
	const stops = [
		client.watch(replicaSets, ({ object }) => queue.enqueue(queueKey(object.metadata))),
		client.watch(pods, ({ object }) => {
			const { namespace } = object.metadata;
			const controller = controllerOf(object.metadata);
			if (controller?.kind === 'ReplicaSet') queue.enqueue(queueKey({ namespace, name: controller.name }));
			else if (!controller) void enqueueMatching(client, object as Pod, queue);
		}),
	];
	return () => {
		queue.stop();
		for (const stop of stops) stop();
	};
}

/** A pod nobody owns may be one to adopt: all ReplicaSets of its namespace look at it. */
async function enqueueMatching(client: ClusterClient, { metadata }: Pod, queue: WorkQueue): Promise<void> {
	if (metadata.deletionTimestamp) return;
	for (const replicaSet of await client.list(replicaSets, metadata.namespace))
		queue.enqueue(queueKey(replicaSet.metadata));
}

async function syncReplicaSet(client: ClusterClient, key: string, queue: WorkQueue): Promise<void> {
	const replicaSet = await client.get<ReplicaSet>(replicaSets, parseQueueKey(key));
	if (!replicaSet) return;
	const owner = { resource: replicaSets, object: replicaSet, selector: replicaSet.spec.selector };
	const owned = await claimObjects<Pod>(client, owner, pods);
	const active = owned.filter(isActive);
	const failure = replicaSet.metadata.deletionTimestamp ? undefined : await managePods(client, replicaSet, active);
	const after = (await claimObjects<Pod>(client, owner, pods)).filter(isActive);
	const status = replicaSetStatus(replicaSet, after, failure);
	if (!isDeepStrictEqual(status, replicaSet.status))
		await client.updateStatus(replicaSets, { ...replicaSet, status });
	const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
	const waits = after.map((pod) => availableInMs(pod, minReadySeconds)).filter((ms) => ms !== undefined && ms > 0);
	if (waits.length > 0) queue.enqueueAfter(key, Math.min(...(waits as number[])) + 20);
	if (failure) throw failure;
}

/** Creates or deletes pods until there are as many as wanted; the result is what prevented that. */
async function managePods(
	client: ClusterClient,
	replicaSet: ReplicaSet,
	active: readonly Pod[],
): Promise<Error | undefined> {
	const missing = replicaSet.spec.replicas - active.length;
	const about = { resource: replicaSets, object: replicaSet };
	try {
		for (let created = 0; created < Math.min(missing, burst); created++) {
			const { name } = await client
				.create<Pod>(pods, replicaSet.metadata.namespace ?? '', newPod(replicaSet))
				.then((p) => p.metadata);
			await recordEvent(client, about, {
				type: 'Normal',
				reason: 'SuccessfulCreate',
				message: `Created pod: ${name}`,
				component,
			});
		}
		for (const { metadata } of rankForDeletion(active).slice(0, Math.min(Math.max(0, -missing), burst))) {
			await client.delete(pods, metadata, { preconditions: { uid: metadata.uid } });
			const message = `Deleted pod: ${metadata.name}`;
			await recordEvent(client, about, { type: 'Normal', reason: 'SuccessfulDelete', message, component });
		}
		return undefined;
	} catch (error) {
		const failure = error instanceof Error ? error : new Error(String(error));
		const reason = missing > 0 ? 'FailedCreate' : 'FailedDelete';
		await recordEvent(client, about, { type: 'Warning', reason, message: failure.message, component });
		return failure;
	}
}

function newPod({ metadata, spec, ...rest }: ReplicaSet): object {
	const template = spec.template;
	return {
		metadata: {
			generateName: `${metadata.name}-`,
			labels: template.metadata?.labels ?? {},
			annotations: template.metadata?.annotations ?? {},
			ownerReferences: [controllerReference(replicaSets, { metadata, spec, ...rest })],
		},
		spec: template.spec,
	};
}

function replicaSetStatus(
	replicaSet: ReplicaSet,
	active: readonly Pod[],
	failure: Error | undefined,
): ReplicaSetStatus {
	const { spec, metadata, status: before } = replicaSet;
	const labels = spec.template.metadata?.labels ?? {};
	const ready = active.filter(isReady).length;
	const available = active.filter((pod) => availableInMs(pod, spec.minReadySeconds ?? 0) === 0).length;
	const labelled = active.filter((pod) => matchesLabels(labels, pod.metadata.labels)).length;
	const conditions = failureConditions(
		before,
		active.length < spec.replicas ? 'FailedCreate' : 'FailedDelete',
		failure,
	);
	return {
		replicas: active.length,
		...(labelled > 0 ? { fullyLabeledReplicas: labelled } : {}),
		...(ready > 0 ? { readyReplicas: ready } : {}),
		...(available > 0 ? { availableReplicas: available } : {}),
		observedGeneration: metadata.generation ?? 0,
		...(conditions.length > 0 ? { conditions } : {}),
	};
}

function failureConditions(status: ReplicaSetStatus | undefined, reason: string, failure: Error | undefined) {
	if (!failure) return removeCondition(status?.conditions, 'ReplicaFailure');
	const known = findCondition(status?.conditions, 'ReplicaFailure');
	if (known) return status?.conditions ?? [];
	const set = setCondition(status?.conditions, {
		type: 'ReplicaFailure',
		status: 'True',
		reason,
		message: failure.message,
	});
	return set.map(({ lastUpdateTime: _lastUpdateTime, ...condition }) => condition);
}
