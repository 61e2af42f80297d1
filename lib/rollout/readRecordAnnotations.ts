import type { Cluster } from './cluster';
import { rolloutErrors } from './errors';
import { RECORD_ANNOTATION } from './fence';
import type { LiveRecord, ReleaseSet, WorkerRecord, Workload, WorkloadRecord } from './model';
import { parseRecord } from './parseConfiguration';
import { joinAnnotations, liveRecord, parseWorkerRecords, tokenOf, type RollbackRecord } from './rollbackRecord';

/**
 * The record as recordLive wrote it to the Services, for a rollback without a ledger. Where a Service has lost it (it was created
 * anew), that of its Deployments counts.
 * @throws RunbookError ROLLOUT.RECORD_MISSING naming the Services that carry none; PARAMETER.INVALID for one that was damaged
 */
export async function readRecordAnnotations(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
): Promise<LiveRecord> {
	const records: WorkloadRecord[] = [];
	const workers: WorkerRecord[] = [];
	const missing: string[] = [];
	for (const workload of workloads) {
		const text = await readText(cluster, namespace, workload);
		if (text === undefined) missing.push(workload.service);
		else {
			records.push(...parseRecord(`[${text}]`).workloads);
			if (workers.length === 0) workers.push(...parseWorkerRecords(text));
		}
	}
	if (missing.length > 0) throw rolloutErrors.RECORD_MISSING({ missing: missing.join(', ') });
	return liveRecord(records, workers);
}

async function readText(cluster: Cluster, namespace: string, workload: Workload): Promise<string | undefined> {
	const service = await cluster.readService(namespace, workload.service);
	const own = service.annotations[RECORD_ANNOTATION];
	if (own !== undefined) return own;
	const deployments = await Promise.all(
		Object.values(workload.deployments).map(async (name) => await cluster.readDeployment(namespace, name)),
	);
	// Each colour may carry one, of the release that found it live; the newer one was written under the higher token.
	const texts = deployments.flatMap(({ annotations }) => annotations[RECORD_ANNOTATION] ?? []);
	return texts.sort((one, other) => tokenOf(other) - tokenOf(one))[0];
}

/**
 * The whole record of a namespace, release set and all, for a rollback that knows nothing but the namespace.
 * @throws RunbookError ROLLOUT.RECORD_MISSING, PARAMETER.INVALID
 */
export async function findRollbackRecord(cluster: Cluster, namespace: string): Promise<RollbackRecord> {
	const services = await cluster.listServices(namespace);
	const texts = services.flatMap(({ annotations }) => annotations[RECORD_ANNOTATION] ?? []);
	if (texts.length === 0) throw rolloutErrors.RECORD_MISSING({ missing: `any Service of namespace ${namespace}` });
	return joinAnnotations(namespace, texts);
}
