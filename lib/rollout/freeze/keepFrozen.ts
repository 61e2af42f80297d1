import type { Cluster } from '../cluster';
import { changeDeployment, type DeploymentPlace } from '../deployment/changeDeployment';
import { FREEZE_ANNOTATION } from '../fence';
import { freezeRecordOf } from './freezeRecord';

/**
 * Changes what a frozen Deployment will have after the thaw, and nothing that runs: a rollback during a freeze moves the replicas to the
 * colour that serves then. Not frozen: nothing. Returns whether it is frozen.
 */
export async function keepFrozen(
	cluster: Cluster,
	place: DeploymentPlace,
	{ replicas }: { readonly replicas: number },
): Promise<boolean> {
	let frozen = false;
	await changeDeployment(cluster, place, (current) => {
		const record = freezeRecordOf(current);
		frozen = record !== undefined;
		if (!record || record.replicas === replicas) return undefined;
		return { annotations: { [FREEZE_ANNOTATION]: JSON.stringify({ ...record, replicas }) } };
	});
	return frozen;
}
