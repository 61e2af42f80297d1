import type { ProbeResult } from './model';

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
}

export interface PostgresLimits {
	/** Largest share of the allowed connections in use, 0 to 1. */
	readonly connectionsUsedRatio: number;
	/** Whether a server that takes no writes is fine. */
	readonly allowReadOnly: boolean;
}

/** A database is healthy when it answers, takes writes, and has connections to spare. */
export function assessPostgres(
	facts: PostgresFacts,
	{ connectionsUsedRatio, allowReadOnly }: PostgresLimits,
): ProbeResult {
	const { connectionsUsed, connectionsAllowed } = facts;
	const use = `${connectionsUsed} of ${connectionsAllowed} connections in use`;
	if (!allowReadOnly && facts.inRecovery)
		return { outcome: 'failed', reason: 'the server is a standby: it takes no writes' };
	if (!allowReadOnly && facts.readOnly)
		return { outcome: 'failed', reason: 'the database is read-only: it takes no writes' };
	if (!(connectionsUsed <= connectionsAllowed * connectionsUsedRatio)) {
		return { outcome: 'failed', reason: `${use}, at most ${Math.round(connectionsUsedRatio * 100)} % are allowed` };
	}
	return { outcome: 'ok', reason: use };
}
