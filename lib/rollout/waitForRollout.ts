import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import type { Verdict } from '../support/verdict';
import type { FailingPod } from './assessDeployment';
import { targetOf, recordOf } from './chooseIdle';
import type { Cluster } from './cluster';
import { coloursOf } from './coloursOf';
import { rolloutErrors } from './errors';
import { imageDigest } from './imageDigest';
import type { LiveRecord, ReleaseSet, TargetImage, Workload } from './model';
import { readLastLogLine } from './readLastLogLine';
import { readRolloutState } from './readRolloutState';

export interface WaitOptions {
	readonly images: readonly TargetImage[];
	readonly record: LiveRecord | undefined;
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log?(message: string): void;
}

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

const POLL_MS = 1_000;
/** A control plane may restart within that; longer, and nothing can be said about the rollout. */
const UNREACHABLE_FOR_MS = 30_000;

/**
 * Waits until the idle colour of every workload runs its image with all replicas available, at most `timeoutMs` for all together.
 * `failed`: a workload cannot come up, or did not in time. `inconclusive`: the API could not be asked.
 * @throws RunbookError for a wrong credential, role or name (ROLLOUT.UNAUTHORIZED, FORBIDDEN, NOT_FOUND …); the signal's reason when aborted
 */
export async function waitForRollout(
	cluster: Cluster,
	set: ReleaseSet,
	options: WaitOptions,
): Promise<{ workloads: WaitedWorkload[] }> {
	const startedAt = options.clock.monotonicMs();
	const wanted = set.workloads.map((workload) => ({
		workload,
		digest: digestOf(targetOf(workload, options.images), workload),
	}));
	const workloads = await Promise.all(
		wanted.map(
			async ({ workload, digest }) =>
				await waitForWorkload(cluster, set.namespace, { workload, digest, options, startedAt }),
		),
	);
	return { workloads };
}

/** The digest of a pinned image. @throws RunbookError ROLLOUT.DIGEST_UNKNOWN */
export function digestOf(image: string, workload: Workload): string {
	const digest = imageDigest(image);
	if (digest === undefined)
		throw rolloutErrors.DIGEST_UNKNOWN({
			deployment: workload.service,
			problem: `"${image}" is not pinned by digest`,
		});
	return digest;
}

interface Waiting {
	readonly workload: Workload;
	readonly digest: string;
	readonly options: WaitOptions;
	readonly startedAt: number;
}

async function waitForWorkload(
	cluster: Cluster,
	namespace: string,
	{ workload, digest, options, startedAt }: Waiting,
): Promise<WaitedWorkload> {
	const { clock, signal, timeoutMs } = options;
	let deployment = '';
	let answeredAt = clock.monotonicMs();
	let reason = '';
	const outcome = (verdict: Verdict, more: Partial<WaitedWorkload> = {}): WaitedWorkload => ({
		service: workload.service,
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
			deployment ||= await readIdleDeployment(cluster, namespace, { workload, record: options.record });
			const { rollout } = await readRolloutState(cluster, namespace, {
				deployment,
				expected: { container: workload.container, digest, replicas: 1 },
			});
			answeredAt = clock.monotonicMs();
			if (rollout.state === 'complete') return outcome('passed', { reason: '' });
			if (reason !== rollout.reason) options.log?.(`${deployment}: ${rollout.reason}`);
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

async function readIdleDeployment(
	cluster: Cluster,
	namespace: string,
	{ workload, record }: { workload: Workload; record: LiveRecord | undefined },
): Promise<string> {
	if (record) return workload.deployments[recordOf(workload, record).idleColour];
	return workload.deployments[coloursOf(workload, await cluster.readService(namespace, workload.service)).idle];
}
