import type { Clock } from '../../support/clock';
import { RunbookError } from '../../support/runbookError';
import type { RolloutState } from '../assessDeployment';
import type { Cluster } from '../cluster';
import { rolloutErrors } from '../errors';
import { imageDigest } from '../imageDigest';
import type { Fence, Worker } from '../model';
import { readLastLogLine } from '../readLastLogLine';
import { readRolloutState } from '../readRolloutState';
import { runImage } from '../setImage';

const POLL_MS = 500;

export interface StartOptions {
	readonly worker: Worker;
	readonly deployment: string;
	/** With digest. */
	readonly image: string;
	readonly replicas: number;
	/** Whether one that cannot come up by itself is waited for, too: in a rollback nothing better is left to do. */
	readonly patient: boolean;
	readonly fence: Fence | undefined;
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/**
 * Makes a Deployment of a worker run an image, and waits until all of its replicas are available. Done already: only looks.
 * @throws RunbookError ROLLOUT.WORKER_NOT_READY with what it said last; the signal's reason when aborted
 */
export async function startWorker(
	cluster: Cluster,
	namespace: string,
	{ worker, deployment, image, replicas, patient, fence, timeoutMs, clock, signal }: StartOptions,
): Promise<void> {
	const startedAt = clock.monotonicMs();
	const { container, name } = worker;
	await runImage(cluster, namespace, { deployment, wanted: { image, replicas, container }, fence });
	const expected = { container, digest: imageDigest(image) ?? '', replicas };
	for (;;) {
		const rollout = await readPatiently(cluster, namespace, { deployment, expected });
		if (rollout.state === 'complete') return;
		const isLate = clock.monotonicMs() - startedAt >= timeoutMs;
		if (isLate || (rollout.state === 'failed' && !patient)) {
			const pod = rollout.state === 'failed' ? rollout.pod : undefined;
			const said = pod ? await readLastLogLine(cluster, namespace, pod) : '';
			const late = isLate ? ` after ${Math.round(timeoutMs / 1000)} s` : '';
			throw rolloutErrors.WORKER_NOT_READY({
				worker: name,
				problem: `${deployment}${late}: ${rollout.reason}${said === '' ? '' : ` (it said last: ${said})`}`,
			});
		}
		await clock.sleep(POLL_MS, signal);
	}
}

/** An API that does not answer is waited for. */
async function readPatiently(
	cluster: Cluster,
	namespace: string,
	wanted: Parameters<typeof readRolloutState>[2],
): Promise<RolloutState> {
	try {
		return (await readRolloutState(cluster, namespace, wanted)).rollout;
	} catch (error) {
		if (error instanceof RunbookError && error.code === 'ROLLOUT.UNREACHABLE')
			return { state: 'progressing', reason: error.message };
		throw error;
	}
}
