import type { Clock } from '../support/clock';
import type { PostgresConnection } from '../support/postgres.client';
import type { Verdict } from '../support/verdict';
import { assessPostgres, type PostgresFacts, type PostgresLimits } from './assessPostgres';
import { classifyPostgresFailure } from './classifyPostgresFailure';
import type { ProbeResult, TargetResult } from './model';
import { readPostgresFacts } from './postgresHealth.client';

export interface PostgresTargetResult extends TargetResult {
	/** Null when the server did not answer. */
	readonly facts: PostgresFacts | null;
}

export interface CheckPostgresOptions {
	readonly limits: PostgresLimits;
	/** For connecting and asking, in milliseconds. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/** Connects, asks for version, time and connections, and judges. @throws only the signal's reason. */
export async function checkPostgres(
	connection: PostgresConnection,
	{ limits, timeoutMs, clock, signal }: CheckPostgresOptions,
): Promise<{ verdict: Verdict; targets: readonly PostgresTargetResult[] }> {
	const startedMs = clock.monotonicMs();
	const { facts, outcome, reason } = await probe(connection, { limits, timeoutMs, signal });
	const verdict = VERDICTS[outcome];
	const durationMs = Math.round(clock.monotonicMs() - startedMs);
	return { verdict, targets: [{ name: connection.database, verdict, reason, durationMs, facts }] };
}

const VERDICTS = { ok: 'passed', failed: 'failed', gap: 'inconclusive' } as const;

async function probe(
	connection: PostgresConnection,
	{ limits, timeoutMs, signal }: Omit<CheckPostgresOptions, 'clock'>,
): Promise<ProbeResult & { readonly facts: PostgresFacts | null }> {
	try {
		const facts = await readPostgresFacts(connection, { timeoutMs, signal });
		return { ...assessPostgres(facts, limits), facts };
	} catch (error) {
		signal.throwIfAborted();
		const { kind, reason } = classifyPostgresFailure(error);
		return { outcome: kind, reason, facts: null };
	}
}
