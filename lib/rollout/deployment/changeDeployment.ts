import type { Cluster, PatchOperation } from '../cluster';
import { fenceOperations } from '../fence';
import type { DeploymentFacts, Fence } from '../model';
import { patchUntilWritten } from '../patchUntilWritten';

export interface DeploymentPlace {
	readonly namespace: string;
	readonly deployment: string;
	readonly fence: Fence | undefined;
}

/**
 * Changes a Deployment by what `decide` makes of it: no operations when it is as wanted already. The write tests that nobody else wrote since
 * it was read; otherwise it is read and decided again. Returns it as it is then, and whether it was changed.
 * @throws RunbookError ROLLOUT.NOT_FOUND, FENCED_OUT, TEST_FAILED when it keeps changing, and what `decide` throws
 */
export async function changeDeployment(
	cluster: Cluster,
	{ namespace, deployment, fence }: DeploymentPlace,
	decide: (current: DeploymentFacts) => readonly PatchOperation[],
): Promise<{ deployment: DeploymentFacts; changed: boolean }> {
	const { object, written } = await patchUntilWritten<DeploymentFacts>({
		read: async () => await cluster.readDeployment(namespace, deployment),
		decide: (current) => {
			const operations = decide(current);
			if (operations.length === 0) return undefined;
			const unchanged: PatchOperation = {
				op: 'test',
				path: '/metadata/resourceVersion',
				value: current.resourceVersion,
			};
			return [unchanged, ...fenceOperations(current, { kind: 'Deployment', fence }), ...operations];
		},
		patch: async (operations) => await cluster.patchDeployment(namespace, deployment, operations),
	});
	return { deployment: object, changed: written };
}
