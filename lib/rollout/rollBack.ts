import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import { assessRollBack, type RollBackAction } from './assessRollBack';
import { recordOf } from './chooseIdle';
import type { Cluster } from './cluster.client';
import { coloursOf, otherColour } from './coloursOf';
import { rolloutErrors } from './errors';
import { imageDigest } from './imageDigest';
import type { Colour, DeploymentFacts, Fence, LiveRecord, ReleaseSet, TargetImage, Workload, WorkloadRecord } from './model';
import { pointService } from './pointService';
import { readRunningImage } from './readRunningImage';
import { selectorCommand } from './repairCommands';
import { restoreRecorded } from './restoreRecorded';
import { retireReplaced, type ScaledDown } from './retireReplaced';
import type { IdleBefore } from './setImage';
import { waitForEndpoints } from './waitForEndpoints';

export interface RollBackOptions {
	/** What was live before the release. */
	readonly record: LiveRecord;
	/** What the release deployed; empty when unknown, then whatever is live is rolled back. */
	readonly images: readonly TargetImage[];
	/** What the idle colour was before the release; empty when unknown. */
	readonly idleBefore: readonly IdleBefore[];
	readonly fence: Fence | undefined;
	/** Whether the colour that is taken out of service is scaled to 0. */
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
	/** True when every workload served its record before anything was done. */
	readonly alreadyThere: boolean;
	readonly workloads: readonly RolledBackWorkload[];
	readonly scaledDown: readonly ScaledDown[];
	/** What did not work although traffic is back. */
	readonly warnings: readonly string[];
}

/**
 * Takes every workload back to exactly its record: recorded digest and replicas ready first, then traffic, then the replaced colour
 * scaled to 0. Done already: says so, and only scales down what the release had started. Never means "the revision before".
 * @throws RunbookError ROLLOUT.NOT_LIVE and RECORD_NOT_READY (no traffic was moved), PARTIAL, RECORD_MISSING, FENCED_OUT
 */
export async function rollBack(cluster: Cluster, set: ReleaseSet, options: RollBackOptions): Promise<RolledBack> {
	const plans: Plan[] = [];
	for (const workload of set.workloads) plans.push(await planRollBack(cluster, set.namespace, { workload, options }));
	await Promise.all(plans.map(async (plan) => await restoreRecorded(cluster, set.namespace, { ...options, ...plan })));
	await switchBack(cluster, set.namespace, { plans, options });
	const { scaledDown, warnings } = options.scaleDownReplaced ? await retireReplaced(cluster, set.namespace, { ...options, plans }) : { scaledDown: [], warnings: [] };
	return { alreadyThere: plans.every(({ action }) => action === 'already-there'), workloads: plans.map(describe), scaledDown, warnings };
}

export interface Plan {
	readonly workload: Workload;
	readonly record: WorkloadRecord;
	readonly liveColour: Colour;
	readonly action: Exclude<RollBackAction, 'not-live'>;
	/** Digest that the release deployed; undefined when unknown. */
	readonly target: string | undefined;
}

async function planRollBack(cluster: Cluster, namespace: string, { workload, options }: { workload: Workload; options: RollBackOptions }): Promise<Plan> {
	const record = recordOf(workload, options.record);
	const image = options.images.find((entry) => entry.workload === workload.service)?.image;
	const target = image === undefined ? undefined : imageDigest(image);
	const { live } = coloursOf(workload, await cluster.readService(namespace, workload.service));
	const deployment = await cluster.readDeployment(namespace, workload.deployments[live]);
	const digest = await readDigest(cluster, namespace, { workload, deployment });
	const action = assessRollBack(record, { colour: live, digest }, target);
	if (action !== 'not-live') return { workload, record, liveColour: live, action, target };
	const recorded = `${record.liveColour} ${record.live.digest}`;
	throw rolloutErrors.NOT_LIVE({ service: workload.service, actual: `${live} ${digest ?? 'of an unknown digest'}`, recorded });
}

async function readDigest(cluster: Cluster, namespace: string, { workload, deployment }: { workload: Workload; deployment: DeploymentFacts }): Promise<string | undefined> {
	try {
		return (await readRunningImage(cluster, { namespace, workload, deployment })).digest;
	} catch (error) {
		if (error instanceof RunbookError && error.code === 'ROLLOUT.DIGEST_UNKNOWN') return undefined;
		throw error;
	}
}

/** Unlike a switch forward it goes on after a failure: each workload that is back helps. */
async function switchBack(cluster: Cluster, namespace: string, { plans, options }: { plans: readonly Plan[]; options: RollBackOptions }): Promise<void> {
	const failures: Array<{ plan: Plan; error: unknown }> = [];
	for (const plan of plans) {
		try {
			await switchOne(cluster, namespace, { plan, options });
		} catch (error) {
			failures.push({ plan, error });
		}
	}
	const [first] = failures;
	if (!first) return;
	if (failures.length === plans.length) throw first.error;
	const failed = failures.map(({ plan }) => plan);
	const state = plans.map((plan) => `${plan.workload.service} ${failed.includes(plan) ? 'is not proven to be back' : `serves ${plan.record.liveColour}`}`).join(', ');
	const repair = `Run: ${failed.map(({ workload, record }) => selectorCommand(namespace, workload.service, record.liveColour)).join(' && ')}`;
	const problem = first.error instanceof RunbookError ? `${first.error.message} (${first.error.code})` : String(first.error);
	throw rolloutErrors.PARTIAL({ workload: first.plan.workload.service, problem, state, repair }, first.error);
}

async function switchOne(cluster: Cluster, namespace: string, { plan, options }: { plan: Plan; options: RollBackOptions }): Promise<void> {
	const { workload, record, action } = plan;
	const { fence, timeoutMs, clock, signal } = options;
	await pointService(cluster, namespace, { service: workload.service, to: record.liveColour, from: otherColour(record.liveColour), fence });
	if (action === 'already-there') return;
	options.log?.(`${workload.service} selects ${record.liveColour}`);
	const { selector } = await cluster.readDeployment(namespace, workload.deployments[record.liveColour]);
	const expected = { colour: record.liveColour, container: workload.container, digest: record.live.digest, required: Math.max(1, record.live.replicas) };
	await waitForEndpoints(cluster, namespace, { service: workload.service, selector, expected, timeoutMs, clock, signal });
}

function describe({ workload, record, liveColour, action }: Plan): RolledBackWorkload {
	const { deployment, digest } = record.live;
	return { service: workload.service, action, from: liveColour, to: record.liveColour, deployment, digest };
}
