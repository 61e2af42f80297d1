import { releaseErrors } from './errors';
import type { PlanPart, PlanStore } from './ledger';

/**
 * Holds parts of what would run now against what the release began with; parts it does not know yet are registered.
 * @throws RunbookError RELEASE.WORKFLOW_CHANGED naming the part that differs
 */
export async function checkPlan(ledger: PlanStore, releaseId: string, parts: readonly PlanPart[]): Promise<void> {
	const known = new Map((await ledger.registerPlan(releaseId, parts)).map(({ part, hash }) => [part, hash]));
	const changed = parts.find(({ part, hash }) => known.get(part) !== hash);
	if (changed) throw releaseErrors.WORKFLOW_CHANGED({ releaseId, part: changed.part });
}
