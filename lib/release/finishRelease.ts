import { assessTerminalState } from './assessTerminalState';
import { releaseErrors } from './errors';
import type { Ledger } from './ledger';
import type { Release, ReleaseContext } from './model';

/**
 * Ends a release in the state that its steps prove, and frees the environment. Ending it again answers with how it ended.
 * @throws RunbookError RELEASE.UNKNOWN, FENCED_OUT
 */
export async function finishRelease(
	ledger: Ledger,
	context: ReleaseContext,
	{ reason, now }: { reason: string; now: Date },
): Promise<Release> {
	const release = await ledger.readRelease(context.id);
	if (!release) throw releaseErrors.UNKNOWN({ releaseId: context.id });
	if (release.finishedAt) return release;
	const state = assessTerminalState(release, await ledger.readSteps(context.id), now);
	return await ledger.finishRelease(context, state, reason);
}
