import { RunbookError } from '../support/runbookError';
import type { Cluster } from './cluster';
import { otherColour } from './coloursOf';
import { isFencedOut } from './fence';
import { keepFrozen } from './freeze/keepFrozen';
import { imageDigest } from './imageDigest';
import type { DeploymentFacts, Fence } from './model';
import { declaredImage } from './readRunningImage';
import type { RollBackPlan } from './planRollBack';
import { runImage, type IdleBefore } from './setImage';

export interface ScaledDown {
	readonly deployment: string;
	readonly from: number;
	readonly to: number;
}

/**
 * Scales down the colour that traffic was taken from; where nothing had been switched, the idle colour that the release had started.
 * Traffic is back by now, so a failure is a warning and not an error. Done already: nothing to do. @throws RunbookError ROLLOUT.FENCED_OUT
 */
export async function retireReplaced(
	cluster: Cluster,
	namespace: string,
	{
		plans,
		idleBefore,
		fence,
	}: { plans: readonly RollBackPlan[]; idleBefore: readonly IdleBefore[]; fence: Fence | undefined },
): Promise<{ scaledDown: ScaledDown[]; warnings: string[] }> {
	const scaledDown: ScaledDown[] = [];
	const warnings: string[] = [];
	for (const plan of plans) {
		const name = plan.workload.deployments[otherColour(plan.record.liveColour)];
		try {
			const deployment = await cluster.readDeployment(namespace, name);
			const before = idleBefore.find(({ service }) => service === plan.workload.service);
			const to = replicasAfter(plan, deployment, before);
			if (plan.action === 'switch-back')
				await keepFrozen(cluster, { namespace, deployment: name, fence }, { replicas: to });
			if (to >= deployment.wanted) continue;
			const image = declaredImage(deployment, plan.workload.container);
			await runImage(cluster, namespace, {
				deployment: name,
				wanted: { image, replicas: to, container: plan.workload.container },
				fence,
			});
			scaledDown.push({ deployment: name, from: deployment.wanted, to });
		} catch (error) {
			if (isFencedOut(error)) throw error;
			warnings.push(
				`${name} was not scaled down: ${error instanceof RunbookError ? error.message : String(error)}`,
			);
		}
	}
	return { scaledDown, warnings };
}

/** How many replicas the colour without traffic keeps. */
export function replicasAfter(
	plan: Pick<RollBackPlan, 'action' | 'target' | 'workload'>,
	deployment: DeploymentFacts,
	before: IdleBefore | undefined,
): number {
	if (plan.action === 'switch-back') return 0;
	const digest = imageDigest(declaredImage(deployment, plan.workload.container));
	const wasStarted = plan.target === undefined ? before !== undefined : digest === plan.target;
	if (!wasStarted) return deployment.wanted;
	// Former replicas of another image say nothing about this one, which nobody wants to run.
	return before && imageDigest(before.image) === digest ? before.replicas : 0;
}
