import type { SourceIdentity } from '../model';
import { assessSwap, openHazards } from './assessSwap';
import { askEndpoints } from './endpoints.client';
import { restoreErrors } from './errors';
import type { Endpoint, Hazard, SwapFacts, Waiver } from './model';
import type { OpenRestore, RestoreOptions } from './openRestore';
import { readServerFacts } from './swapFacts.client';

export interface SwapPreflight {
	readonly facts: SwapFacts;
	readonly hazards: readonly Hazard[];
}

/** Everything that a swap would do to others, read now. `source`: where the backup came from; absent when none is restored. */
export async function readSwap(
	{ client, live }: OpenRestore,
	{ endpoints, waivers }: Pick<RestoreOptions, 'endpoints' | 'waivers'>,
	source?: SourceIdentity,
): Promise<SwapPreflight> {
	const server = await readServerFacts(client, live);
	if (!server)
		throw restoreErrors.UNSURE({ database: live.database, problem: `there is no database ${live.database}` });
	const facts = { ...server, endpoints: await askEndpoints(live, withOwnAddress(live, endpoints)) };
	return { facts, hazards: [...(source ? assessOrigin(source, facts, waivers) : []), ...assessSwap(facts, waivers)] };
}

/** @throws RunbookError RESTORE.SWAP_BLOCKED naming all that stands in the way */
export function refuseOpenHazards(hazards: readonly Hazard[], database: string): void {
	const open = openHazards(hazards);
	if (open.length === 0) return;
	const problem = open.map(
		({ kind, text, names }) => `${kind}: ${text}${names.length > 0 ? ` (${names.join(', ')})` : ''}`,
	);
	const remedy = open.map(({ kind, remedy: one }) => `${kind}: ${one}`);
	throw restoreErrors.SWAP_BLOCKED({ database, problem: problem.join('; '), remedy: remedy.join('; ') });
}

/** The credential's own address is always one of them. */
export function withOwnAddress(live: { host: string; port: number }, endpoints: readonly Endpoint[]): Endpoint[] {
	return [{ host: live.host, port: live.port }, ...endpoints];
}

/**
 * A backup is at home in the database that it was taken from, and in the one that took that one's place: same server, same name.
 */
export function assessOrigin(
	{ systemIdentifier, databaseOid, databaseName }: SourceIdentity,
	facts: Pick<SwapFacts, 'systemIdentifier' | 'databaseOid' | 'database'>,
	waivers: readonly Waiver[],
): Hazard[] {
	const sameServer = systemIdentifier === facts.systemIdentifier;
	if (sameServer && (databaseOid === facts.databaseOid || databaseName === facts.database)) return [];
	return [
		{
			kind: 'foreignBackup',
			names: [`${databaseName} (system ${systemIdentifier}, OID ${databaseOid})`],
			text: `The backup was taken from ${databaseName}${sameServer ? '' : ' of another server'}, not from ${facts.database}`,
			remedy: 'Choose a backup of this database, or accept it knowingly',
			standing: waivers.includes('foreignBackup') ? 'waived' : 'open',
		},
	];
}
