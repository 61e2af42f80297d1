import type { Verdict } from '../../support/verdict';
import type { Cluster } from '../cluster';
import type { ReleaseSet } from '../model';
import { accessNeeds, nameOfNeed, type AccessNeed, type AccessOptions } from './accessNeeds';

export interface MissingAccess {
	/** e.g. `patch services api`. */
	readonly missing: string;
	readonly purpose: string;
}

export interface CheckedAccess {
	readonly namespace: string;
	readonly verdict: Verdict;
	readonly checked: number;
	readonly missing: readonly MissingAccess[];
	/** What a rollout works without. */
	readonly missingOptional: readonly MissingAccess[];
	/** What to do; empty when nothing is missing. */
	readonly remedy: string;
}

/**
 * Asks the API itself (SelfSubjectAccessReview) whether the credential may do each thing that a release does, before it does the first.
 * Nothing is written. `failed` names every verb that is missing.
 * @throws RunbookError what the call throws: an account that may not even ask is no verdict
 */
export async function checkAccess(cluster: Cluster, set: ReleaseSet, options: AccessOptions): Promise<CheckedAccess> {
	const needs = accessNeeds(set, options);
	const answers = await Promise.all(needs.map((need) => cluster.mayI(need.namespace ?? set.namespace, need)));
	const refused = needs.filter((_, index) => answers[index] !== true);
	const missing = refused.filter(({ optional }) => !optional).map(asMissing);
	return {
		namespace: set.namespace,
		verdict: missing.length === 0 ? 'passed' : 'failed',
		checked: needs.length,
		missing,
		missingOptional: refused.filter(({ optional }) => optional).map(asMissing),
		remedy:
			missing.length === 0
				? ''
				: `Add these to the role of the credential's account in the namespace that each is of; docs/kubernetes-rbac.yaml holds the whole role`,
	};
}

function asMissing(need: AccessNeed): MissingAccess {
	return { missing: nameOfNeed(need), purpose: need.purpose };
}
