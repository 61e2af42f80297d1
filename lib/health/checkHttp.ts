import type { Clock } from '../support/clock';
import { worstVerdict, type Verdict } from '../support/verdict';
import { assessAttempts, type AttemptRule } from './assessAttempts';
import type { HttpTarget, HttpTargetResult } from './model';
import { probeHttp, type HttpProbe } from './probeHttp';

export interface CheckHttpOptions extends AttemptRule {
	/** Per probe, in milliseconds. */
	readonly timeoutMs: number;
	/** Pause between two probes of a target, in milliseconds. */
	readonly attemptIntervalMs: number;
	readonly followRedirects: boolean;
	/** Sent to every target; may carry secrets. */
	readonly headers: Readonly<Record<string, string>>;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/** Checks every target side by side; the verdict is the worst of theirs. @throws only the signal's reason. */
export async function checkHttp(
	targets: readonly HttpTarget[],
	options: CheckHttpOptions,
): Promise<{ verdict: Verdict; targets: readonly HttpTargetResult[] }> {
	const results = await Promise.all(targets.map(async (target) => await checkTarget(target, options)));
	return { verdict: worstVerdict(results.map(({ verdict }) => verdict)), targets: results };
}

async function checkTarget(target: HttpTarget, options: CheckHttpOptions): Promise<HttpTargetResult> {
	const probes: HttpProbe[] = [];
	for (;;) {
		probes.push(await probeHttp(target, options));
		const outcomes = probes.map(({ outcome }) => outcome);
		const verdict = assessAttempts(outcomes, options);
		if (verdict !== undefined) return describeTarget(target, probes, verdict);
		await options.clock.sleep(options.attemptIntervalMs, options.signal);
	}
}

/** A target's result; the reason is the latest probe's that speaks for the verdict. */
export function describeTarget(target: HttpTarget, probes: readonly HttpProbe[], verdict: Verdict): HttpTargetResult {
	const speaking = { passed: 'ok', failed: 'failed', inconclusive: 'gap' }[verdict];
	const latest = probes.at(-1);
	return {
		name: target.name,
		url: publicUrl(target.url),
		verdict,
		reason: (probes.findLast(({ outcome }) => outcome === speaking) ?? latest)?.reason ?? 'not probed',
		durationMs: latest?.durationMs ?? 0,
		status: latest?.status ?? null,
		succeeded: probes.filter(({ outcome }) => outcome === 'ok').length,
		attempted: probes.length,
	};
}

/** User, password and query may be secrets. */
function publicUrl(url: string): string {
	const { origin, pathname } = new URL(url);
	return `${origin}${pathname}`;
}
