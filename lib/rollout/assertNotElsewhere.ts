import { RunbookError } from '../support/runbookError';
import { assertCluster, clusterOfRecord } from './assertCluster';
import type { Cluster } from './cluster';
import type { LiveRecord } from './model';

/**
 * For a rollback: refuses another cluster than the pinned one, or, where none is pinned, than that of the record. A cluster that the role may
 * not tell is not refused: what is live there has to be what the release deployed in any case. Returns a warning for each doubt.
 * @throws RunbookError ROLLOUT.WRONG_CLUSTER and what the call throws
 */
export async function assertNotElsewhere(
	cluster: Cluster,
	{ clusterUid, record }: { readonly clusterUid?: string; readonly record: LiveRecord },
): Promise<string[]> {
	try {
		await assertCluster(cluster, clusterUid || clusterOfRecord(record));
		return [];
	} catch (error) {
		if (error instanceof RunbookError && error.code === 'ROLLOUT.FORBIDDEN')
			return [`that this is the recorded cluster is not proven: ${error.message}`];
		throw error;
	}
}
