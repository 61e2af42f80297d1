import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import type { Verdict } from '../support/verdict';
import type { FailingPod } from './assessDeployment';
import type { Cluster } from './cluster';
import { readLastLogLine } from './readLastLogLine';
import { readRolloutState } from './readRolloutState';

export interface WaitedWorkload {
	readonly service: string;
	readonly deployment: string;
	readonly digest: string;
	readonly verdict: Verdict;
	/** Why it has not passed; empty when it has. */
	readonly reason: string;
	/** The pod to look at; null when none stands out. */
	readonly pod: FailingPod | null;
	/** What that pod said last; empty when it said nothing that could be read. */
	readonly lastLogLine: string;
	readonly waitedMs: number;
}

export interface DeploymentWait {
	readonly service: string;
	readonly container: string;
	/** `sha256:…` that its pods shall run. */
	readonly digest: string;
	/** Which Deployment it is; asked until it answers once. */
	findDeployment(): Promise<string>;
	/** On the clock's monotonic time. */
	readonly startedAt: number;
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log?: ((message: string) => void) | undefined;
}

const POLL_MS = 1_000;
/** A control plane may restart within that; longer, and nothing can be said about the rollout. */
const UNREACHABLE_FOR_MS = 30_000;

/**
 * Waits until one Deployment runs its image with all replicas available. `failed`: it cannot come up, or did not in time.
 * `inconclusive`: the API could not be asked.
 * @throws RunbookError for a wrong credential, role or name; the signal's reason when aborted
 */
export async function waitForDeployment(
	cluster: Cluster,
	namespace: string,
	{ service, container, digest, findDeployment, startedAt, timeoutMs, clock, signal, log }: DeploymentWait,
): Promise<WaitedWorkload> {
	let deployment = '';
	let answeredAt = clock.monotonicMs();
	let reason = '';
	const outcome = (verdict: Verdict, more: Partial<WaitedWorkload> = {}): WaitedWorkload => ({
		service,
		deployment,
		digest,
		verdict,
		reason,
		pod: null,
		lastLogLine: '',
		waitedMs: Math.round(clock.monotonicMs() - startedAt),
		...more,
	});
	for (;;) {
		let reached = true;
		try {
			deployment ||= await findDeployment();
			const { rollout } = await readRolloutState(cluster, namespace, {
				deployment,
				expected: { container, digest, replicas: 1 },
			});
			answeredAt = clock.monotonicMs();
			if (rollout.state === 'complete') return outcome('passed', { reason: '' });
			if (reason !== rollout.reason) log?.(`${deployment}: ${rollout.reason}`);
			reason = rollout.reason;
			if (rollout.state === 'failed') {
				const lastLogLine = rollout.pod ? await readLastLogLine(cluster, namespace, rollout.pod) : '';
				return outcome('failed', { pod: rollout.pod ?? null, lastLogLine });
			}
		} catch (error) {
			if (!(error instanceof RunbookError) || error.code !== 'ROLLOUT.UNREACHABLE') throw error;
			reached = false;
			if (clock.monotonicMs() - answeredAt >= UNREACHABLE_FOR_MS)
				return outcome('inconclusive', { reason: error.message });
		}
		if (clock.monotonicMs() - startedAt >= timeoutMs) {
			const late = `not complete after ${Math.round(timeoutMs / 1000)} s: ${reason}`;
			return reached
				? outcome('failed', { reason: late })
				: outcome('inconclusive', {
						reason: `the API did not answer at the end of ${Math.round(timeoutMs / 1000)} s`,
					});
		}
		await clock.sleep(POLL_MS, signal);
	}
}
