import type { ClusterClient } from '../clusterClient.ts';
import type { Deployment, ReplicaSet } from '../model.ts';

/**
 * A Deployment under work and its ReplicaSets: `fresh` is that of the current pod template (absent until it is created),
 * `old` are all others.
 */
export interface Rollout {
	readonly client: ClusterClient;
	deployment: Deployment;
	fresh: ReplicaSet | undefined;
	old: ReplicaSet[];
}

/** All ReplicaSets of a rollout. */
export function allReplicaSets({ fresh, old }: Rollout): ReplicaSet[] {
	return fresh ? [...old, fresh] : old;
}

/** ReplicaSets from the oldest to the youngest. */
export function byCreation(replicaSets: readonly ReplicaSet[]): ReplicaSet[] {
	return [...replicaSets].sort((a, b) => compare(creation(a), creation(b)));
}

function creation({ metadata }: ReplicaSet): string {
	return `${metadata.creationTimestamp} ${metadata.name}`;
}

function compare(a: string, b: string): number {
	return a < b ? -1 : Number(a > b);
}
