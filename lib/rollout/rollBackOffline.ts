import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import { assertNotElsewhere } from './assertNotElsewhere';
import type { Cluster } from './cluster';
import { otherColour } from './coloursOf';
import { RELEASE_ANNOTATION, TOKEN_ANNOTATION } from './fence';
import type { Fence, ReleaseSet, Writable } from './model';
import { writeOfflineRollBack, type OfflineRollBack } from './offlineRollBack';
import { deploymentsOf, servicesOf } from './objectsOf';
import { planRollBack, type RollBackPlan } from './planRollBack';
import { rollBack, type RolledBack } from './rollBack';
import type { RollbackRecord } from './rollbackRecord';
import { planReturns, type WorkerReturns } from './workers/planReturns';

/** Marks what was written without a ledger: a second run of the command holds it already. */
const OFFLINE = 'offline/';

export interface OfflinePlan {
	readonly workloads: readonly RollBackPlan[];
	readonly workers: WorkerReturns;
	/** True when every workload serves its record, every worker runs its own, and nothing is left of what replaced them. */
	readonly done: boolean;
}

/** What the rollback would do; nothing is written. @throws RunbookError ROLLOUT.WRONG_CLUSTER, ROLLBACK.NOT_LIVE and what the reads throw */
export async function planRollBackOffline(
	cluster: Cluster,
	{ set, images, record }: RollbackRecord,
): Promise<OfflinePlan> {
	await assertNotElsewhere(cluster, { record });
	const workloads: RollBackPlan[] = [];
	let left = 0;
	for (const workload of set.workloads) {
		const plan = await planRollBack(cluster, set.namespace, { workload, images, record });
		const replaced = workload.deployments[otherColour(plan.record.liveColour)];
		left += (await cluster.readDeployment(set.namespace, replaced)).wanted;
		workloads.push(plan);
	}
	const workers = await planReturns(cluster, set, { images, record });
	const isThere = [...workloads, ...workers.plans].every(({ action }) => action === 'already-there');
	return { workloads, workers, done: left === 0 && isThere && workers.unread.length === 0 };
}

/**
 * Rolls back with nothing but the cluster: no n8n, no ledger. A run that is only thought to be dead is fenced out by the next token, and the
 * Services carry who did it and why, for the ledger to take in later.
 * @throws RunbookError as rollBack does
 */
export async function rollBackOffline(
	cluster: Cluster,
	found: RollbackRecord,
	{
		offline,
		timeoutMs,
		clock,
		signal,
		log,
	}: { offline: OfflineRollBack; timeoutMs: number; clock: Clock; signal: AbortSignal; log(message: string): void },
): Promise<RolledBack & { readonly token: number }> {
	const fence = await nextFence(cluster, found.set, found.release);
	const { record, images } = found;
	const options = { record, images, idleBefore: [], fence, scaleDownReplaced: true, timeoutMs, clock, signal, log };
	const rolledBack = await rollBack(cluster, found.set, options);
	await writeOfflineRollBack(cluster, found.set, { offline, fence });
	return { ...rolledBack, token: fence.token };
}

/**
 * One above the highest token that an object carries. The ledger gives out the same number next, which then writes: only what was there
 * before is refused. What this command has stamped already keeps its number, or pressing often would overtake the ledger.
 */
async function nextFence(cluster: Cluster, set: ReleaseSet, release: string): Promise<Fence> {
	const objects: Writable[] = [];
	for (const name of servicesOf(set)) objects.push(await cluster.readService(set.namespace, name));
	for (const name of deploymentsOf(set)) objects.push(...(await findDeployment(cluster, set, name)));
	const tokenOf = ({ annotations }: Writable): number => Number(annotations[TOKEN_ANNOTATION] ?? 0) || 0;
	const highest = Math.max(0, ...objects.map(tokenOf));
	const isOurs = objects.some(
		(object) => tokenOf(object) === highest && object.annotations[RELEASE_ANNOTATION]?.startsWith(OFFLINE),
	);
	return { release: `${OFFLINE}${release}`, token: isOurs ? highest : highest + 1 };
}

/** A worker's that is gone carries no token, and is no reason to leave the traffic where it is. @throws what the read of any other throws */
async function findDeployment(
	cluster: Cluster,
	{ namespace, workers = [] }: ReleaseSet,
	name: string,
): Promise<Writable[]> {
	try {
		return [await cluster.readDeployment(namespace, name)];
	} catch (error) {
		const isOfWorker = deploymentsOf({ workloads: [], workers }).includes(name);
		if (isOfWorker && error instanceof RunbookError) return [];
		throw error;
	}
}
