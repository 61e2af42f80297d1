import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import type { RollBackAction } from './assessRollBack';
import type { Cluster } from './cluster';
import { otherColour } from './coloursOf';
import { rolloutErrors } from './errors';
import { isFencedOut } from './fence';
import type { Colour, Fence, LiveRecord, ReleaseSet, TargetImage } from './model';
import { planRollBack, type RollBackPlan } from './planRollBack';
import { pointService } from './pointService';
import { raiseFence, type UnstampedObject } from './raiseFence';
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
 * @throws RunbookError ROLLBACK.NOT_LIVE (nothing was written), ROLLOUT.RECORD_NOT_READY (no traffic was moved), PARTIAL, RECORD_MISSING, FENCED_OUT
 */
export async function rollBack(cluster: Cluster, set: ReleaseSet, options: RollBackOptions): Promise<RolledBack> {
	// Once to refuse before anything is written; what counts is read when no older holder can change it any more.
	await planAll(cluster, set, options);
	const unstamped = await raiseFence(cluster, set, options.fence);
	const plans = await planAll(cluster, set, options);
	await Promise.all(
		plans.map(async (plan) => await restoreRecorded(cluster, set.namespace, { ...options, ...plan })),
	);
	await switchBack(cluster, set.namespace, { plans, options });
	const { scaledDown, warnings } = options.scaleDownReplaced
		? await retireReplaced(cluster, set.namespace, { ...options, plans })
		: { scaledDown: [], warnings: [] };
	return {
		alreadyThere: plans.every(({ action }) => action === 'already-there'),
		workloads: plans.map(describe),
		scaledDown,
		warnings: [...unstamped.map(describeUnstamped), ...warnings],
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

/** Unlike a switch forward it goes on after a failure: each workload that is back helps. */
async function switchBack(
	cluster: Cluster,
	namespace: string,
	{ plans, options }: { plans: readonly RollBackPlan[]; options: RollBackOptions },
): Promise<void> {
	const failures: Array<{ plan: RollBackPlan; error: unknown }> = [];
	for (const plan of plans) {
		try {
			await switchOne(cluster, namespace, { plan, options });
		} catch (error) {
			if (isFencedOut(error)) throw error;
			failures.push({ plan, error });
		}
	}
	const [first] = failures;
	if (!first) return;
	if (failures.length === plans.length) throw first.error;
	const failed = failures.map(({ plan }) => plan);
	const state = plans
		.map(
			(plan) =>
				`${plan.workload.service} ${failed.includes(plan) ? 'is not proven to be back' : `serves ${plan.record.liveColour}`}`,
		)
		.join(', ');
	const repair = `Run: ${failed.map(({ workload, record }) => selectorCommand(namespace, workload.service, record.liveColour)).join(' && ')}`;
	const problem =
		first.error instanceof RunbookError ? `${first.error.message} (${first.error.code})` : String(first.error);
	throw rolloutErrors.PARTIAL({ workload: first.plan.workload.service, problem, state, repair }, first.error);
}

async function switchOne(
	cluster: Cluster,
	namespace: string,
	{ plan, options }: { plan: RollBackPlan; options: RollBackOptions },
): Promise<void> {
	const { workload, record, action } = plan;
	const { fence, timeoutMs, clock, signal } = options;
	await pointService(cluster, namespace, {
		service: workload.service,
		to: record.liveColour,
		from: otherColour(record.liveColour),
		fence,
	});
	if (action === 'already-there') return;
	options.log?.(`${workload.service} selects ${record.liveColour}`);
	const { selector } = await cluster.readDeployment(namespace, workload.deployments[record.liveColour]);
	const expected = {
		colour: record.liveColour,
		container: workload.container,
		digest: record.live.digest,
		required: Math.max(1, record.live.replicas),
	};
	await waitForEndpoints(cluster, namespace, {
		service: workload.service,
		selector,
		expected,
		timeoutMs,
		clock,
		signal,
	});
}

/** A rollback goes on without it: what it writes itself is fenced in any case. */
function describeUnstamped({ kind, name, error }: UnstampedObject): string {
	return `${kind} ${name} does not carry the fence: ${error instanceof RunbookError ? error.message : String(error)}`;
}

function describe({ workload, record, liveColour, action }: RollBackPlan): RolledBackWorkload {
	const { deployment, digest } = record.live;
	return { service: workload.service, action, from: liveColour, to: record.liveColour, deployment, digest };
}
