import { randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster';
import { changeDeployment, type DeploymentPlace } from './changeDeployment';
import { chooseRevision, type RevisionTarget } from './chooseRevision';
import { readRevisions } from './readHistory';

/** Carries which call wrote last: after a lost answer it tells whether that write took effect. */
const UNDO_ANNOTATION = 'deployment-runbook/undo';

export interface Undone {
	readonly alreadyThere: boolean;
	readonly fromRevision: string;
	/** Its number before: the controller gives it the next one. */
	readonly toRevision: number;
	readonly image: string;
}

/**
 * kubectl rollout undo --to-revision, pinned: the pod template of a named revision, or of the newest one with a digest, is put back as a
 * whole, unless somebody wrote to the Deployment meanwhile. It is there already: nothing is written. Replicas, Services, ConfigMaps and
 * Secrets do not come back with it.
 * @throws RunbookError as chooseRevision and changeDeployment do
 */
export async function undo(
	cluster: Cluster,
	place: DeploymentPlace,
	options: { readonly wanted: RevisionTarget; readonly container: string },
): Promise<Undone> {
	const { namespace, deployment: name } = place;
	const before = await cluster.readDeployment(namespace, name);
	const { target, image, isCurrent } = chooseRevision(
		before,
		await readRevisions(cluster, namespace, before),
		options,
	);
	const outcome = { fromRevision: before.revision, toRevision: target.revision, image };
	if (isCurrent) return { alreadyThere: true, ...outcome };
	const call = `${target.name}/${randomUUID()}`;
	await changeDeployment(cluster, place, (current) =>
		current.annotations[UNDO_ANNOTATION] === call
			? undefined
			: {
					spec: [{ op: 'replace', path: '/spec/template', value: target.template }],
					annotations: { [UNDO_ANNOTATION]: call },
				},
	);
	return { alreadyThere: false, ...outcome };
}
