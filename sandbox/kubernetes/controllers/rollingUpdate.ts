import { byCreation, allReplicaSets } from './rollout.ts';
import { maxReplicas, rolloutLimits, totalAvailable, totalReplicas } from './rolloutLimits.ts';
import { scaleReplicaSet } from './scaleReplicaSet.ts';
import type { Rollout } from './rollout.ts';

/**
 * One step of a rolling update: grow the current ReplicaSet within the surge, or else shrink the old ones as far as enough
 * pods stay available. Later steps follow from the changes of status that this one causes.
 */
export async function rollingUpdate(rollout: Rollout): Promise<void> {
	if (await growFresh(rollout)) return;
	await shrinkOld(rollout);
}

async function growFresh(rollout: Rollout): Promise<boolean> {
	const { deployment, fresh } = rollout;
	if (!fresh || fresh.spec.replicas === deployment.spec.replicas) return false;
	if (fresh.spec.replicas > deployment.spec.replicas)
		return scaleReplicaSet(rollout, fresh, deployment.spec.replicas);
	const room = maxReplicas(deployment) - totalReplicas(allReplicaSets(rollout));
	if (room <= 0) return false;
	const added = Math.min(room, deployment.spec.replicas - fresh.spec.replicas);
	return scaleReplicaSet(rollout, fresh, fresh.spec.replicas + added);
}

async function shrinkOld(rollout: Rollout): Promise<void> {
	const { deployment, fresh } = rollout;
	if (!fresh || totalReplicas(rollout.old) === 0) return;
	const minAvailable = deployment.spec.replicas - rolloutLimits(deployment.spec).maxUnavailable;
	const freshUnavailable = fresh.spec.replicas - (fresh.status?.availableReplicas ?? 0);
	const spare = totalReplicas(allReplicaSets(rollout)) - minAvailable - freshUnavailable;
	if (spare <= 0) return;
	await removeUnavailable(rollout, spare);
	await removeAvailable(rollout, totalAvailable(allReplicaSets(rollout)) - minAvailable);
}

/** Old pods that do not serve anyway go first, so that they cannot block the rollout. */
async function removeUnavailable(rollout: Rollout, limit: number): Promise<void> {
	let left = limit;
	for (const replicaSet of byCreation(rollout.old)) {
		const unavailable = replicaSet.spec.replicas - (replicaSet.status?.availableReplicas ?? 0);
		const removed = Math.min(left, unavailable);
		if (removed <= 0) continue;
		await scaleReplicaSet(rollout, replicaSet, replicaSet.spec.replicas - removed);
		left -= removed;
	}
}

async function removeAvailable(rollout: Rollout, limit: number): Promise<void> {
	let left = limit;
	for (const replicaSet of byCreation(rollout.old)) {
		const removed = Math.min(left, replicaSet.spec.replicas);
		if (removed <= 0) continue;
		await scaleReplicaSet(rollout, replicaSet, replicaSet.spec.replicas - removed);
		left -= removed;
	}
}
