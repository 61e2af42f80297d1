import type { Clock } from '../support/clock';
import { recordOf, targetOf } from './chooseIdle';
import type { Cluster } from './cluster';
import { coloursOf } from './coloursOf';
import { rolloutErrors } from './errors';
import { imageDigest } from './imageDigest';
import type { LiveRecord, ReleaseSet, TargetImage, Workload } from './model';
import { waitForDeployment, type WaitedWorkload } from './waitForDeployment';

export interface WaitOptions {
	readonly images: readonly TargetImage[];
	readonly record: LiveRecord | undefined;
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log?(message: string): void;
}

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
				await waitForDeployment(cluster, set.namespace, {
					service: workload.service,
					container: workload.container,
					digest,
					findDeployment: async () =>
						await readIdleDeployment(cluster, set.namespace, { workload, record: options.record }),
					startedAt,
					...options,
				}),
		),
	);
	return { workloads };
}

/** The digest of a pinned image. @throws RunbookError ROLLOUT.DIGEST_UNKNOWN */
export function digestOf(image: string, workload: Pick<Workload, 'service'>): string {
	const digest = imageDigest(image);
	if (digest === undefined)
		throw rolloutErrors.DIGEST_UNKNOWN({
			deployment: workload.service,
			problem: `"${image}" is not pinned by digest`,
		});
	return digest;
}

async function readIdleDeployment(
	cluster: Cluster,
	namespace: string,
	{ workload, record }: { workload: Workload; record: LiveRecord | undefined },
): Promise<string> {
	if (record) return workload.deployments[recordOf(workload, record).idleColour];
	return workload.deployments[coloursOf(workload, await cluster.readService(namespace, workload.service)).idle];
}
