import type { Clock } from '../../support/clock';
import { RunbookError } from '../../support/runbookError';
import type { Cluster } from '../cluster';
import { changeDeployment } from '../deployment/changeDeployment';
import { rolloutErrors } from '../errors';
import type { Fence, Worker } from '../model';

const POLL_MS = 500;

/** Scales a Deployment to 0. Done already: nothing is written. @throws RunbookError ROLLOUT.FENCED_OUT and what the calls throw */
export async function stopDeployment(
	cluster: Cluster,
	namespace: string,
	{ deployment, fence }: { deployment: string; fence: Fence | undefined },
): Promise<void> {
	await changeDeployment(cluster, { namespace, deployment, fence }, ({ wanted }) =>
		wanted === 0 ? undefined : { spec: [{ op: 'add', path: '/spec/replicas', value: 0 }] },
	);
}

/**
 * Waits until the last pod of a stopped Deployment has ended, however long its own grace is: what it works on is not cut.
 * @throws RunbookError ROLLOUT.WORKER_NOT_STOPPED at the deadline, naming the pods; the signal's reason when aborted
 */
export async function waitUntilStopped(
	cluster: Cluster,
	namespace: string,
	{
		worker,
		deployment,
		timeoutMs,
		clock,
		signal,
	}: { worker: Worker; deployment: string; timeoutMs: number; clock: Clock; signal: AbortSignal },
): Promise<void> {
	const startedAt = clock.monotonicMs();
	for (;;) {
		const left = await readLeft(cluster, namespace, deployment);
		if (left.length === 0) return;
		if (clock.monotonicMs() - startedAt >= timeoutMs)
			throw rolloutErrors.WORKER_NOT_STOPPED({
				worker: worker.name,
				seconds: Math.round(timeoutMs / 1000),
				pods: left.join(', '),
			});
		await clock.sleep(POLL_MS, signal);
	}
}

/** Names of the pods that have not ended; an API that does not answer leaves one that cannot be told. */
async function readLeft(cluster: Cluster, namespace: string, deployment: string): Promise<string[]> {
	try {
		const { selector } = await cluster.readDeployment(namespace, deployment);
		const pods = await cluster.listPods(namespace, selector);
		return pods.filter(({ ended }) => !ended).map(({ name }) => name);
	} catch (error) {
		if (error instanceof RunbookError && error.code === 'ROLLOUT.UNREACHABLE') return [error.message];
		throw error;
	}
}
