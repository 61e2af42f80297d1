import type { Cluster } from './cluster';
import { rolloutErrors } from './errors';
import { RECORD_ANNOTATION } from './fence';
import type { LiveRecord, ReleaseSet, WorkloadRecord } from './model';
import { parseRecord } from './parseConfiguration';

/**
 * The record as recordLive wrote it to the Services, for a rollback without a ledger.
 * @throws RunbookError ROLLOUT.RECORD_MISSING naming the Services that carry none; PARAMETER.INVALID for one that was damaged
 */
export async function readRecordAnnotations(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
): Promise<LiveRecord> {
	const records: WorkloadRecord[] = [];
	const missing: string[] = [];
	for (const { service } of workloads) {
		const text = (await cluster.readService(namespace, service)).annotations[RECORD_ANNOTATION];
		if (text === undefined) missing.push(service);
		else records.push(...parseRecord(`[${text}]`).workloads);
	}
	if (missing.length > 0) throw rolloutErrors.RECORD_MISSING({ missing: missing.join(', ') });
	return { workloads: records };
}
