import { isDeepStrictEqual } from 'node:util';
import { timestampMs } from '../clock.ts';
import { findCondition, removeCondition, setCondition } from './conditions.ts';
import { allReplicaSets } from './rollout.ts';
import { rolloutLimits, totalAvailable, totalReplicas } from './rolloutLimits.ts';
import { deployments } from '../resources.ts';
import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from '../model.ts';
import type { Rollout } from './rollout.ts';

/** A deadline of this many seconds means none. */
const noDeadline = 2_147_483_647;

/**
 * Writes the status that follows from the ReplicaSets, with the Progressing condition judged when `judgeProgress` is set.
 * The result is the milliseconds after which progress has to be judged again, or undefined.
 */
export async function writeStatus(rollout: Rollout, judgeProgress: boolean): Promise<number | undefined> {
	const { client, deployment } = rollout;
	const counted = countStatus(rollout);
	const conditions = judgeProgress
		? withFailures(rollout, withProgress(rollout, counted))
		: (counted.conditions ?? []);
	const status: DeploymentStatus = { ...counted, conditions };
	if (isDeepStrictEqual(status, deployment.status))
		return judgeProgress ? nextJudgementMs(deployment, status) : undefined;
	rollout.deployment = await client.updateStatus(deployments, { ...deployment, status });
	return undefined;
}

/** Whether all pods are of the current template and available, as of the Deployment's current generation. */
export function isComplete({ spec, metadata }: Deployment, status: DeploymentStatus): boolean {
	return (
		(status.updatedReplicas ?? 0) === spec.replicas &&
		(status.replicas ?? 0) === spec.replicas &&
		(status.availableReplicas ?? 0) === spec.replicas &&
		(status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
	);
}

function countStatus(rollout: Rollout): DeploymentStatus {
	const { deployment, fresh } = rollout;
	const all = allReplicaSets(rollout);
	const available = totalAvailable(all);
	const { collisionCount, conditions } = deployment.status ?? {};
	const isEnough = available >= deployment.spec.replicas - rolloutLimits(deployment.spec).maxUnavailable;
	const positive = {
		replicas: sum(all, ({ status }) => status?.replicas),
		updatedReplicas: fresh?.status?.replicas ?? 0,
		readyReplicas: sum(all, ({ status }) => status?.readyReplicas),
		availableReplicas: available,
		unavailableReplicas: Math.max(0, totalReplicas(all) - available),
	};
	return {
		observedGeneration: deployment.metadata.generation ?? 0,
		...Object.fromEntries(Object.entries(positive).filter(([, count]) => count > 0)),
		...(collisionCount === undefined ? {} : { collisionCount }),
		conditions: setCondition(conditions, {
			type: 'Available',
			status: isEnough ? 'True' : 'False',
			reason: isEnough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
			message: `Deployment ${isEnough ? 'has' : 'does not have'} minimum availability.`,
		}),
	};
}

function withProgress({ deployment, fresh }: Rollout, status: DeploymentStatus): Condition[] {
	const conditions = status.conditions ?? [];
	if (!hasDeadline(deployment)) return removeCondition(conditions, 'Progressing');
	const current = findCondition(deployment.status?.conditions, 'Progressing');
	const isSettled = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
	if (isSettled) return conditions;
	const subject = fresh ? `ReplicaSet "${fresh.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
	const say = (state: Condition['status'], reason: string, what: string) =>
		({ type: 'Progressing', status: state, reason, message: `${subject} ${what}.` }) as const;
	if (isComplete(deployment, status)) {
		return setCondition(conditions, say('True', 'NewReplicaSetAvailable', 'has successfully progressed'));
	}
	if (hasProgressed(deployment.status ?? {}, status)) {
		// Set anew even when it reads the same: its update time is what the deadline counts from.
		const renewed = setCondition(
			removeCondition(conditions, 'Progressing'),
			say('True', 'ReplicaSetUpdated', 'is progressing'),
		);
		const since = current?.status === 'True' ? current.lastTransitionTime : undefined;
		return renewed.map((item) =>
			item.type === 'Progressing' && since ? { ...item, lastTransitionTime: since } : item,
		);
	}
	if (hasTimedOut(deployment, current)) {
		return setCondition(conditions, say('False', 'ProgressDeadlineExceeded', 'has timed out progressing'));
	}
	return conditions;
}

function hasProgressed(before: DeploymentStatus, now: DeploymentStatus): boolean {
	const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
	return (
		(now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
		old(now) < old(before) ||
		(now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
		(now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
	);
}

function hasTimedOut(deployment: Deployment, current: Condition | undefined): boolean {
	if (!current || current.reason === 'NewReplicaSetAvailable') return false;
	return current.reason === 'ProgressDeadlineExceeded' || deadlineMs(deployment, current) < Date.now();
}

/** A ReplicaSet that cannot create its pods is the Deployment's failure; the current one's counts first. */
function withFailures(rollout: Rollout, conditions: Condition[]): Condition[] {
	const ordered = [...(rollout.fresh ? [rollout.fresh] : []), ...rollout.old];
	const failure = ordered
		.flatMap(({ status }) => status?.conditions ?? [])
		.find(({ type }) => type === 'ReplicaFailure');
	if (!failure) return removeCondition(conditions, 'ReplicaFailure');
	const { type, status, reason, message } = failure;
	return setCondition(conditions, { type, status, ...(reason ? { reason } : {}), ...(message ? { message } : {}) });
}

function nextJudgementMs(deployment: Deployment, status: DeploymentStatus): number | undefined {
	const current = findCondition(status.conditions, 'Progressing');
	if (!hasDeadline(deployment) || !current || isComplete(deployment, status)) return undefined;
	if (current.reason === 'ProgressDeadlineExceeded' || current.reason === 'NewReplicaSetAvailable') return undefined;
	return Math.max(100, deadlineMs(deployment, current) - Date.now() + 100);
}

function deadlineMs({ spec }: Deployment, { lastUpdateTime }: Condition): number {
	return timestampMs(lastUpdateTime) + (spec.progressDeadlineSeconds ?? 0) * 1000;
}

function hasDeadline({ spec }: Deployment): boolean {
	return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== noDeadline;
}

function sum(replicaSets: readonly ReplicaSet[], count: (replicaSet: ReplicaSet) => number | undefined): number {
	return replicaSets.reduce((total, replicaSet) => total + (count(replicaSet) ?? 0), 0);
}
