import type { ProbeResult } from './model';

/** A standby as its primary sees it. */
export interface StandbyFacts {
	/** Its `application_name`; null when the user may not see it. */
	readonly name: string | null;
	/** E.g. `streaming` or `catchup`; null when the user may not see it. */
	readonly state: string | null;
	/** Bytes of WAL that it has not replayed yet; null when the user may not see it. */
	readonly lagBytes: number | null;
}

/** The row of `pg_stat_database`, counted since its statistics were reset. */
export interface DatabaseActivity {
	readonly database: string;
	readonly backends: number;
	readonly commits: number;
	readonly rollbacks: number;
	readonly tuplesReturned: number;
	readonly tuplesFetched: number;
}

/** What the server said. */
export interface PostgresFacts {
	/** As `version()` gives it. */
	readonly version: string;
	/** The server's clock, ISO 8601. */
	readonly serverTime: string;
	readonly connectionsUsed: number;
	/** max_connections without those reserved for superusers. */
	readonly connectionsAllowed: number;
	/** True on a standby. */
	readonly inRecovery: boolean;
	/** True when new transactions are read-only by default, as in a write freeze. */
	readonly readOnly: boolean;
	/** Physical standbys that are connected to it. */
	readonly standbys: readonly StandbyFacts[];
	/** On a standby, what it has received and not replayed, in bytes, and whether it receives at all; null on a primary. */
	readonly following: { readonly receives: boolean; readonly lagBytes: number | null } | null;
	readonly activity: DatabaseActivity;
}

export interface PostgresLimits {
	/** Largest share of the allowed connections in use, 0 to 1. */
	readonly connectionsUsedRatio: number;
	/** Whether a server that takes no writes is fine. */
	readonly allowReadOnly: boolean;
	/** Least number of connected standbys. */
	readonly leastStandbys: number;
	/** Most WAL, in bytes, that a standby may not have replayed yet; absent: not judged. */
	readonly lagBytes?: number;
}

/** A database is healthy when it answers, takes writes, has connections to spare, and its standbys follow. */
export function assessPostgres(facts: PostgresFacts, limits: PostgresLimits): ProbeResult {
	const { connectionsUsedRatio, allowReadOnly, leastStandbys } = limits;
	const { connectionsUsed, connectionsAllowed } = facts;
	const use = `${connectionsUsed} of ${connectionsAllowed} connections in use`;
	if (!allowReadOnly && facts.inRecovery)
		return { outcome: 'failed', reason: 'the server is a standby: it takes no writes' };
	if (!allowReadOnly && facts.readOnly)
		return { outcome: 'failed', reason: 'the database is read-only: it takes no writes' };
	if (!(connectionsUsed <= connectionsAllowed * connectionsUsedRatio)) {
		return { outcome: 'failed', reason: `${use}, at most ${Math.round(connectionsUsedRatio * 100)} % are allowed` };
	}
	const { length } = facts.standbys;
	if (length < leastStandbys)
		return { outcome: 'failed', reason: `${length} standbys are connected, at least ${leastStandbys} are wanted` };
	return assessLag(facts, limits) ?? { outcome: 'ok', reason: use };
}

function assessLag({ standbys, following }: PostgresFacts, { lagBytes }: PostgresLimits): ProbeResult | undefined {
	if (lagBytes === undefined) return undefined;
	if (following && !following.receives)
		return { outcome: 'failed', reason: 'the standby receives nothing from its primary' };
	const lags = [...standbys, ...(following ? [{ name: 'itself', lagBytes: following.lagBytes }] : [])];
	const unknown = lags.find((lag) => lag.lagBytes === null);
	if (unknown)
		return { outcome: 'gap', reason: 'how far a standby lags behind is not visible: grant pg_monitor to the user' };
	const late = lags.find((lag) => !((lag.lagBytes ?? Number.NaN) <= lagBytes));
	if (!late) return undefined;
	return {
		outcome: 'failed',
		reason: `standby ${late.name ?? ''} lags ${late.lagBytes} bytes behind, at most ${lagBytes} are allowed`,
	};
}
