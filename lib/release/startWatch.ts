import { assessPhase } from './assessPhase';
import { PROOFS_OF_SUCCESS } from './assessTerminalState';
import { releaseErrors } from './errors';
import type { Ledger } from './ledger';
import type { Release, ReleaseContext } from './model';

/**
 * Enters the watch that follows the switch: the environment stays locked and the automatic rollback armed until it ends. Forward drains: the
 * replaced version is scaled down at the end of the watch, so it lasts at least as long as clients may take to leave it.
 * @param windowMs how long it lasts, in milliseconds
 * @param drainMs how long clients may take, in milliseconds; absent: no longer than the watch
 * @throws RunbookError RELEASE.STEP_NOT_PROVEN when the switch or a validation is not recorded as passed; FENCED_OUT
 */
export async function startWatch(
	ledger: Ledger,
	release: ReleaseContext,
	{ windowMs, drainMs = 0 }: { windowMs: number; drainMs?: number },
): Promise<Release> {
	const { steps } = assessPhase(PROOFS_OF_SUCCESS, await ledger.readSteps(release.id));
	const open = steps.find(({ state }) => state !== 'passed');
	if (open)
		throw releaseErrors.STEP_NOT_PROVEN({
			stepKey: 'watch',
			required: open.stepKey,
			releaseId: release.id,
			state: open.state,
		});
	return await ledger.enterWatching(release, Math.max(windowMs, drainMs));
}
