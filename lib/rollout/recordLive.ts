import { findClusterUid } from './assertCluster';
import type { Cluster, PatchOperation } from './cluster';
import { assertSelectable, coloursOf } from './coloursOf';
import { fenceOperations, isHeldBy, RECORD_ANNOTATION } from './fence';
import { readOwnRecord, readOwnWorkers } from './findRecord';
import type {
	DeploymentFacts,
	Fence,
	LiveRecord,
	ReleaseSet,
	ServiceFacts,
	TargetImage,
	WorkerRecord,
	Workload,
	WorkloadRecord,
	Writable,
} from './model';
import { patchUntilWritten } from './patchUntilWritten';
import { raiseWholeFence } from './raiseFence';
import { readConfiguration } from './readConfiguration';
import { readRunning } from './readRunningImage';
import { liveRecord, writeAnnotation } from './rollbackRecord';
import { readWorkerRecord } from './workers/readWorker';

export interface RecordOptions {
	readonly fence: Fence | undefined;
	/** What the release is going to deploy, so that a rollback without a ledger knows it, too. Absent: it is not noted. */
	readonly images?: readonly TargetImage[];
}

/**
 * Records what is live, before anything is changed: read for every workload first, then written to each Service as the
 * annotation `deployment-runbook/record`, and to its live Deployment, so that a rollback needs neither n8n nor the ledger. Each holds the
 * records of all workers, which have no Service. A record of this very release stays: it is what to go back to, and what is live may be this
 * release itself by now.
 * @throws RunbookError ROLLOUT.NOT_FOUND (Service, preview Service or Deployment), COLOUR_UNKNOWN, SELECTOR_MISMATCH,
 * CONTAINER_MISSING, DIGEST_UNKNOWN, WORKER_UNCLEAR, FENCED_OUT
 */
export async function recordLive(
	cluster: Cluster,
	set: ReleaseSet,
	{ fence, images = [] }: RecordOptions,
): Promise<LiveRecord> {
	// Once to refuse before anything is written; what counts is read when no older holder can change it any more.
	await readAll(cluster, set, fence);
	await raiseWholeFence(cluster, set, fence);
	const { workloads, workers = [] } = await readAll(cluster, set, fence);
	for (const record of workloads)
		await annotate(cluster, set.namespace, {
			record,
			fence,
			value: writeAnnotation(record, { set, images, fence, workers }),
		});
	return liveRecord(workloads, workers);
}

async function readAll(cluster: Cluster, set: ReleaseSet, fence: Fence | undefined): Promise<LiveRecord> {
	const workloads = await readRecords(cluster, set, fence);
	const own = await readOwnWorkers(cluster, set, fence);
	const workers: WorkerRecord[] = [];
	for (const worker of set.workers ?? []) {
		const found = own.find((one) => one.worker === worker.name);
		workers.push(found ?? (await readWorkerRecord(cluster, set.namespace, worker)));
	}
	return liveRecord(workloads, workers);
}

async function readRecords(cluster: Cluster, set: ReleaseSet, fence: Fence | undefined): Promise<WorkloadRecord[]> {
	const uid = await findClusterUid(cluster);
	const records: WorkloadRecord[] = [];
	for (const workload of set.workloads) {
		const own = await readOwnRecord(cluster, set.namespace, { workload, fence });
		const record = own ?? (await readRecord(cluster, set.namespace, workload));
		records.push(own || uid === undefined ? record : { ...record, cluster: uid });
	}
	return records;
}

async function readRecord(cluster: Cluster, namespace: string, workload: Workload): Promise<WorkloadRecord> {
	const service = await cluster.readService(namespace, workload.service);
	await cluster.readService(namespace, workload.previewService);
	const { live, idle } = coloursOf(workload, service);
	const deployment = await cluster.readDeployment(namespace, workload.deployments[live]);
	const idleDeployment = await cluster.readDeployment(namespace, workload.deployments[idle]);
	assertSelectable(service, live, deployment);
	assertSelectable(service, idle, idleDeployment);
	return {
		service: workload.service,
		liveColour: live,
		idleColour: idle,
		live: await readRunning(cluster, { namespace, workload, deployment }),
		selector: service.selector,
		configuration: await readConfiguration(cluster, namespace, deployment),
	};
}

async function annotate(
	cluster: Cluster,
	namespace: string,
	{ record, fence, value }: { record: WorkloadRecord; fence: Fence | undefined; value: string },
): Promise<void> {
	const annotations = { [RECORD_ANNOTATION]: value };
	const decide = (object: Writable, kind: 'Service' | 'Deployment'): readonly PatchOperation[] | undefined =>
		object.annotations[RECORD_ANNOTATION] === value && (!fence || isHeldBy(object, fence))
			? undefined
			: fenceOperations(object, { kind, fence, annotations });
	await patchUntilWritten<ServiceFacts>({
		read: async () => await cluster.readService(namespace, record.service),
		decide: (service) => decide(service, 'Service'),
		patch: async (operations) => await cluster.patchService(namespace, record.service, operations),
	});
	await patchUntilWritten<DeploymentFacts>({
		read: async () => await cluster.readDeployment(namespace, record.live.deployment),
		decide: (deployment) => decide(deployment, 'Deployment'),
		patch: async (operations) => await cluster.patchDeployment(namespace, record.live.deployment, operations),
	});
}
