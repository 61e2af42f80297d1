import type { Cluster } from './cluster';
import { assertSelectable, coloursOf } from './coloursOf';
import { fenceOperations, RECORD_ANNOTATION } from './fence';
import type { Fence, LiveRecord, ReleaseSet, ServiceFacts, Workload, WorkloadRecord } from './model';
import { patchUntilWritten } from './patchUntilWritten';
import { readRunningImage } from './readRunningImage';

/**
 * Records what is live, before anything is changed: read for every workload first, then written to each Service as the
 * annotation `deployment-runbook/record`, so that a rollback needs neither n8n nor the ledger.
 * @throws RunbookError ROLLOUT.NOT_FOUND (Service, preview Service or Deployment), COLOUR_UNKNOWN, SELECTOR_MISMATCH,
 * CONTAINER_MISSING, DIGEST_UNKNOWN, FENCED_OUT
 */
export async function recordLive(
	cluster: Cluster,
	set: ReleaseSet,
	{ fence }: { fence: Fence | undefined },
): Promise<LiveRecord> {
	const workloads: WorkloadRecord[] = [];
	for (const workload of set.workloads) workloads.push(await readRecord(cluster, set.namespace, workload));
	for (const record of workloads) await annotate(cluster, set.namespace, { record, fence });
	return { workloads };
}

async function readRecord(cluster: Cluster, namespace: string, workload: Workload): Promise<WorkloadRecord> {
	const service = await cluster.readService(namespace, workload.service);
	await cluster.readService(namespace, workload.previewService);
	const { live, idle } = coloursOf(workload, service);
	const deployment = await cluster.readDeployment(namespace, workload.deployments[live]);
	const idleDeployment = await cluster.readDeployment(namespace, workload.deployments[idle]);
	assertSelectable(service, live, deployment);
	assertSelectable(service, idle, idleDeployment);
	const { image, digest } = await readRunningImage(cluster, { namespace, workload, deployment });
	return {
		service: workload.service,
		liveColour: live,
		idleColour: idle,
		live: {
			deployment: deployment.name,
			revision: deployment.revision,
			image,
			digest,
			replicas: deployment.wanted,
		},
		selector: service.selector,
	};
}

async function annotate(
	cluster: Cluster,
	namespace: string,
	{ record, fence }: { record: WorkloadRecord; fence: Fence | undefined },
): Promise<void> {
	const value = JSON.stringify(record);
	await patchUntilWritten<ServiceFacts>({
		read: async () => await cluster.readService(namespace, record.service),
		decide: (service) => {
			const operations = fenceOperations(service, {
				kind: 'Service',
				fence,
				annotations: { [RECORD_ANNOTATION]: value },
			});
			return service.annotations[RECORD_ANNOTATION] === value && !fence ? undefined : operations;
		},
		patch: async (operations) => await cluster.patchService(namespace, record.service, operations),
	});
}
