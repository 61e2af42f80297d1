import type { Clock } from '../support/clock';
import type { EndpointExpectation } from './assessEndpoints';
import { recordOf, targetOf } from './chooseIdle';
import type { Cluster } from './cluster';
import { assertSelectable, coloursOf, otherColour } from './coloursOf';
import { rolloutErrors } from './errors';
import { imageDigest } from './imageDigest';
import type { Colour, Labels, LiveRecord, TargetImage, Workload } from './model';
import { declaredImage } from './readRunningImage';
import { watchEndpoints } from './waitForEndpoints';
import { digestOf } from './waitForRollout';

/** EndpointSlices follow a pod that became ready a moment later, so that a rollout may be complete just before its endpoints are. */
const LAG_MS = 5_000;

/** What the switch of one workload will do. */
export interface SwitchPlan {
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

/**
 * Decides from where to where a workload goes, by its record, or without one by the colour that runs the image.
 * @throws RunbookError ROLLOUT.IMAGE_MISSING, RECORD_MISSING, COLOUR_UNKNOWN, SELECTOR_MISMATCH and what the reads throw
 */
export async function planSwitch(
	cluster: Cluster,
	namespace: string,
	{
		workload,
		images,
		record,
	}: { workload: Workload; images: readonly TargetImage[]; record: LiveRecord | undefined },
): Promise<SwitchPlan> {
	const digest = digestOf(targetOf(workload, images), workload);
	const service = await cluster.readService(namespace, workload.service);
	const { live } = coloursOf(workload, service);
	const recorded = record && recordOf(workload, record);
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

/** @throws RunbookError ROLLOUT.NOT_READY unless enough endpoints of the right image are, or at once become, ready behind the preview Service */
export async function assertReady(
	cluster: Cluster,
	namespace: string,
	{ plan, clock, signal }: { plan: SwitchPlan; clock: Clock; signal: AbortSignal },
): Promise<void> {
	if (plan.done) return;
	const { previewService } = plan.workload;
	const problem = await watchEndpoints(cluster, namespace, {
		service: previewService,
		selector: plan.selector,
		expected: expectationOf(plan),
		timeoutMs: LAG_MS,
		clock,
		signal,
	});
	if (problem !== undefined)
		throw rolloutErrors.NOT_READY({
			workload: plan.workload.service,
			problem: `behind ${previewService} ${problem}`,
		});
}

/** The endpoints that shall take the traffic. */
export function expectationOf({ to, workload, digest, required }: SwitchPlan): EndpointExpectation {
	return { colour: to, container: workload.container, digest, required };
}
