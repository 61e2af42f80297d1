import type { Clock } from '../../support/clock';
import { assertCluster, clusterOfRecord } from '../assertCluster';
import type { Cluster } from '../cluster';
import type { Colour, Fence, LiveRecord, ReleaseSet, TargetImage, WorkerRole } from '../model';
import { raiseWholeFence } from '../raiseFence';
import { planMove, type WorkerMove } from './planMove';
import { readWorker } from './readWorker';
import { startWorker } from './startWorker';
import { stopDeployment, waitUntilStopped } from './stopWorker';

export interface MoveOptions {
	readonly images: readonly TargetImage[];
	/** What recordLive returned for this release; undefined when used alone. */
	readonly record: LiveRecord | undefined;
	readonly fence: Fence | undefined;
	/** How long one worker may take to come up, and a singleton's old version to end. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log?(message: string): void;
}

export interface MovedWorker {
	readonly worker: string;
	readonly role: WorkerRole;
	readonly from: Colour;
	readonly to: Colour;
	/** What runs now. */
	readonly deployment: string;
	readonly image: string;
	readonly replicas: number;
}

/** How every worker would move. Nothing is written. @throws RunbookError as planMove does, and what the reads throw */
export async function planMoves(
	cluster: Cluster,
	{ namespace, workers = [] }: ReleaseSet,
	options: Pick<MoveOptions, 'images' | 'record'>,
): Promise<WorkerMove[]> {
	const moves: WorkerMove[] = [];
	for (const worker of workers) moves.push(planMove(worker, await readWorker(cluster, namespace, worker), options));
	return moves;
}

/**
 * Moves every worker, in the declared order, to the colour that was idle: a worker's new version is available before the old one is told to
 * stop, which then ends what it works on; a singleton's old version has ended before the new one starts. All are looked at before the first is
 * touched. Moved already counts as done; a killed run is completed by the next one. What fails stays as it is: the rollback takes all back.
 * @throws RunbookError ROLLOUT.WORKER_UNCLEAR (nothing was changed), WORKER_NOT_READY, WORKER_NOT_STOPPED, FROZEN, WRONG_CLUSTER, FENCED_OUT
 */
export async function moveWorkers(
	cluster: Cluster,
	set: ReleaseSet,
	options: MoveOptions,
): Promise<{ workers: MovedWorker[]; alreadyMoved: boolean }> {
	await assertCluster(cluster, clusterOfRecord(options.record));
	// Once to refuse before anything is written; what counts is read when no older holder can change it any more.
	await planMoves(cluster, set, options);
	await raiseWholeFence(cluster, set, options.fence);
	const moves = await planMoves(cluster, set, options);
	for (const move of moves) await moveOne(cluster, set.namespace, { move, options });
	return { workers: moves.map(describeMove), alreadyMoved: moves.every(({ done }) => done) };
}

async function moveOne(
	cluster: Cluster,
	namespace: string,
	{ move, options }: { move: WorkerMove; options: MoveOptions },
): Promise<void> {
	const { worker, from, to, image, replicas } = move;
	const { fence, timeoutMs, clock, signal } = options;
	const previous = worker.deployments[from];
	const stop = async (): Promise<void> => await stopDeployment(cluster, namespace, { deployment: previous, fence });
	const start = { worker, deployment: worker.deployments[to], image, replicas, patient: false };
	const common = { fence, timeoutMs, clock, signal };
	if (worker.role === 'singleton') {
		await stop();
		await waitUntilStopped(cluster, namespace, { worker, deployment: previous, timeoutMs, clock, signal });
		await startWorker(cluster, namespace, { ...start, ...common });
	} else {
		await startWorker(cluster, namespace, { ...start, ...common });
		await stop();
	}
	options.log?.(`${worker.name} runs as ${worker.deployments[to]}`);
}

/** As moveWorkers tells of it. */
export function describeMove({ worker, from, to, image, replicas }: WorkerMove): MovedWorker {
	const { name, role, deployments } = worker;
	return { worker: name, role, from, to, deployment: deployments[to], image, replicas };
}
