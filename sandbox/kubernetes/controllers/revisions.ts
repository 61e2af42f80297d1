import type { Deployment, ReplicaSet } from '../model.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const revisionHistory = 'deployment.kubernetes.io/revision-history';
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas';

/** Annotations of a Deployment that mean the Deployment alone and are not copied to its ReplicaSets. */
const notCopied = new Set([
	'kubectl.kubernetes.io/last-applied-configuration',
	'deprecated.deployment.rollback.to',
	revisionAnnotation,
	revisionHistory,
	desiredReplicasAnnotation,
	maxReplicasAnnotation,
]);

/** The revision that a ReplicaSet was last given; 0 before it has one. */
export function revisionOf({ metadata }: ReplicaSet): number {
	return Number.parseInt(metadata.annotations?.[revisionAnnotation] ?? '0', 10) || 0;
}

/** The revision of the current template: one above all others. A template that comes back takes it instead of its old one. */
export function nextRevision(old: readonly ReplicaSet[]): number {
	return Math.max(0, ...old.map(revisionOf)) + 1;
}

/**
 * The annotations of the current ReplicaSet: its own, the Deployment's, and the revision; a revision it had before is
 * kept in its history, so that `kubectl rollout history` can tell where the numbers went.
 */
export function freshAnnotations(
	deployment: Deployment,
	fresh: ReplicaSet | undefined,
	revision: number,
): Record<string, string> {
	const own = fresh?.metadata.annotations ?? {};
	const merged: Record<string, string> = { ...own };
	for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
		if (!notCopied.has(key)) merged[key] = value;
	}
	const before = own[revisionAnnotation];
	if (before === undefined || Number(before) < revision) {
		merged[revisionAnnotation] = String(revision);
		if (before !== undefined) {
			const history = (own[revisionHistory] ?? '')
				.split(',')
				.filter((number) => number !== '' && number !== before);
			merged[revisionHistory] = [...history, before].join(',');
		}
	}
	return merged;
}
