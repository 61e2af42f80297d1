import { classifyNetworkFailure } from '../support/networkFailure';
import { worstVerdict, type Verdict } from '../support/verdict';
import { attemptProbes, reasonOf, type AttemptOptions } from './attemptProbes';
import type { ProbeResult, TargetResult, TcpTarget } from './model';
import { connectTcp } from './tcp.client';

export interface CheckTcpOptions extends AttemptOptions {
	/** For one connection, in milliseconds. */
	readonly timeoutMs: number;
}

export interface TcpTargetResult extends TargetResult {
	/** `host:port`. */
	readonly address: string;
	/** Connections that were taken, and that were tried. */
	readonly succeeded: number;
	readonly attempted: number;
}

interface TcpProbe extends ProbeResult {
	readonly durationMs: number;
}

/** Connects to every target side by side; the verdict is the worst of theirs. @throws only the signal's reason. */
export async function checkTcp(
	targets: readonly TcpTarget[],
	options: CheckTcpOptions,
): Promise<{ verdict: Verdict; targets: readonly TcpTargetResult[] }> {
	const results = await Promise.all(
		targets.map(async (target) => {
			const { probes, verdict } = await attemptProbes(async () => await probeTcp(target, options), options);
			return describe(target, probes, verdict);
		}),
	);
	return { verdict: worstVerdict(results.map(({ verdict }) => verdict)), targets: results };
}

async function probeTcp(target: TcpTarget, { timeoutMs, clock, signal }: CheckTcpOptions): Promise<TcpProbe> {
	const startedMs = clock.monotonicMs();
	const durationMs = (): number => Math.round(clock.monotonicMs() - startedMs);
	try {
		await connectTcp(target, { timeoutMs, signal });
		return { outcome: 'ok', reason: 'it takes connections', durationMs: durationMs() };
	} catch (error) {
		signal.throwIfAborted();
		const { kind, reason } = classifyNetworkFailure(error);
		return { outcome: kind, reason, durationMs: durationMs() };
	}
}

function describe({ name, host, port }: TcpTarget, probes: readonly TcpProbe[], verdict: Verdict): TcpTargetResult {
	return {
		name,
		address: `${host}:${port}`,
		verdict,
		reason: reasonOf(probes, verdict),
		durationMs: probes.at(-1)?.durationMs ?? 0,
		succeeded: probes.filter(({ outcome }) => outcome === 'ok').length,
		attempted: probes.length,
	};
}
