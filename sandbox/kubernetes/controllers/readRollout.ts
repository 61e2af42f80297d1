import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../apiError.ts';
import { findCondition, setCondition } from './conditions.ts';
import { claimObjects, controllerOf, controllerReference } from './ownership.ts';
import { isSameTemplate, podTemplateHash, podTemplateHashLabel } from './podTemplateHash.ts';
import {
	desiredReplicasAnnotation,
	freshAnnotations,
	maxReplicasAnnotation,
	nextRevision,
	revisionAnnotation,
} from './revisions.ts';
import { byCreation } from './rollout.ts';
import { maxReplicas, totalReplicas } from './rolloutLimits.ts';
import { recordScaling } from './scaleReplicaSet.ts';
import { deployments, replicaSets } from '../resources.ts';
import type { ClusterClient } from '../clusterClient.ts';
import type { Condition, Deployment, ReplicaSet } from '../model.ts';
import type { Rollout } from './rollout.ts';

/**
 * Finds a Deployment's ReplicaSets, brings the revision annotations of the current one and of the Deployment up to date,
 * and creates the current one where it is missing and `create` is set.
 */
export async function readRollout(client: ClusterClient, deployment: Deployment, create: boolean): Promise<Rollout> {
	const owner = { resource: deployments, object: deployment, selector: deployment.spec.selector };
	const owned = byCreation(await claimObjects<ReplicaSet>(client, owner, replicaSets));
	const fresh = owned.find(({ spec }) => isSameTemplate(spec.template, deployment.spec.template));
	const rollout: Rollout = { client, deployment, fresh, old: owned.filter((replicaSet) => replicaSet !== fresh) };
	if (fresh) await refresh(rollout, fresh);
	else if (create) await createFresh(rollout);
	return rollout;
}

async function refresh(rollout: Rollout, fresh: ReplicaSet): Promise<void> {
	const { client, deployment, old } = rollout;
	const annotations = freshAnnotations(deployment, fresh, nextRevision(old));
	const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
	const isSame =
		isDeepStrictEqual(annotations, fresh.metadata.annotations ?? {}) &&
		minReadySeconds === (fresh.spec.minReadySeconds ?? 0);
	if (!isSame) {
		const spec = { ...fresh.spec, minReadySeconds };
		rollout.fresh = await client.update(replicaSets, {
			...fresh,
			metadata: { ...fresh.metadata, annotations },
			spec,
		});
	}
	const isNoted = findCondition(deployment.status?.conditions, 'Progressing') !== undefined;
	const found = { reason: 'FoundNewReplicaSet', message: `Found new replica set "${fresh.metadata.name}"` };
	await noteRevision(rollout, isNoted ? undefined : found);
}

async function createFresh(rollout: Rollout): Promise<void> {
	const { client, deployment, old } = rollout;
	const hash = podTemplateHash(deployment.spec.template, deployment.status?.collisionCount ?? 0);
	const name = `${deployment.metadata.name}-${hash}`;
	try {
		rollout.fresh = await client.create<ReplicaSet>(
			replicaSets,
			deployment.metadata.namespace ?? '',
			newReplicaSet(rollout, hash),
		);
	} catch (error) {
		if (!(error instanceof ApiError) || error.status.reason !== 'AlreadyExists') throw error;
		await resolveCollision(rollout, name);
		throw error;
	}
	if (rollout.fresh.spec.replicas > 0)
		await recordScaling(rollout, { name, from: 0, to: rollout.fresh.spec.replicas });
	await noteRevision(rollout, { reason: 'NewReplicaSetCreated', message: `Created new replica set "${name}"` });
	rollout.old = old;
}

function newReplicaSet({ deployment, old }: Rollout, hash: string): object {
	const { metadata, spec } = deployment;
	const labels = { ...spec.template.metadata?.labels, [podTemplateHashLabel]: hash };
	const room = maxReplicas(deployment) - totalReplicas(old);
	const replicas = spec.strategy.type === 'Recreate' ? spec.replicas : Math.min(spec.replicas, Math.max(0, room));
	return {
		metadata: {
			name: `${metadata.name}-${hash}`,
			labels,
			annotations: {
				...freshAnnotations(deployment, undefined, nextRevision(old)),
				[desiredReplicasAnnotation]: String(spec.replicas),
				[maxReplicasAnnotation]: String(maxReplicas(deployment)),
			},
			ownerReferences: [controllerReference(deployments, deployment)],
		},
		spec: {
			replicas,
			...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
			selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [podTemplateHashLabel]: hash } },
			template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
		},
	};
}

/** Another ReplicaSet has the name of the template's hash: count it, so that the next try takes another name. */
async function resolveCollision({ client, deployment }: Rollout, name: string): Promise<void> {
	const taken = await client.get<ReplicaSet>(replicaSets, { namespace: deployment.metadata.namespace, name });
	const isOurs = taken && controllerOf(taken.metadata)?.uid === deployment.metadata.uid;
	if (!taken || (isOurs && isSameTemplate(taken.spec.template, deployment.spec.template))) return;
	const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
	await client.updateStatus(deployments, { ...deployment, status: { ...deployment.status, collisionCount } });
}

/** Copies the current ReplicaSet's revision to the Deployment, and notes why the rollout's clock begins, if it does. */
async function noteRevision(
	rollout: Rollout,
	progress: Pick<Condition, 'reason' | 'message'> | undefined,
): Promise<void> {
	const { client, deployment, fresh } = rollout;
	const revision = fresh?.metadata.annotations?.[revisionAnnotation];
	const isSame = revision === undefined || deployment.metadata.annotations?.[revisionAnnotation] === revision;
	if (isSame && !progress) return;
	const annotations = { ...deployment.metadata.annotations, ...(revision ? { [revisionAnnotation]: revision } : {}) };
	const condition: Pick<Condition, 'type' | 'status'> = { type: 'Progressing', status: 'True' };
	const before = deployment.status?.conditions;
	const conditions = progress ? setCondition(before, { ...condition, ...progress }) : (before ?? []);
	rollout.deployment = await client.updateStatus(deployments, {
		...deployment,
		metadata: { ...deployment.metadata, annotations },
		status: { ...deployment.status, ...(conditions.length > 0 ? { conditions } : {}) },
	});
}
