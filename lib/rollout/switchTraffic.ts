import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import { assertCluster, clusterOfRecord } from './assertCluster';
import type { Cluster } from './cluster';
import { rolloutErrors } from './errors';
import { isFencedOut } from './fence';
import type { Colour, Fence, Labels, LiveRecord, ReleaseSet, TargetImage } from './model';
import { assertReady, expectationOf, planSwitch, type SwitchPlan } from './planSwitch';
import { pointService } from './pointService';
import { raiseWholeFence } from './raiseFence';
import { selectorCommand } from './repairCommands';
import { waitForEndpoints } from './waitForEndpoints';

export interface SwitchOptions {
	readonly images: readonly TargetImage[];
	readonly record: LiveRecord | undefined;
	readonly fence: Fence | undefined;
	/** How long one Service's endpoints may take to follow its selector. */
	readonly settleMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log?(message: string): void;
}

export interface Switched {
	readonly service: string;
	readonly from: Colour;
	readonly to: Colour;
}

/** The selectors as they are now; how to undo the switch. */
export async function readSelectors(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
): Promise<Array<{ service: string; selector: Labels }>> {
	const services = [];
	for (const { service } of workloads)
		services.push({ service, selector: (await cluster.readService(namespace, service)).selector });
	return services;
}

/**
 * Switches every workload, in order, to the colour that runs its image. All are checked before the first is switched: enough ready
 * endpoints of the right image behind the preview Service. Already switched counts as done. When one fails, those that were
 * switched go back, also what an interrupted run had switched.
 * @throws RunbookError ROLLOUT.NOT_READY (nothing was switched), PARTIAL (state and repair named), NOT_SETTLED, LIVE_CHANGED, WRONG_CLUSTER, FENCED_OUT
 */
export async function switchTraffic(
	cluster: Cluster,
	set: ReleaseSet,
	options: SwitchOptions,
): Promise<{ workloads: Switched[]; alreadySwitched: boolean }> {
	const plans: SwitchPlan[] = [];
	const { images, record } = options;
	await assertCluster(cluster, clusterOfRecord(record));
	for (const workload of set.workloads)
		plans.push(await planSwitch(cluster, set.namespace, { workload, images, record }));
	await raiseWholeFence(cluster, set, options.fence);
	await assertAllReady(cluster, set.namespace, { plans, options });
	await switchAll(cluster, set.namespace, { plans, options });
	return {
		workloads: plans.map(({ workload, from, to }) => ({ service: workload.service, from, to })),
		alreadySwitched: plans.every(({ done }) => done),
	};
}

/** An interrupted run may have switched some: when the others cannot follow, those go back. */
async function assertAllReady(
	cluster: Cluster,
	namespace: string,
	{ plans, options }: { plans: readonly SwitchPlan[]; options: SwitchOptions },
): Promise<void> {
	const switched = plans.filter(({ done, reversible }) => done && reversible);
	for (const plan of plans) {
		try {
			await assertReady(cluster, namespace, { plan, clock: options.clock, signal: options.signal });
		} catch (error) {
			if (switched.length === 0) throw error;
			throw await switchBack(cluster, namespace, { plans, switched, failed: plan, error, options });
		}
	}
}

async function switchAll(
	cluster: Cluster,
	namespace: string,
	{ plans, options }: { plans: readonly SwitchPlan[]; options: SwitchOptions },
): Promise<void> {
	// An interrupted run may have switched some: they go back with the others.
	const switched = new Set(plans.filter(({ done, reversible }) => done && reversible));
	for (const plan of plans) {
		const { workload, from, to } = plan;
		try {
			await pointService(cluster, namespace, { service: workload.service, to, from, fence: options.fence });
			if (!plan.done) switched.add(plan);
			options.log?.(`${workload.service} selects ${to}`);
			const { settleMs: timeoutMs, clock, signal } = options;
			await waitForEndpoints(cluster, namespace, {
				service: workload.service,
				selector: plan.selector,
				expected: expectationOf(plan),
				timeoutMs,
				clock,
				signal,
			});
		} catch (error) {
			// Whoever fenced us out decides what serves: nothing is taken back, and no command is proposed.
			if (isFencedOut(error)) throw error;
			// A write without an answer may have taken effect.
			if (!plan.done && error instanceof RunbookError && error.code === 'ROLLOUT.UNREACHABLE') switched.add(plan);
			if (switched.size === 0) throw error;
			throw await switchBack(cluster, namespace, {
				plans,
				switched: [...switched],
				failed: plan,
				error,
				options,
			});
		}
	}
}

interface Failure {
	readonly plans: readonly SwitchPlan[];
	readonly switched: readonly SwitchPlan[];
	readonly failed: SwitchPlan;
	readonly error: unknown;
	readonly options: SwitchOptions;
}

async function switchBack(
	cluster: Cluster,
	namespace: string,
	{ plans, switched, failed, error, options }: Failure,
): Promise<RunbookError> {
	const stuck: SwitchPlan[] = [];
	for (const plan of [...switched].reverse()) {
		const { workload, from, to } = plan;
		await pointService(cluster, namespace, {
			service: workload.service,
			to: from,
			from: to,
			fence: options.fence,
		}).catch((problem: unknown) => {
			if (isFencedOut(problem)) throw problem;
			stuck.push(plan);
		});
	}
	const stayed = (plan: SwitchPlan): boolean => stuck.includes(plan) || (plan.done && !plan.reversible);
	const state = plans
		.map((plan) => `${plan.workload.service} selects ${stayed(plan) ? plan.to : plan.from}`)
		.join(', ');
	const repair =
		stuck.length === 0
			? 'Everything serves what it served before. Mend the cause, then begin a new release'
			: `Run: ${stuck.map((plan) => selectorCommand(namespace, plan.workload.service, plan.from)).join(' && ')}`;
	const problem =
		error instanceof RunbookError
			? `${error.message} (${error.code})`
			: error instanceof Error
				? error.message
				: String(error);
	return rolloutErrors.PARTIAL({ workload: failed.workload.service, problem, state, repair }, error);
}
