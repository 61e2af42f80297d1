import { checkPlan } from './checkPlan';
import { releaseErrors } from './errors';
import type { Ledger, PlanPart } from './ledger';
import type { Release, ReleaseContext } from './model';

/**
 * Lets a sub-workflow go on with a release under the token it was given, if what it would do is what the release began with, and
 * starts the clock of its phase.
 * @param options.phase name of the phase; empty: no clock, and only what was promised before is checked
 * @throws RunbookError RELEASE.UNKNOWN, NOT_JOINABLE (it has finished), FENCED_OUT (the token is stale), WORKFLOW_CHANGED
 */
export async function joinRelease(
	ledger: Pick<Ledger, 'readRelease' | 'registerPlan' | 'readPlan' | 'startPhase'>,
	{ id, token }: ReleaseContext,
	{ parts = [], phase = '' }: { readonly parts?: readonly PlanPart[]; readonly phase?: string } = {},
): Promise<Release> {
	const release = await ledger.readRelease(id);
	if (!release) throw releaseErrors.UNKNOWN({ releaseId: id });
	if (release.finishedAt) throw releaseErrors.NOT_JOINABLE({ releaseId: id, state: release.state });
	if (release.token !== token) throw releaseErrors.FENCED_OUT({ releaseId: id, token });
	await checkPlan(ledger, id, phase === '' ? await planned(ledger, id, parts) : parts);
	if (phase !== '') await ledger.startPhase(id, phase);
	return release;
}

/** A workflow that is no phase promised nothing, unless it was one when the release began: then a blanked phase changes it, too. */
async function planned(
	ledger: Pick<Ledger, 'readPlan'>,
	releaseId: string,
	parts: readonly PlanPart[],
): Promise<PlanPart[]> {
	const known = new Set((await ledger.readPlan(releaseId)).map(({ part }) => part));
	return parts.filter(({ part }) => known.has(part));
}
