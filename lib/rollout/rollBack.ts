import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import type { RollBackAction } from './assessRollBack';
import { assertNotElsewhere } from './assertNotElsewhere';
import type { Cluster } from './cluster';
import { otherColour } from './coloursOf';
import { compareConfiguration } from './compareConfiguration';
import { endConnections, type EndedConnections } from './endConnections';
import type { Colour, Fence, LiveRecord, ReleaseSet, TargetImage } from './model';
import { planRollBack, type RollBackPlan } from './planRollBack';
import { pointBack } from './pointBack';
import { raiseFence, type UnstampedObject } from './raiseFence';
import { readConfiguration } from './readConfiguration';
import { restoreRecorded } from './restoreRecorded';
import { retireReplaced, type ScaledDown } from './retireReplaced';
import type { IdleBefore } from './setImage';
import { planReturns, type WorkerReturnPlan } from './workers/planReturns';
import { returnWorkers, type ReturnedWorker } from './workers/returnWorkers';

export interface RollBackOptions {
	/** What was live before the release. */
	readonly record: LiveRecord;
	/** What the release deployed; empty when unknown, then whatever is live is rolled back. */
	readonly images: readonly TargetImage[];
	/** What the idle colour was before the release; empty when unknown. */
	readonly idleBefore: readonly IdleBefore[];
	/** UID of the cluster that the environment names; absent or empty: the one that the record names, if it does. */
	readonly clusterUid?: string;
	readonly fence: Fence | undefined;
	/** Whether the colour that is taken out of service is scaled to 0, which ends the connections to it. */
	readonly scaleDownReplaced: boolean;
	/** How long the recorded colour may take to be ready, and how long endpoints may take to follow. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log?(message: string): void;
}

export interface RolledBackWorkload {
	readonly service: string;
	readonly action: Exclude<RollBackAction, 'not-live'>;
	readonly from: Colour;
	readonly to: Colour;
	readonly deployment: string;
	readonly digest: string;
}

export interface RolledBack {
	/** True when every workload served its record, and every worker ran its own, before anything was done. */
	readonly alreadyThere: boolean;
	readonly workloads: readonly RolledBackWorkload[];
	readonly workers: readonly ReturnedWorker[];
	readonly scaledDown: readonly ScaledDown[];
	/** Colours without traffic whose last pods ended, and with them the connections that clients had kept. */
	readonly ended: readonly EndedConnections[];
	/** What the image does not bring back and is not as it was recorded, in words. */
	readonly configurationDiffers: readonly string[];
	/** All of it in one line. */
	readonly summary: string;
	/** What did not work although traffic is back. */
	readonly warnings: readonly string[];
}

/**
 * Takes every workload back to exactly its record: recorded digest and replicas ready first, then traffic, then the replaced colour
 * scaled to 0 and its connections ended within 30 s, and meanwhile the workers. Done already: says so, and only scales down what the release
 * had started. Never means "the revision before".
 * @throws RunbookError ROLLOUT.WRONG_CLUSTER, ROLLBACK.NOT_LIVE (nothing was written), ROLLOUT.RECORD_NOT_READY (no traffic was moved), PARTIAL,
 * WORKERS_NOT_BACK (the traffic is back), RECORD_MISSING, FENCED_OUT
 */
export async function rollBack(cluster: Cluster, set: ReleaseSet, options: RollBackOptions): Promise<RolledBack> {
	const untold = await assertNotElsewhere(cluster, options);
	// Once to refuse before anything is written; what counts is read when no older holder can change it any more.
	await planAll(cluster, set, options);
	const unstamped = await raiseFence(cluster, set, options.fence);
	const [plans, returns] = await Promise.all([planAll(cluster, set, options), planReturns(cluster, set, options)]);
	await Promise.all(
		plans.map(async (plan) => await restoreRecorded(cluster, set.namespace, { ...options, ...plan })),
	);
	await pointBack(cluster, set.namespace, { ...options, plans });
	const [retired, returned] = await Promise.all([
		options.scaleDownReplaced ? retire(cluster, set.namespace, { plans, options }) : NOT_RETIRED,
		returnWorkers(cluster, set.namespace, { ...options, ...returns }),
	]);
	if (returned.failure) throw returned.failure;
	const configurationDiffers = await readDifferences(cluster, set.namespace, [...plans, ...returns.plans]);
	const alreadyThere = [...plans, ...returned.workers].every(({ action }) => action === 'already-there');
	const back = alreadyThere ? 'already there' : 'rolled back';
	return {
		alreadyThere,
		workloads: plans.map(describe),
		workers: returned.workers,
		scaledDown: retired.scaledDown,
		ended: [...retired.ended, ...returned.ended],
		configurationDiffers,
		summary:
			configurationDiffers.length === 0
				? back
				: `${back}, configuration differs: ${configurationDiffers.join(', ')}`,
		warnings: [
			...untold,
			...unstamped.map(describeUnstamped),
			...retired.warnings,
			...returned.warnings,
			...returns.unrecorded.map((name) => `${name} was not recorded: it stays as it is`),
		],
	};
}

async function planAll(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
	{ images, record }: Pick<RollBackOptions, 'images' | 'record'>,
): Promise<RollBackPlan[]> {
	return await Promise.all(
		workloads.map(async (workload) => await planRollBack(cluster, namespace, { workload, images, record })),
	);
}

async function readDifferences(
	cluster: Cluster,
	namespace: string,
	plans: ReadonlyArray<Pick<RollBackPlan | WorkerReturnPlan, 'record'>>,
): Promise<string[]> {
	const differences: string[] = [];
	for (const { record } of plans) {
		const deployment = await cluster.readDeployment(namespace, record.live.deployment);
		const now = await readConfiguration(cluster, namespace, deployment);
		differences.push(...compareConfiguration(deployment.name, record.configuration, now));
	}
	return differences;
}

const NOT_RETIRED = { scaledDown: [], ended: [], warnings: [] };

/** Going back cuts: the replaced version goes, and what is still connected to it goes with it. */
async function retire(
	cluster: Cluster,
	namespace: string,
	{ plans, options }: { plans: readonly RollBackPlan[]; options: RollBackOptions },
): Promise<Pick<RolledBack, 'scaledDown' | 'ended' | 'warnings'>> {
	const { scaledDown, warnings } = await retireReplaced(cluster, namespace, { ...options, plans });
	const deployments = plans.map(({ workload, record }) => workload.deployments[otherColour(record.liveColour)]);
	const { ended, warnings: late } = await endConnections(cluster, namespace, { ...options, deployments });
	return { scaledDown, ended, warnings: [...warnings, ...late] };
}

/** A rollback goes on without it: what it writes itself is fenced in any case. */
function describeUnstamped({ kind, name, error }: UnstampedObject): string {
	return `${kind} ${name} does not carry the fence: ${error instanceof RunbookError ? error.message : String(error)}`;
}

function describe({ workload, record, liveColour, action }: RollBackPlan): RolledBackWorkload {
	const { deployment, digest } = record.live;
	return { service: workload.service, action, from: liveColour, to: record.liveColour, deployment, digest };
}
