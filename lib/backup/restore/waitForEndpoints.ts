import { endpointProblem } from './assessSwap';
import { askEndpoints, endStandbySessions } from './endpoints.client';
import { restoreErrors } from './errors';
import type { EndpointAnswer } from './model';
import type { OpenRestore, RestoreOptions } from './openRestore';
import { withOwnAddress } from './readSwap';
import { readSystemIdentifier } from './swapFacts.client';

/** A standby replays the swap within moments; a pooler that must be told is not worth a longer wait. */
const ENDPOINTS_WAIT_MS = 30_000;
const ENDPOINTS_INTERVAL_MS = 500;

/**
 * Waits until a fresh connection through every endpoint comes to `databaseOid`; sessions that still read the replaced database on standbys
 * are ended meanwhile. @throws RunbookError RESTORE.ENDPOINT_STALE
 */
export async function waitForEndpoints(
	{ client, live }: OpenRestore,
	{ endpoints, clock, signal }: RestoreOptions,
	{ databaseOid, replacedOid }: { databaseOid: number; replacedOid: number },
): Promise<EndpointAnswer[]> {
	const wanted = { databaseOid, systemIdentifier: await readSystemIdentifier(client) };
	const all = withOwnAddress(live, endpoints);
	const until = clock.monotonicMs() + ENDPOINTS_WAIT_MS;
	for (;;) {
		const answers = await askEndpoints(live, all);
		const standbys = all.filter((_, index) => answers[index]?.isStandby);
		await endStandbySessions(live, { endpoints: standbys, oid: replacedOid });
		const stale = answers.filter((answer) => endpointProblem(answer, wanted) !== '');
		if (stale.length === 0) return answers;
		if (clock.monotonicMs() >= until) {
			const problem = stale.map((answer) => `${answer.endpoint} ${endpointProblem(answer, wanted)}`).join('; ');
			throw restoreErrors.ENDPOINT_STALE({ database: live.database, problem });
		}
		await clock.sleep(ENDPOINTS_INTERVAL_MS, signal);
	}
}
