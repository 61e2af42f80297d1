/** More attempts than that are not looked for: each costs a call, and a release that was resumed so often is looked at by people. */
const MOST_ATTEMPTS = 100;

/**
 * The backup id of a later attempt of the same release. Each attempt has a token of its own and so an id of its own: a holder that
 * slept writes beside what a newer one wrote, never over it. `attempt`: tokens since the first one, 0 for the first.
 */
export function backupIdOfAttempt(firstId: string, attempt: number): string {
	return `${firstId.slice(0, -4)}${(attempt % 0x1_0000).toString(16).padStart(4, '0')}`;
}

/** Ids of the attempts up to `attempt`, newest first. */
export function backupIdsUpTo(firstId: string, attempt: number): string[] {
	const count = Math.min(attempt + 1, MOST_ATTEMPTS);
	return Array.from({ length: count }, (_, index) => backupIdOfAttempt(firstId, attempt - index));
}
