import { revisionOf } from './revisions.ts';
import { allReplicaSets, byCreation } from './rollout.ts';
import { desiredReplicasAnnotation, maxReplicasAnnotation } from './revisions.ts';
import { maxReplicas, totalReplicas } from './rolloutLimits.ts';
import { scaleReplicaSet } from './scaleReplicaSet.ts';
import type { Deployment, ReplicaSet } from '../model.ts';
import type { Rollout } from './rollout.ts';

/** Whether the Deployment's size was changed since its active ReplicaSets were last sized. */
export function isScalingEvent(rollout: Rollout): boolean {
	return allReplicaSets(rollout)
		.filter(isActive)
		.some(({ metadata }) => {
			const noted = metadata.annotations?.[desiredReplicasAnnotation];
			return noted !== undefined && Number(noted) !== rollout.deployment.spec.replicas;
		});
}

/**
 * Brings the ReplicaSets to the Deployment's new size without going on with the rollout: the only active one takes it
 * all; in the middle of a rolling update each takes its share.
 */
export async function scaleDeployment(rollout: Rollout): Promise<void> {
	const { deployment, fresh, old } = rollout;
	const only = activeOrLatest(rollout);
	if (only) {
		if (only.spec.replicas !== deployment.spec.replicas)
			await scaleReplicaSet(rollout, only, deployment.spec.replicas);
		return;
	}
	if (fresh && isSaturated(deployment, fresh)) {
		for (const replicaSet of old.filter(isActive)) await scaleReplicaSet(rollout, replicaSet, 0);
	} else if (deployment.spec.strategy.type === 'RollingUpdate') await scaleInProportion(rollout);
}

function activeOrLatest(rollout: Rollout): ReplicaSet | undefined {
	const active = allReplicaSets(rollout).filter(isActive);
	if (active.length > 1) return undefined;
	return active[0] ?? rollout.fresh ?? [...rollout.old].sort((a, b) => revisionOf(b) - revisionOf(a))[0];
}

function isSaturated({ spec }: Deployment, fresh: ReplicaSet): boolean {
	const desired = Number(fresh.metadata.annotations?.[desiredReplicasAnnotation]);
	return (
		fresh.spec.replicas === spec.replicas &&
		desired === spec.replicas &&
		fresh.status?.availableReplicas === spec.replicas
	);
}

async function scaleInProportion(rollout: Rollout): Promise<void> {
	const { deployment } = rollout;
	const active = byCreation(allReplicaSets(rollout).filter(isActive));
	const allowed = deployment.spec.replicas > 0 ? maxReplicas(deployment) : 0;
	const toAdd = allowed - totalReplicas(active);
	// The largest comes first and takes the remainder; of equal ones the youngest when growing, the oldest when shrinking.
	const ordered = (toAdd > 0 ? active.reverse() : active).sort((a, b) => b.spec.replicas - a.spec.replicas);
	let added = 0;
	const sizes = ordered.map((replicaSet) => {
		const share = toAdd === 0 ? 0 : proportion(deployment, replicaSet, toAdd - added);
		added += share;
		return replicaSet.spec.replicas + share;
	});
	for (const [index, replicaSet] of ordered.entries()) {
		const remainder = index === 0 ? toAdd - added : 0;
		await scaleReplicaSet(rollout, replicaSet, Math.max(0, (sizes[index] ?? 0) + remainder));
	}
}

function proportion(deployment: Deployment, { metadata, spec }: ReplicaSet, left: number): number {
	if (deployment.spec.replicas === 0) return Math.max(-spec.replicas, left);
	const before = Number(metadata.annotations?.[maxReplicasAnnotation]) || deployment.status?.replicas || 1;
	const share = Math.round((spec.replicas * maxReplicas(deployment)) / before) - spec.replicas;
	return left > 0 ? Math.min(share, left) : Math.max(share, left);
}

function isActive({ spec }: ReplicaSet): boolean {
	return spec.replicas > 0;
}
