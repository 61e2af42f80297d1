import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import type { RollBackAction } from './assessRollBack';
import type { Cluster } from './cluster';
import { otherColour } from './coloursOf';
import { rolloutErrors } from './errors';
import type { Fence, Workload, WorkloadRecord } from './model';
import { keepFrozen } from './freeze/keepFrozen';
import { declaredImage, findRunningDigest } from './readRunningImage';
import { readRolloutState } from './readRolloutState';
import { replicasBeforeScaleDown } from './retire/scaleDownNote';
import { runImage } from './setImage';

const POLL_MS = 500;

/**
 * Makes the recorded colour able to take the traffic: recorded digest (set when it runs another), at least the recorded replicas, those
 * that it had when it was scaled down, and as many as the colour it replaces has, all ready. A workload that serves its record already only gets its replicas back.
 * @throws RunbookError ROLLOUT.RECORD_NOT_READY at the deadline; the signal's reason when aborted
 */
export async function restoreRecorded(
	cluster: Cluster,
	namespace: string,
	{
		workload,
		record,
		action,
		fence,
		timeoutMs,
		clock,
		signal,
	}: {
		workload: Workload;
		record: WorkloadRecord;
		action: RollBackAction;
		fence: Fence | undefined;
		timeoutMs: number;
		clock: Clock;
		signal: AbortSignal;
	},
): Promise<void> {
	const startedAt = clock.monotonicMs();
	const name = workload.deployments[record.liveColour];
	const deployment = await cluster.readDeployment(namespace, name);
	const replaced = await cluster.readDeployment(namespace, workload.deployments[otherColour(record.liveColour)]);
	const isThere = action === 'already-there';
	const replicas = Math.max(
		1,
		record.live.replicas,
		replicasBeforeScaleDown(deployment, record.live.digest),
		deployment.wanted,
		action === 'switch-back' ? replaced.wanted : 0,
	);
	const image =
		isThere || (await findRunningDigest(cluster, { namespace, workload, deployment })) === record.live.digest
			? declaredImage(deployment, workload.container)
			: record.live.image;
	// Stopped writers stay stopped: the pinned version changes, and what the thaw gives back.
	const frozen = await keepFrozen(
		cluster,
		{ namespace, deployment: name, fence },
		{ replicas: record.live.replicas },
	);
	await runImage(cluster, namespace, {
		deployment: name,
		wanted: { image, replicas: frozen ? 0 : replicas, container: workload.container },
		fence,
	});
	if (isThere || frozen) return;
	const expected = { container: workload.container, digest: record.live.digest, replicas };
	for (;;) {
		const problem = await readProblem(cluster, namespace, { deployment: name, expected });
		if (problem === undefined) return;
		if (clock.monotonicMs() - startedAt >= timeoutMs) {
			throw rolloutErrors.RECORD_NOT_READY({
				workload: workload.service,
				seconds: Math.round(timeoutMs / 1000),
				problem: `${name}: ${problem}`,
			});
		}
		await clock.sleep(POLL_MS, signal);
	}
}

/** Even what cannot come up by itself is waited for: in a rollback nothing better is left to do. */
async function readProblem(
	cluster: Cluster,
	namespace: string,
	wanted: Parameters<typeof readRolloutState>[2],
): Promise<string | undefined> {
	try {
		const { rollout } = await readRolloutState(cluster, namespace, wanted);
		return rollout.state === 'complete' ? undefined : rollout.reason;
	} catch (error) {
		if (error instanceof RunbookError && error.code === 'ROLLOUT.UNREACHABLE') return error.message;
		throw error;
	}
}
