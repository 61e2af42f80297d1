import type { Cluster } from '../cluster';
import type { Worker, WorkerRecord } from '../model';
import { readConfiguration } from '../readConfiguration';
import { readRunning } from '../readRunningImage';
import { assessWorkerColours, type WorkerDeployments } from './assessWorkerColours';

/** Both Deployments of a worker as they are now. */
export async function readWorker(
	cluster: Cluster,
	namespace: string,
	{ deployments }: Pick<Worker, 'deployments'>,
): Promise<WorkerDeployments> {
	const [blue, green] = await Promise.all([
		cluster.readDeployment(namespace, deployments.blue),
		cluster.readDeployment(namespace, deployments.green),
	]);
	return { blue, green };
}

/** Which colour of a worker runs, and what. @throws RunbookError ROLLOUT.WORKER_UNCLEAR, CONTAINER_MISSING, DIGEST_UNKNOWN and what the reads throw */
export async function readWorkerRecord(cluster: Cluster, namespace: string, worker: Worker): Promise<WorkerRecord> {
	const deployments = await readWorker(cluster, namespace, worker);
	const { live, idle } = assessWorkerColours(worker, deployments);
	const deployment = deployments[live];
	return {
		worker: worker.name,
		liveColour: live,
		idleColour: idle,
		live: await readRunning(cluster, { namespace, workload: worker, deployment }),
		configuration: await readConfiguration(cluster, namespace, deployment),
	};
}
