import { releaseErrors } from './errors';
import type { Ledger } from './ledger';
import type { Release, ReleaseContext } from './model';

/**
 * Lets a sub-workflow go on with a release under the token it was given.
 * @throws RunbookError RELEASE.UNKNOWN, NOT_JOINABLE (it has finished), FENCED_OUT (the token is stale)
 */
export async function joinRelease(ledger: Ledger, { id, token }: ReleaseContext): Promise<Release> {
	const release = await ledger.readRelease(id);
	if (!release) throw releaseErrors.UNKNOWN({ releaseId: id });
	if (release.finishedAt) throw releaseErrors.NOT_JOINABLE({ releaseId: id, state: release.state });
	if (release.token !== token) throw releaseErrors.FENCED_OUT({ releaseId: id, token });
	return release;
}
