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

/**
 * What going back to their records means for the workers, in the declared order, and which of them were never recorded: the release set knew
 * nothing of them when it began, so the release has not moved them.
 * @throws RunbookError what the reads throw
 */
export async function planReturns(
	cluster: Cluster,
	{ namespace, workers = [] }: ReleaseSet,
	{ images, record }: { images: readonly TargetImage[]; record: LiveRecord },
): Promise<{ plans: WorkerReturnPlan[]; unrecorded: string[] }> {
	const plans: WorkerReturnPlan[] = [];
	const unrecorded: string[] = [];
	for (const worker of workers) {
		const recorded = record.workers?.find((one) => one.worker === worker.name);
		if (!recorded) {
			unrecorded.push(worker.name);
			continue;
		}
		const deployments = await readWorker(cluster, namespace, worker);
		const now = async (deployment: DeploymentFacts): Promise<ColourNow> => ({
			replicas: replicasMeant(deployment),
			digest: await findRunningDigest(cluster, { namespace, workload: worker, deployment }),
		});
		const facts = {
			recorded: await now(deployments[recorded.liveColour]),
			other: await now(deployments[otherColour(recorded.liveColour)]),
		};
		const image = images.find(({ workload }) => workload === worker.workload)?.image;
		const target = image === undefined ? undefined : imageDigest(image);
		plans.push({ worker, record: recorded, action: assessWorkerReturn(recorded, facts, target) });
	}
	return { plans, unrecorded };
}
