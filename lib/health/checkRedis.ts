import type { Clock } from '../support/clock';
import { classifyNetworkFailure } from '../support/networkFailure';
import type { Verdict } from '../support/verdict';
import { assessRedis, readRedisFacts, type RedisFacts, type RedisLimits } from './assessRedis';
import type { ProbeResult, TargetResult } from './model';
import { askRedis, type RedisConnection } from './redis.client';

export interface RedisTargetResult extends TargetResult {
	/** Null when the server did not answer. */
	readonly facts: RedisFacts | null;
}

export interface CheckRedisOptions {
	readonly limits: RedisLimits;
	/** For connecting and asking, in milliseconds. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/** Authenticates, pings, reads role, memory and persistence, and judges. @throws only the signal's reason. */
export async function checkRedis(
	connection: RedisConnection,
	options: CheckRedisOptions,
): Promise<{ verdict: Verdict; targets: readonly RedisTargetResult[] }> {
	const startedMs = options.clock.monotonicMs();
	const { facts, outcome, reason } = await probe(connection, options);
	const verdict = VERDICTS[outcome];
	const durationMs = Math.round(options.clock.monotonicMs() - startedMs);
	return {
		verdict,
		targets: [{ name: `redis database ${connection.database}`, verdict, reason, durationMs, facts }],
	};
}

const VERDICTS = { ok: 'passed', failed: 'failed', gap: 'inconclusive' } as const;

async function probe(
	connection: RedisConnection,
	{ limits, timeoutMs, signal }: CheckRedisOptions,
): Promise<ProbeResult & { readonly facts: RedisFacts | null }> {
	try {
		const facts = readRedisFacts(await askRedis(connection, { timeoutMs, signal }));
		return { ...assessRedis(facts, limits), facts };
	} catch (error) {
		signal.throwIfAborted();
		const { kind, reason } = classifyNetworkFailure(error);
		return { outcome: kind, reason, facts: null };
	}
}
