import type { Clock } from '../../support/clock';
import type { AutoscalerFacts } from '../autoscalers';
import type { Cluster } from '../cluster';
import { changeDeployment, type DeploymentChange } from '../deployment/changeDeployment';
import { rolloutErrors } from '../errors';
import { FREEZE_ANNOTATION } from '../fence';
import type { DeploymentFacts, Fence } from '../model';
import { freezeRecordOf, type FreezeRecord } from './freezeRecord';

export interface FreezeTarget {
	readonly namespace: string;
	/** Names of every Deployment that writes: both colours, and workers. */
	readonly deployments: readonly string[];
	readonly fence: Fence | undefined;
}

export interface FrozenWriter extends FreezeRecord {
	readonly deployment: string;
	/** True when an earlier freeze had noted it. */
	readonly already: boolean;
}

const POLL_MS = 500;

/**
 * Stops every writer: notes replicas and autoscaler on each Deployment and scales it to 0 in the same write, then waits until no pod is
 * left. Frozen already: what was noted first stays. All are looked at before the first is touched.
 * @throws RunbookError ROLLOUT.SCALES_FROM_ZERO (nothing was changed), WRITERS_LEFT at the deadline, naming the pods
 */
export async function freezeWriters(
	cluster: Cluster,
	target: FreezeTarget,
	{ timeoutMs, clock, signal }: { timeoutMs: number; clock: Clock; signal: AbortSignal },
): Promise<{ writers: FrozenWriter[] }> {
	const writers = await planFreeze(cluster, target);
	const { namespace, fence } = target;
	for (const { deployment, already: _already, ...record } of writers)
		await changeDeployment(cluster, { namespace, deployment, fence }, (current) => changeOf(current, record));
	await waitUntilStopped(cluster, target, { timeoutMs, clock, signal });
	return { writers };
}

/** What would be noted. Nothing is written. @throws RunbookError ROLLOUT.SCALES_FROM_ZERO and what the reads throw */
export async function planFreeze(cluster: Cluster, { namespace, deployments }: FreezeTarget): Promise<FrozenWriter[]> {
	const autoscalers = await cluster.listAutoscalers(namespace);
	const writers: FrozenWriter[] = [];
	for (const name of deployments) {
		const current = await cluster.readDeployment(namespace, name);
		const noted = freezeRecordOf(current);
		const autoscaler = autoscalers.find(({ deployment }) => deployment === name);
		writers.push({
			deployment: name,
			...(noted ?? { replicas: current.wanted, autoscaler: noteOf(name, autoscaler) }),
			already: noted !== undefined,
		});
	}
	return writers;
}

/** An autoscaler leaves a Deployment with 0 replicas alone, unless 0 is one of the numbers that it may choose itself. */
function noteOf(deployment: string, autoscaler: AutoscalerFacts | undefined): FreezeRecord['autoscaler'] {
	if (!autoscaler) return null;
	const { name, least, most } = autoscaler;
	if (least === 0) throw rolloutErrors.SCALES_FROM_ZERO({ deployment, autoscaler: name });
	return { name, least, most };
}

function changeOf(current: DeploymentFacts, { replicas, autoscaler }: FreezeRecord): DeploymentChange | undefined {
	const isNoted = current.annotations[FREEZE_ANNOTATION] !== undefined;
	if (isNoted && current.wanted === 0) return undefined;
	return {
		spec: current.wanted === 0 ? [] : [{ op: 'add', path: '/spec/replicas', value: 0 }],
		annotations: isNoted ? {} : { [FREEZE_ANNOTATION]: JSON.stringify({ replicas, autoscaler }) },
	};
}

async function waitUntilStopped(
	cluster: Cluster,
	{ namespace, deployments }: FreezeTarget,
	{ timeoutMs, clock, signal }: { timeoutMs: number; clock: Clock; signal: AbortSignal },
): Promise<void> {
	const startedAt = clock.monotonicMs();
	for (;;) {
		const left: string[] = [];
		for (const name of deployments) {
			const { selector } = await cluster.readDeployment(namespace, name);
			const pods = await cluster.listPods(namespace, selector);
			left.push(...pods.filter(({ ended }) => !ended).map((pod) => pod.name));
		}
		if (left.length === 0) return;
		if (clock.monotonicMs() - startedAt >= timeoutMs)
			throw rolloutErrors.WRITERS_LEFT({ seconds: Math.round(timeoutMs / 1000), pods: left.join(', ') });
		await clock.sleep(POLL_MS, signal);
	}
}
