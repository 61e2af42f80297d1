import type { Cluster, PatchOperation } from '../cluster';
import { fenceOperations, unchangedTest, type AnnotationChanges } from '../fence';
import type { DeploymentFacts, Fence } from '../model';
import { patchUntilWritten } from '../patchUntilWritten';

export interface DeploymentPlace {
	readonly namespace: string;
	readonly deployment: string;
	readonly fence: Fence | undefined;
}

/** What is to become of a Deployment. */
export interface DeploymentChange {
	/** Absent: the spec stays. */
	readonly spec?: readonly PatchOperation[];
	/** Absent: none. */
	readonly annotations?: AnnotationChanges;
}

/**
 * Changes a Deployment by what `decide` makes of it: undefined when it is as wanted already. The write tests that nobody else changed the spec or an
 * annotation since it was read; otherwise it is read and decided again. A status that controllers write meanwhile is no conflict. Returns it as it
 * is then, and whether it was changed.
 * @throws RunbookError ROLLOUT.NOT_FOUND, FENCED_OUT, TEST_FAILED when it keeps changing, and what `decide` throws
 */
export async function changeDeployment(
	cluster: Cluster,
	{ namespace, deployment, fence }: DeploymentPlace,
	decide: (current: DeploymentFacts) => DeploymentChange | undefined,
): Promise<{ deployment: DeploymentFacts; changed: boolean }> {
	const { object, written } = await patchUntilWritten<DeploymentFacts>({
		read: async () => await cluster.readDeployment(namespace, deployment),
		decide: (current) => {
			const change = decide(current);
			if (!change) return undefined;
			const { spec = [], annotations = {} } = change;
			return [
				unchangedTest(current),
				...fenceOperations(current, { kind: 'Deployment', fence, annotations }),
				...spec,
			];
		},
		patch: async (operations) => await cluster.patchDeployment(namespace, deployment, operations),
	});
	return { deployment: object, changed: written };
}
