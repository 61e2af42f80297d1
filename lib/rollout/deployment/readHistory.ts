import type { Cluster } from '../cluster';
import { imageDigest } from '../imageDigest';
import type { DeploymentFacts, RevisionFacts } from '../model';

export interface Revision {
	readonly revision: number;
	readonly replicaSet: string;
	/** True for the one that the Deployment asks for now. */
	readonly current: boolean;
	/** When its ReplicaSet was created, in ISO 8601. */
	readonly createdAt: string;
	readonly replicas: number;
	/** Empty when nobody noted one. */
	readonly changeCause: string;
	readonly containers: ReadonlyArray<{
		readonly name: string;
		readonly image: string;
		/** Empty for a tag. */
		readonly digest: string;
	}>;
}

/** kubectl rollout history, oldest first, with images and digests. What `revisionHistoryLimit` has pruned is not in it. */
export async function readHistory(
	cluster: Cluster,
	namespace: string,
	name: string,
): Promise<{ deployment: string; revisions: Revision[] }> {
	const deployment = await cluster.readDeployment(namespace, name);
	const found = await readRevisions(cluster, namespace, deployment);
	return { deployment: name, revisions: found.map((facts) => describe(facts, deployment)) };
}

/** The ReplicaSets that a Deployment owns, oldest revision first. */
export async function readRevisions(
	cluster: Cluster,
	namespace: string,
	{ name, selector }: DeploymentFacts,
): Promise<RevisionFacts[]> {
	const all = await cluster.listRevisions(namespace, selector);
	return all.filter(({ owner }) => owner === name).sort((one, other) => one.revision - other.revision);
}

function describe(
	{ revision, name: replicaSet, createdAt, replicas, changeCause, containers }: RevisionFacts,
	deployment: DeploymentFacts,
): Revision {
	return {
		revision,
		replicaSet,
		current: String(revision) === deployment.revision,
		createdAt,
		replicas,
		changeCause,
		containers: containers.map(({ name, image }) => ({ name, image, digest: imageDigest(image) ?? '' })),
	};
}
