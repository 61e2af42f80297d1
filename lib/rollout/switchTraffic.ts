import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import { recordOf, targetOf } from './chooseIdle';
import type { Cluster } from './cluster.client';
import { assertSelectable, coloursOf, otherColour } from './coloursOf';
import { rolloutErrors } from './errors';
import { imageDigest } from './imageDigest';
import type { Colour, Fence, Labels, LiveRecord, ReleaseSet, TargetImage, Workload } from './model';
import { pointService } from './pointService';
import { declaredImage } from './readRunningImage';
import { selectorCommand } from './repairCommands';
import { readEndpointProblem, waitForEndpoints } from './waitForEndpoints';
import { digestOf } from './waitForRollout';

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
export async function readSelectors(cluster: Cluster, { namespace, workloads }: ReleaseSet): Promise<Array<{ service: string; selector: Labels }>> {
	const services = [];
	for (const { service } of workloads) services.push({ service, selector: (await cluster.readService(namespace, service)).selector });
	return services;
}

/**
 * Switches every workload, in order, to the colour that runs its image. All are checked before the first is switched: enough ready
 * endpoints of the right image behind the preview Service. Already switched counts as done. When one fails, those that were
 * switched go back.
 * @throws RunbookError ROLLOUT.NOT_READY (nothing was switched), PARTIAL (state and repair named), NOT_SETTLED, LIVE_CHANGED, FENCED_OUT
 */
export async function switchTraffic(cluster: Cluster, set: ReleaseSet, options: SwitchOptions): Promise<{ workloads: Switched[]; alreadySwitched: boolean }> {
	const plans: Plan[] = [];
	for (const workload of set.workloads) plans.push(await planSwitch(cluster, set.namespace, { workload, options }));
	for (const plan of plans) await assertReady(cluster, set.namespace, plan);
	await switchAll(cluster, set.namespace, { plans, options });
	return { workloads: plans.map(({ workload, from, to }) => ({ service: workload.service, from, to })), alreadySwitched: plans.every(({ done }) => done) };
}

interface Plan {
	readonly workload: Workload;
	readonly from: Colour;
	readonly to: Colour;
	/** True when the Service selects `to` already. */
	readonly done: boolean;
	/** True when it is known that `from` served before this release, so that going back to it is safe. */
	readonly reversible: boolean;
	readonly digest: string;
	readonly required: number;
	/** Labels of the pods that shall take the traffic. */
	readonly selector: Labels;
}

async function planSwitch(cluster: Cluster, namespace: string, { workload, options }: { workload: Workload; options: SwitchOptions }): Promise<Plan> {
	const digest = digestOf(targetOf(workload, options.images), workload);
	const service = await cluster.readService(namespace, workload.service);
	const { live } = coloursOf(workload, service);
	const recorded = options.record && recordOf(workload, options.record);
	const liveDeployment = await cluster.readDeployment(namespace, workload.deployments[live]);
	// Without a record the colour that runs the image is the one to go to: a second run must not switch back.
	const runsTarget = imageDigest(declaredImage(liveDeployment, workload.container)) === digest;
	const to = recorded?.idleColour ?? (runsTarget ? live : otherColour(live));
	const deployment = await cluster.readDeployment(namespace, workload.deployments[to]);
	const previous = await cluster.readDeployment(namespace, workload.deployments[otherColour(to)]);
	assertSelectable(service, to, deployment);
	const done = live === to;
	const required = Math.max(1, done ? deployment.wanted : previous.wanted);
	const reversible = !done || recorded !== undefined;
	return { workload, from: otherColour(to), to, done, reversible, digest, required, selector: deployment.selector };
}

async function assertReady(cluster: Cluster, namespace: string, plan: Plan): Promise<void> {
	if (plan.done) return;
	const { previewService } = plan.workload;
	const problem = await readEndpointProblem(cluster, namespace, { service: previewService, selector: plan.selector, expected: expectationOf(plan) });
	if (problem !== undefined) throw rolloutErrors.NOT_READY({ workload: plan.workload.service, problem: `behind ${previewService} ${problem}` });
}

async function switchAll(cluster: Cluster, namespace: string, { plans, options }: { plans: readonly Plan[]; options: SwitchOptions }): Promise<void> {
	// An interrupted run may have switched some: they go back with the others.
	const switched = new Set(plans.filter(({ done, reversible }) => done && reversible));
	for (const plan of plans) {
		const { workload, from, to } = plan;
		try {
			await pointService(cluster, namespace, { service: workload.service, to, from, fence: options.fence });
			if (!plan.done) switched.add(plan);
			options.log?.(`${workload.service} selects ${to}`);
			const { settleMs: timeoutMs, clock, signal } = options;
			await waitForEndpoints(cluster, namespace, { service: workload.service, selector: plan.selector, expected: expectationOf(plan), timeoutMs, clock, signal });
		} catch (error) {
			// A write without an answer may have taken effect.
			if (!plan.done && error instanceof RunbookError && error.code === 'ROLLOUT.UNREACHABLE') switched.add(plan);
			if (switched.size === 0) throw error;
			throw await switchBack(cluster, namespace, { plans, switched: [...switched], failed: plan, error, options });
		}
	}
}

function expectationOf({ to, workload, digest, required }: Plan): { colour: Colour; container: string; digest: string; required: number } {
	return { colour: to, container: workload.container, digest, required };
}

interface Failure {
	readonly plans: readonly Plan[];
	readonly switched: readonly Plan[];
	readonly failed: Plan;
	readonly error: unknown;
	readonly options: SwitchOptions;
}

async function switchBack(cluster: Cluster, namespace: string, { plans, switched, failed, error, options }: Failure): Promise<RunbookError> {
	const stuck: Plan[] = [];
	for (const plan of [...switched].reverse()) {
		const { workload, from, to } = plan;
		await pointService(cluster, namespace, { service: workload.service, to: from, from: to, fence: options.fence }).catch(() => stuck.push(plan));
	}
	const stayed = (plan: Plan): boolean => stuck.includes(plan) || (plan.done && !plan.reversible);
	const state = plans.map((plan) => `${plan.workload.service} selects ${stayed(plan) ? plan.to : plan.from}`).join(', ');
	const repair =
		stuck.length === 0
			? 'Everything serves what it served before. Mend the cause, then begin a new release'
			: `Run: ${stuck.map((plan) => selectorCommand(namespace, plan.workload.service, plan.from)).join(' && ')}`;
	const problem = error instanceof RunbookError ? `${error.message} (${error.code})` : error instanceof Error ? error.message : String(error);
	return rolloutErrors.PARTIAL({ workload: failed.workload.service, problem, state, repair }, error);
}
