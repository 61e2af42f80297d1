import { rolloutErrors } from '../errors';
import { imageDigest } from '../imageDigest';
import type { DeploymentFacts, RevisionFacts } from '../model';

/** Where to go: a revision by its number, or the newest one that runs a digest. */
export type RevisionTarget = { readonly revision: number } | { readonly digest: string };

export interface ChosenRevision {
	readonly target: RevisionFacts;
	/** The pinned image of the container. */
	readonly image: string;
	/** True when the Deployment asks for it already. */
	readonly isCurrent: boolean;
}

/**
 * The revision that a Deployment goes back to. Never "the one before", and never a tag: what it stands for may have changed.
 * @throws RunbookError ROLLOUT.REVISION_MISSING naming those there are, CONTAINER_MISSING, DIGEST_UNKNOWN, PAUSED
 */
export function chooseRevision(
	deployment: DeploymentFacts,
	revisions: readonly RevisionFacts[],
	{ wanted, container }: { wanted: RevisionTarget; container: string },
): ChosenRevision {
	const { name } = deployment;
	const imageOf = ({ containers }: RevisionFacts): string | undefined =>
		containers.find((candidate) => candidate.name === container)?.image;
	const matches = (candidate: RevisionFacts): boolean =>
		'revision' in wanted
			? candidate.revision === wanted.revision
			: imageDigest(imageOf(candidate) ?? '') === wanted.digest;
	const target = revisions.filter(matches).sort((one, other) => other.revision - one.revision)[0];
	if (!target) {
		const there = revisions.map((entry) => `${entry.revision} (${imageOf(entry) ?? 'no such container'})`);
		throw rolloutErrors.REVISION_MISSING({
			deployment: name,
			wanted: 'revision' in wanted ? `revision ${wanted.revision}` : `digest ${wanted.digest}`,
			there: there.join(', ') || 'none',
		});
	}
	const image = imageOf(target);
	if (image === undefined) throw rolloutErrors.CONTAINER_MISSING({ deployment: name, container });
	if (imageDigest(image) === undefined) {
		const problem = `revision ${target.revision} asks for the tag ${image}, which may be another image by now`;
		throw rolloutErrors.DIGEST_UNKNOWN({ deployment: name, problem });
	}
	const isCurrent = String(target.revision) === deployment.revision;
	if (!isCurrent && deployment.paused) throw rolloutErrors.PAUSED({ deployment: name });
	return { target, image, isCurrent };
}
