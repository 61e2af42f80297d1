import type { Cluster, PatchOperation } from '../cluster';
import { rolloutErrors } from '../errors';
import { changeDeployment, type DeploymentPlace } from './changeDeployment';

/** The annotation by which kubectl restarts, too: its history stays one. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
const PATH = '/spec/template/metadata/annotations';

/**
 * kubectl rollout restart: every pod is replaced, a few at a time. The same time given twice restarts once.
 * @throws RunbookError ROLLOUT.PAUSED, and as changeDeployment does
 */
export async function restart(
	cluster: Cluster,
	place: DeploymentPlace,
	{ at }: { readonly at: Date },
): Promise<{ restartedAt: string; changed: boolean }> {
	const restartedAt = at.toISOString();
	const { changed } = await changeDeployment(cluster, place, ({ name, paused, podAnnotations }) => {
		if (podAnnotations[RESTARTED_AT] === restartedAt) return undefined;
		if (paused) throw rolloutErrors.PAUSED({ deployment: name });
		const room: PatchOperation[] =
			Object.keys(podAnnotations).length === 0 ? [{ op: 'add', path: PATH, value: {} }] : [];
		const key = RESTARTED_AT.replace('/', '~1');
		return { spec: [...room, { op: 'add', path: `${PATH}/${key}`, value: restartedAt }] };
	});
	return { restartedAt, changed };
}
