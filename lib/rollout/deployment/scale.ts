import type { Cluster } from '../cluster';
import { rolloutErrors } from '../errors';
import { changeDeployment, type DeploymentPlace } from './changeDeployment';

export interface Scaled {
	readonly replicas: number;
	/** What there were before. */
	readonly from: number;
	readonly changed: boolean;
}

/**
 * kubectl scale, with `--current-replicas`: it changes nothing when there are others than expected. `expected` undefined: whatever there are.
 * @throws RunbookError ROLLOUT.REPLICAS_DIFFER, and as changeDeployment does
 */
export async function scale(
	cluster: Cluster,
	place: DeploymentPlace,
	{ replicas, expected }: { readonly replicas: number; readonly expected: number | undefined },
): Promise<Scaled> {
	let from = replicas;
	const { changed } = await changeDeployment(cluster, place, ({ name, wanted }) => {
		if (wanted === replicas) return undefined;
		if (expected !== undefined && wanted !== expected)
			throw rolloutErrors.REPLICAS_DIFFER({ deployment: name, actual: wanted, expected });
		from = wanted;
		return { spec: [{ op: 'add', path: '/spec/replicas', value: replicas }] };
	});
	return { replicas, from, changed };
}
