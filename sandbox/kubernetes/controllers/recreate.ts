import { controllerOf } from './ownership.ts';
import { readRollout } from './readRollout.ts';
import { scaleReplicaSet } from './scaleReplicaSet.ts';
import { pods } from '../resources.ts';
import type { Pod } from '../model.ts';
import type { Rollout } from './rollout.ts';

/**
 * One step of a Recreate rollout: all old pods are ended, terminating ones included, before the first new one starts.
 * `rollout` is brought up to date.
 */
export async function recreate(rollout: Rollout): Promise<void> {
	let isShrinking = false;
	for (const replicaSet of rollout.old) {
		if (replicaSet.spec.replicas > 0) isShrinking = (await scaleReplicaSet(rollout, replicaSet, 0)) || isShrinking;
	}
	if (isShrinking || (await hasOldPods(rollout))) return;
	if (!rollout.fresh) Object.assign(rollout, await readRollout(rollout.client, rollout.deployment, true));
	if (rollout.fresh) await scaleReplicaSet(rollout, rollout.fresh, rollout.deployment.spec.replicas);
}

async function hasOldPods({ client, deployment, old }: Rollout): Promise<boolean> {
	const owners = new Set(old.map(({ metadata }) => metadata.uid));
	const found = await client.list<Pod>(pods, deployment.metadata.namespace);
	return found.some(
		({ metadata, status }) =>
			owners.has(controllerOf(metadata)?.uid ?? '') &&
			status?.phase !== 'Succeeded' &&
			status?.phase !== 'Failed',
	);
}
