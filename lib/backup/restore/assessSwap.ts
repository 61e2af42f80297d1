import { WAIVERS, type EndpointAnswer, type Hazard, type SwapFacts, type Waiver } from './model';

type Found = Omit<Hazard, 'standing'> & { readonly handled?: boolean };

/**
 * What a swap would do to everybody else who uses the database, each handled by the swap, accepted by its word, or in the way. The credential's
 * own address is the first of the endpoints. Pure.
 */
export function assessSwap(facts: SwapFacts, waivers: readonly Waiver[]): Hazard[] {
	const found = [
		...rights(facts),
		...migration(facts),
		...preparedTransactions(facts),
		...endpoints(facts),
		...standbys(facts),
		...slots(facts),
		...subscriptions(facts),
		...scheduledJobs(facts),
		...sessions(facts),
	];
	const accepted: readonly string[] = WAIVERS.filter((word) => waivers.includes(word));
	return found.map(({ handled, ...hazard }) => ({
		...hazard,
		standing: handled ? 'handled' : accepted.includes(hazard.kind) ? 'waived' : 'open',
	}));
}

/** The hazards that stand in the way. */
export function openHazards(hazards: readonly Hazard[]): Hazard[] {
	return hazards.filter(({ standing }) => standing === 'open');
}

function rights({ rights: problem }: SwapFacts): Found[] {
	if (problem === '') return [];
	return [
		{
			kind: 'rights',
			names: [],
			text: `Swapping is not permitted: ${problem}`,
			remedy: 'Grant what is missing, or turn "Swap" off and follow the procedure that is printed',
		},
	];
}

function migration({ isMigrating, database }: SwapFacts): Found[] {
	if (!isMigrating) return [];
	const text = `Somebody migrates ${database} at this moment; a swap would end the migration in the middle`;
	return [{ kind: 'migration', names: [database], text, remedy: 'Wait until the migration has ended' }];
}

function preparedTransactions({ preparedTransactions: prepared }: SwapFacts): Found[] {
	return prepared.map(({ id, owner, preparedAt }) => ({
		kind: 'preparedTransaction',
		names: [id],
		text: `The transaction "${id}" of ${owner} is prepared since ${preparedAt}; while it is, the database cannot be renamed`,
		remedy: `Let whoever coordinates it decide, in the database: COMMIT PREPARED or ROLLBACK PREPARED`,
	}));
}

function endpoints({ endpoints: answers, databaseOid, systemIdentifier }: SwapFacts): Found[] {
	return answers.flatMap((answer, index): Found[] => {
		const { endpoint } = answer;
		const problem = endpointProblem(answer, { databaseOid, systemIdentifier });
		if (problem !== '')
			return [
				{
					kind: 'endpoint',
					names: [endpoint],
					text: `The endpoint ${endpoint} ${problem}, so it could not be told whether it follows`,
					remedy: 'Correct the list of endpoints, or bring the endpoint up',
				},
			];
		if (!answer.isPooler) return [];
		const handled = index > 0;
		return [
			{
				kind: 'pooler',
				names: [endpoint],
				text: handled
					? `The pooler ${endpoint} loses its server connections; a fresh connection through it is checked afterwards`
					: `The credential leads to a pooler, ${endpoint}: behind it a session’s locks belong to nobody`,
				remedy: handled
					? 'Nothing'
					: 'Use a credential with the server’s own address, and declare the pooler as an endpoint',
				handled,
			},
		];
	});
}

/** Why an endpoint does not lead to the database; empty when it does. */
export function endpointProblem(
	{ databaseOid, systemIdentifier, problem }: EndpointAnswer,
	wanted: { readonly databaseOid: number; readonly systemIdentifier: string | null },
): string {
	if (problem !== '') return `does not answer (${problem})`;
	if (systemIdentifier !== null && wanted.systemIdentifier !== null && systemIdentifier !== wanted.systemIdentifier)
		return `leads to another server (system ${systemIdentifier})`;
	return databaseOid === wanted.databaseOid ? '' : `leads to another database (OID ${databaseOid ?? 'unknown'})`;
}

/** Each standby needs an endpoint of its own: through it its old sessions are ended, and a fresh one is checked. */
function standbys({ standbys: streaming, endpoints: answers }: SwapFacts): Found[] {
	if (streaming.length === 0) return [];
	const declared = answers.filter(({ isStandby }) => isStandby).length;
	return [
		{
			kind: 'standby',
			names: streaming.map(({ application, address }) => `${application} (${address})`),
			text: `${streaming.length} standbys stream from this server: sessions open there go on reading the old database under its new name`,
			remedy: 'Declare an endpoint for each standby: its sessions are ended there and a fresh connection is checked',
			handled: declared >= streaming.length,
		},
	];
}

function slots({ slots: all }: SwapFacts): Found[] {
	const named = (kind: 'physical' | 'logical'): string[] =>
		all.filter((slot) => slot.kind === kind).map(({ name }) => name);
	const [physical, logical] = [named('physical'), named('logical')];
	const found: Found[] = [];
	if (physical.length > 0)
		found.push({
			kind: 'physicalSlot',
			names: physical,
			text: 'Physical slots carry the swap to their standbys with the rest of the WAL',
			remedy: 'Nothing',
			handled: true,
		});
	if (logical.length > 0)
		found.push({
			kind: 'logicalSlot',
			names: logical,
			text: 'Logical slots stay with the old database: their consumers see nothing of the restored one, and the server keeps WAL for them',
			remedy: 'Stop the consumers and drop the slots (pg_drop_replication_slot); create them anew after the swap',
		});
	return found;
}

function subscriptions({ subscriptions: all }: SwapFacts): Found[] {
	if (all.length === 0) return [];
	return [
		{
			kind: 'subscription',
			names: all.map(({ name }) => name),
			text: 'Subscriptions stay with the old database and go on applying there; the restored one has none',
			remedy: 'ALTER SUBSCRIPTION … DISABLE, and create them anew in the restored database after the swap',
		},
	];
}

function scheduledJobs({ scheduledJobs: jobs }: SwapFacts): Found[] {
	if (jobs?.length === 0) return [];
	return [
		{
			kind: 'scheduledJob',
			names: jobs?.map(({ id, schedule }) => `${id} (${schedule})`) ?? ['not visible to this role'],
			text: 'Scheduled jobs of pg_cron go by the database’s name: they run against the restored data, and may repeat what they did before',
			remedy: 'Pause them until the restored data was looked at: cron.alter_job(…, active := false)',
		},
	];
}

function sessions({ sessions: open }: SwapFacts): Found[] {
	if (open.length === 0) return [];
	const names = open.map(({ application, user, count, inTransaction }) => {
		return `${application} as ${user}: ${count} sessions, ${inTransaction} in a transaction`;
	});
	return [
		{
			kind: 'session',
			names,
			text: 'Clients are connected. The swap ends their sessions; what they write until then is in the kept database only',
			remedy: 'Stop every writer first (scale it to zero), or accept it',
		},
	];
}
