import { assertCluster } from '../../lib/rollout/assertCluster';
import type { Cluster } from '../../lib/rollout/cluster';
import { kubernetesCluster } from '../shared/kubernetesCredential';
import type { OperationContext } from '../shared/operation';

/**
 * The cluster of the credential, once it is the one that the environment names.
 * @throws RunbookError ROLLOUT.WRONG_CLUSTER, FORBIDDEN when the role may not read its UID, and as the credential's opener does
 */
export async function openCluster({
	open,
	parameters,
}: Pick<OperationContext<{ readonly clusterUid: string }>, 'open' | 'parameters'>): Promise<Cluster> {
	const cluster = await open(kubernetesCluster);
	await assertCluster(cluster, parameters.clusterUid);
	return cluster;
}
