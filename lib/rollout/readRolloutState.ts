import type { Cluster } from './cluster';
import { assessDeployment, type Expectation, type RolloutState } from './assessDeployment';
import type { DeploymentFacts, PodFacts, ReplicaSetFacts } from './model';

export interface ReadState {
	readonly deployment: DeploymentFacts;
	readonly rollout: RolloutState;
}

/** A Deployment as it is now, and how far it has come. */
export async function readRolloutState(
	cluster: Cluster,
	namespace: string,
	{ deployment: name, expected }: { deployment: string; expected: Expectation },
): Promise<ReadState> {
	const deployment = await cluster.readDeployment(namespace, name);
	const replicaSets = await cluster.listReplicaSets(namespace, deployment.selector);
	const pods = await cluster.listPods(namespace, deployment.selector);
	return {
		deployment,
		rollout: assessDeployment(deployment, podsOfRevision(deployment, replicaSets, pods), expected),
	};
}

/** The pods of the Deployment's current revision; all of its pods while that revision has no ReplicaSet yet. */
export function podsOfRevision(
	deployment: DeploymentFacts,
	replicaSets: readonly ReplicaSetFacts[],
	pods: readonly PodFacts[],
): PodFacts[] {
	const current = replicaSets.find(
		({ owner, revision }) => owner === deployment.name && revision === deployment.revision,
	);
	if (current === undefined || current.templateHash === '') return [...pods];
	return pods.filter(({ labels }) => labels['pod-template-hash'] === current.templateHash);
}
