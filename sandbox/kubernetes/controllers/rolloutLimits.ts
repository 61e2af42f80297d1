import type { Deployment, DeploymentSpec, ReplicaSet } from '../model.ts';

/** How far a rolling update may go above and below the wanted replicas, in pods. */
export interface RolloutLimits {
	readonly maxSurge: number;
	readonly maxUnavailable: number;
}

/**
 * Resolves the strategy's numbers or percentages: surge rounds up, unavailable rounds down, and when both come to zero
 * one pod may be unavailable, as otherwise nothing could ever move.
 */
export function rolloutLimits({ replicas, strategy }: DeploymentSpec): RolloutLimits {
	if (strategy.type !== 'RollingUpdate' || replicas === 0) return { maxSurge: 0, maxUnavailable: 0 };
	const maxSurge = resolve(strategy.rollingUpdate?.maxSurge ?? '25%', replicas, Math.ceil);
	const maxUnavailable = resolve(strategy.rollingUpdate?.maxUnavailable ?? '25%', replicas, Math.floor);
	if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge, maxUnavailable: 1 };
	return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

function resolve(value: number | string, total: number, round: (value: number) => number): number {
	return typeof value === 'number' ? value : round((Number.parseFloat(value) * total) / 100);
}

/** The pods that a rolling update may have at most: wanted replicas and surge. */
export function maxReplicas({ spec }: Deployment): number {
	return spec.replicas + rolloutLimits(spec).maxSurge;
}

/** The pods that ReplicaSets together ask for. */
export function totalReplicas(replicaSets: readonly ReplicaSet[]): number {
	return replicaSets.reduce((total, { spec }) => total + spec.replicas, 0);
}

/** The pods of ReplicaSets that are available, by their status. */
export function totalAvailable(replicaSets: readonly ReplicaSet[]): number {
	return replicaSets.reduce((total, { status }) => total + (status?.availableReplicas ?? 0), 0);
}
