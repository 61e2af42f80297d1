import { recordEvent } from './recordEvent.ts';
import { desiredReplicasAnnotation, maxReplicasAnnotation } from './revisions.ts';
import { maxReplicas } from './rolloutLimits.ts';
import { deployments, replicaSets } from '../resources.ts';
import type { ReplicaSet } from '../model.ts';
import type { Rollout } from './rollout.ts';

/**
 * Gives a ReplicaSet of the rollout its size and notes the Deployment's wanted and greatest size on it, by which a later
 * scaling is told from a rollout. The result says whether the size changed.
 */
export async function scaleReplicaSet(rollout: Rollout, replicaSet: ReplicaSet, replicas: number): Promise<boolean> {
	const { deployment, client } = rollout;
	const annotations: Record<string, string> = {
		...replicaSet.metadata.annotations,
		[desiredReplicasAnnotation]: String(deployment.spec.replicas),
		[maxReplicasAnnotation]: String(maxReplicas(deployment)),
	};
	const isNoted = [desiredReplicasAnnotation, maxReplicasAnnotation].every(
		(key) => replicaSet.metadata.annotations?.[key] === annotations[key],
	);
	const from = replicaSet.spec.replicas;
	if (from === replicas && isNoted) return false;
	const updated = await client.update(replicaSets, {
		...replicaSet,
		metadata: { ...replicaSet.metadata, annotations },
		spec: { ...replicaSet.spec, replicas },
	});
	replace(rollout, updated);
	if (from !== replicas) await recordScaling(rollout, { name: replicaSet.metadata.name, from, to: replicas });
	return from !== replicas;
}

/** Writes the event that `kubectl describe` shows for a scaling. */
export async function recordScaling(
	{ client, deployment }: Rollout,
	{ name, from, to }: { name: string; from: number; to: number },
): Promise<void> {
	const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`;
	const event = { type: 'Normal', reason: 'ScalingReplicaSet', message, component: 'deployment-controller' } as const;
	await recordEvent(client, { resource: deployments, object: deployment }, event);
}

function replace(rollout: Rollout, updated: ReplicaSet): void {
	const isUpdated = ({ metadata }: ReplicaSet) => metadata.uid === updated.metadata.uid;
	if (rollout.fresh && isUpdated(rollout.fresh)) rollout.fresh = updated;
	rollout.old = rollout.old.map((replicaSet) => (isUpdated(replicaSet) ? updated : replicaSet));
}
