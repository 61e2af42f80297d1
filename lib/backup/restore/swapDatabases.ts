import type { Client } from 'pg';
import type { PostgresConnection } from '../../support/postgres.client';
import { describeReason } from '../describeReason';
import { errorCode, isServerError, openSession, type Session } from '../session.client';
import { endSessions, renameBoth, type Renames } from './databases.client';
import { restoreErrors } from './errors';

/** Sessions come back as fast as their pools connect; each round ends those that got in before the name was locked. */
const ROUND_MS = 50;
/** Postgres itself waits so long for sessions to end before it refuses a rename. */
const RENAME_WAIT_SECONDS = 5;

export interface Swap extends Renames {
	/** The name that is taken over. */
	readonly live: string;
	/** To the maintenance database. */
	readonly maintenance: PostgresConnection;
	sleep(durationMs: number): Promise<void>;
}

/**
 * Swaps two databases: the name is locked by the first rename, a second session ends whoever is still in, and both renames are committed
 * together. There is no moment at which a kill leaves the name without a database or the database closed.
 * @returns the server's time of the swap, ISO 8601
 * @throws RunbookError RESTORE.SESSIONS_REMAIN, NOT_PERMITTED, SWAP_FAILED; the driver's error when the session was lost: then look again
 */
export async function swapDatabases(client: Client, swap: Swap): Promise<string> {
	const { live, incoming, maintenance, sleep } = swap;
	const janitor = await openSession(maintenance, new AbortController().signal);
	let renaming = true;
	const ending = (async (): Promise<void> => {
		while (renaming) {
			await endSessions(janitor.client, live);
			await endSessions(janitor.client, incoming.from);
			await sleep(ROUND_MS);
		}
	})();
	ending.catch(() => undefined);
	try {
		return await renameBoth(client, live, swap);
	} catch (error) {
		throw explain(error, swap);
	} finally {
		renaming = false;
		await settle(ending, janitor);
	}
}

async function settle(ending: Promise<void>, janitor: Session): Promise<void> {
	await ending.catch(() => undefined);
	await janitor.close();
}

function explain(error: unknown, { live, maintenance }: Swap): unknown {
	if (!isServerError(error)) return error;
	const sqlstate = errorCode(error) ?? '';
	if (sqlstate === '55006')
		return restoreErrors.SESSIONS_REMAIN({ database: live, seconds: RENAME_WAIT_SECONDS }, error);
	if (sqlstate === '42501')
		return restoreErrors.NOT_PERMITTED({ user: maintenance.user, action: `rename ${live}`, sqlstate }, error);
	return restoreErrors.SWAP_FAILED({ database: live, problem: describeReason(error), sqlstate }, error);
}
