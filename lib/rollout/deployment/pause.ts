import type { Cluster } from '../cluster';
import { changeDeployment, type DeploymentPlace } from './changeDeployment';

/** kubectl rollout pause and resume: whether changes of the template are rolled out. @throws as changeDeployment does */
export async function pause(
	cluster: Cluster,
	place: DeploymentPlace,
	{ paused }: { readonly paused: boolean },
): Promise<{ paused: boolean; changed: boolean }> {
	const { changed } = await changeDeployment(cluster, place, (current) =>
		current.paused === paused ? undefined : { spec: [{ op: 'add', path: '/spec/paused', value: paused }] },
	);
	return { paused, changed };
}
