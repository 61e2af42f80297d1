import { RunbookError } from '../../support/runbookError';
import type { Cluster } from '../cluster';
import { otherColour } from '../coloursOf';
import { replicasMeant } from '../freeze/freezeRecord';
import { imageDigest } from '../imageDigest';
import type { DeploymentFacts, LiveRecord, ReleaseSet, TargetImage, Worker, WorkerRecord } from '../model';
import { findRunningDigest } from '../readRunningImage';
import { assessWorkerReturn, type ColourNow, type WorkerReturn } from './assessWorkerReturn';
import { readWorker } from './readWorker';

/** What the rollback of one worker will do. */
export interface WorkerReturnPlan {
	readonly worker: Worker;
	readonly record: WorkerRecord;
	readonly action: WorkerReturn;
}

/** One whose state could not be read. The traffic goes back all the same. */
export interface UnreadWorker extends Omit<WorkerReturnPlan, 'action'> {
	readonly error: RunbookError;
}

export interface WorkerReturns {
	/** In the declared order. */
	readonly plans: readonly WorkerReturnPlan[];
	readonly unread: readonly UnreadWorker[];
	/** Names of those without a record: the release set knew nothing of them when it began, so the release has not moved them. */
	readonly unrecorded: readonly string[];
}

/** What going back to their records means for the workers. One that cannot be read keeps nothing else from going back. */
export async function planReturns(
	cluster: Cluster,
	{ namespace, workers = [] }: ReleaseSet,
	{ images, record }: { images: readonly TargetImage[]; record: LiveRecord },
): Promise<WorkerReturns> {
	const plans: WorkerReturnPlan[] = [];
	const unread: UnreadWorker[] = [];
	const unrecorded: string[] = [];
	for (const worker of workers) {
		const recorded = record.workers?.find((one) => one.worker === worker.name);
		if (!recorded) {
			unrecorded.push(worker.name);
			continue;
		}
		const image = images.find(({ workload }) => workload === worker.workload)?.image;
		const target = image === undefined ? undefined : imageDigest(image);
		try {
			const facts = await readNow(cluster, namespace, { worker, record: recorded });
			plans.push({ worker, record: recorded, action: assessWorkerReturn(recorded, facts, target) });
		} catch (error) {
			if (!(error instanceof RunbookError)) throw error;
			unread.push({ worker, record: recorded, error });
		}
	}
	return { plans, unread, unrecorded };
}

async function readNow(
	cluster: Cluster,
	namespace: string,
	{ worker, record }: Pick<WorkerReturnPlan, 'worker' | 'record'>,
): Promise<{ recorded: ColourNow; other: ColourNow }> {
	const deployments = await readWorker(cluster, namespace, worker);
	const now = async (deployment: DeploymentFacts): Promise<ColourNow> => ({
		replicas: replicasMeant(deployment),
		digest: await findRunningDigest(cluster, { namespace, workload: worker, deployment }),
	});
	return {
		recorded: await now(deployments[record.liveColour]),
		other: await now(deployments[otherColour(record.liveColour)]),
	};
}
