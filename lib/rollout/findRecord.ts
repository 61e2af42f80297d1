import type { Cluster } from './cluster';
import { RECORD_ANNOTATION } from './fence';
import type { Fence, LiveRecord, ReleaseSet, WorkerRecord, Workload, WorkloadRecord } from './model';
import { parseRecordOf } from './parseConfiguration';
import { liveRecord, parseWorkerRecords } from './rollbackRecord';

/** The record that this release wrote to every Service; undefined unless it is there for all of them. */
export async function findRecord(
	cluster: Cluster,
	set: ReleaseSet,
	{ fence }: { fence: Fence | undefined },
): Promise<LiveRecord | undefined> {
	const records: WorkloadRecord[] = [];
	for (const workload of set.workloads) {
		const own = await readOwnRecord(cluster, set.namespace, { workload, fence });
		if (!own) return undefined;
		records.push(own);
	}
	const workers = await readOwnWorkers(cluster, set, fence);
	const isWhole = (set.workers ?? []).every(({ name }) => workers.some(({ worker }) => worker === name));
	return isWhole ? liveRecord(records, workers) : undefined;
}

/** What this release has recorded of a workload; undefined before it has. */
export async function readOwnRecord(
	cluster: Cluster,
	namespace: string,
	{ workload, fence }: { workload: Workload; fence: Fence | undefined },
): Promise<WorkloadRecord | undefined> {
	const { service } = workload;
	const text = await readOwnText(cluster, namespace, { service, fence });
	return fence && text !== undefined ? parseRecordOf(text, fence.release) : undefined;
}

/** The workers as this release has recorded them; none before it has. */
export async function readOwnWorkers(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
	fence: Fence | undefined,
): Promise<WorkerRecord[]> {
	for (const { service } of workloads) {
		const text = await readOwnText(cluster, namespace, { service, fence });
		const workers = text === undefined ? [] : parseWorkerRecords(text);
		if (workers.length > 0) return workers;
	}
	return [];
}

/** The annotation of a Service, when it holds a record of this release. */
async function readOwnText(
	cluster: Cluster,
	namespace: string,
	{ service, fence }: { service: string; fence: Fence | undefined },
): Promise<string | undefined> {
	const text = (await cluster.readService(namespace, service)).annotations[RECORD_ANNOTATION];
	return fence && text !== undefined && parseRecordOf(text, fence.release) ? text : undefined;
}
