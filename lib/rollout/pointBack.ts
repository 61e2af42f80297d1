import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import type { Cluster } from './cluster';
import { otherColour } from './coloursOf';
import { rolloutErrors } from './errors';
import { isFencedOut } from './fence';
import { freezeRecordOf } from './freeze/freezeRecord';
import type { Fence } from './model';
import type { RollBackPlan } from './planRollBack';
import { pointService } from './pointService';
import { readPatiently } from './readPatiently';
import { selectorCommand } from './repairCommands';
import { waitForEndpoints } from './waitForEndpoints';

export interface PointBackOptions {
	readonly plans: readonly RollBackPlan[];
	readonly fence: Fence | undefined;
	/** How long endpoints may take to follow. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log?(message: string): void;
}

interface Failure {
	readonly plan: RollBackPlan;
	readonly error: unknown;
}

/**
 * Makes every Service select its recorded colour, in the declared order, then waits until the endpoints of all follow. Unlike a switch
 * forward it goes on after a failure: each workload that is back helps.
 * @throws RunbookError ROLLOUT.PARTIAL naming state and repair, FENCED_OUT; when none is back, what the first one threw
 */
export async function pointBack(cluster: Cluster, namespace: string, options: PointBackOptions): Promise<void> {
	const { plans } = options;
	const pointed: RollBackPlan[] = [];
	const failures: Failure[] = [];
	for (const plan of plans) {
		const { workload, record } = plan;
		try {
			await pointService(cluster, namespace, {
				service: workload.service,
				to: record.liveColour,
				from: otherColour(record.liveColour),
				fence: options.fence,
			});
			pointed.push(plan);
			options.log?.(`${workload.service} selects ${record.liveColour}`);
		} catch (error) {
			if (isFencedOut(error)) throw error;
			failures.push({ plan, error });
		}
	}
	await Promise.all(
		pointed
			.filter(({ action }) => action !== 'already-there')
			.map(
				async (plan) =>
					await follow(cluster, namespace, { plan, options }).catch((error: unknown) => {
						failures.push({ plan, error });
					}),
			),
	);
	const [first] = failures;
	if (!first) return;
	if (failures.length === plans.length) throw first.error;
	throw partial(namespace, { plans, failures, first });
}

async function follow(
	cluster: Cluster,
	namespace: string,
	{ plan, options }: { plan: RollBackPlan; options: PointBackOptions },
): Promise<void> {
	const { workload, record } = plan;
	const { timeoutMs, clock, signal } = options;
	const name = workload.deployments[record.liveColour];
	const deployment = await readPatiently(async () => await cluster.readDeployment(namespace, name), options);
	// While writers are frozen nothing serves, and nothing will until they are thawed.
	if (freezeRecordOf(deployment) !== undefined) return;
	const { selector } = deployment;
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

function partial(
	namespace: string,
	{ plans, failures, first }: { plans: readonly RollBackPlan[]; failures: readonly Failure[]; first: Failure },
): RunbookError {
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
	return rolloutErrors.PARTIAL({ workload: first.plan.workload.service, problem, state, repair }, first.error);
}
