import { RunbookError } from '../support/runbookError';
import type { Cluster } from './cluster';
import { rolloutErrors } from './errors';
import type { LiveRecord } from './model';

/**
 * Refuses another cluster than the expected one. `expected`: the UID of its namespace kube-system, which no two clusters share; empty or
 * absent: any cluster will do, and nothing is asked.
 * @throws RunbookError ROLLOUT.WRONG_CLUSTER; FORBIDDEN when the role may not read that namespace; what the call throws
 */
export async function assertCluster(cluster: Cluster, expected: string | undefined): Promise<void> {
	if (expected === undefined || expected === '') return;
	const actual = await cluster.readClusterUid();
	if (actual !== expected) throw rolloutErrors.WRONG_CLUSTER({ actual, expected });
}

/** The cluster that a record was taken in; undefined when it does not say. */
export function clusterOfRecord(record: LiveRecord | undefined): string | undefined {
	return record?.workloads.find(({ cluster }) => cluster !== undefined)?.cluster;
}

/** The UID of the cluster; undefined when the role may not read it. @throws what the call throws */
export async function findClusterUid(cluster: Cluster): Promise<string | undefined> {
	try {
		return await cluster.readClusterUid();
	} catch (error) {
		if (error instanceof RunbookError && error.code === 'ROLLOUT.FORBIDDEN') return undefined;
		throw error;
	}
}
