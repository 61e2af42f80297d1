import type { Clock } from '../../support/clock';
import { targetOf } from '../chooseIdle';
import type { Cluster } from '../cluster';
import type { TargetImage } from '../model';
import { waitForDeployment, type WaitedWorkload } from '../waitForDeployment';
import { digestOf } from '../waitForRollout';
import type { Staging } from './model';

export interface StagingWait {
	readonly images: readonly TargetImage[];
	/** For all workloads together. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log?(message: string): void;
}

/**
 * Waits until staging runs the release's images with all replicas available, as waitForRollout does for the idle colour.
 * @throws RunbookError for a wrong credential, role or name; the signal's reason when aborted
 */
export async function waitForStaging(
	cluster: Cluster,
	{ namespace, workloads }: Staging,
	{ images, ...options }: StagingWait,
): Promise<{ workloads: WaitedWorkload[] }> {
	const startedAt = options.clock.monotonicMs();
	const waits = workloads.map(({ service, deployment, container }) => ({
		service,
		container,
		digest: digestOf(targetOf({ service }, images), { service }),
		findDeployment: async () => await Promise.resolve(deployment),
		startedAt,
		...options,
	}));
	return { workloads: await Promise.all(waits.map((wait) => waitForDeployment(cluster, namespace, wait))) };
}
