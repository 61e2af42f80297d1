import type { Cluster } from '../cluster';
import { isOfRelease } from '../fence';
import type { ReleaseSet } from '../model';
import { readRolloutState } from '../readRolloutState';
import { describeMove, planMoves, type MovedWorker, type MoveOptions } from './moveWorkers';

/**
 * What moveWorkers would return, when this release has moved every worker: the new version is available, the old one is to have no replicas.
 * Undefined when anything of it is left to do; moving them again then completes it.
 * @throws RunbookError ROLLOUT.WORKER_UNCLEAR, IMAGE_MISSING and what the reads throw
 */
export async function observeMoves(
	cluster: Cluster,
	set: ReleaseSet,
	{ images, record, fence }: Pick<MoveOptions, 'images' | 'record' | 'fence'>,
): Promise<{ workers: MovedWorker[]; alreadyMoved: true } | undefined> {
	// Without a record nobody could tell a move of this release from what ran before it.
	if (!record) return undefined;
	const moves = await planMoves(cluster, set, { images, record });
	for (const { worker, to, digest, replicas, done } of moves) {
		if (!done) return undefined;
		const { deployment, rollout } = await readRolloutState(cluster, set.namespace, {
			deployment: worker.deployments[to],
			expected: { container: worker.container, digest, replicas },
		});
		if (rollout.state !== 'complete' || !isOfRelease(deployment, fence)) return undefined;
	}
	return { workers: moves.map(describeMove), alreadyMoved: true };
}
