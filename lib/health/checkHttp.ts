import { worstVerdict, type Verdict } from '../support/verdict';
import { attemptProbes, reasonOf, type AttemptOptions } from './attemptProbes';
import type { HttpTarget, HttpTargetResult } from './model';
import { probeHttp, type HttpProbe } from './probeHttp';

export interface CheckHttpOptions extends AttemptOptions {
	/** Per probe, in milliseconds. */
	readonly timeoutMs: number;
	readonly followRedirects: boolean;
	/** Sent to every target; may carry secrets. */
	readonly headers: Readonly<Record<string, string>>;
	/** Whether providers' addresses count; `report`: they are asked and shown, and the verdict is that of our own. */
	readonly externalTargets: 'judge' | 'report';
}

/** Checks every target side by side; the verdict is the worst of those that count, inconclusive where none does. @throws only the signal's reason. */
export async function checkHttp(
	targets: readonly HttpTarget[],
	options: CheckHttpOptions,
): Promise<{ verdict: Verdict; targets: readonly HttpTargetResult[] }> {
	const results = await Promise.all(
		targets.map(async (target) => {
			const { probes, verdict } = await attemptProbes(async () => await probeHttp(target, options), options);
			return describeTarget(target, probes, verdict);
		}),
	);
	const counted = results.filter((_, index) => options.externalTargets === 'judge' || !targets[index]?.external);
	return { verdict: worstVerdict(counted.map(({ verdict }) => verdict)), targets: results };
}

/** A target's result; the reason is the latest probe's that speaks for the verdict. */
export function describeTarget(target: HttpTarget, probes: readonly HttpProbe[], verdict: Verdict): HttpTargetResult {
	const latest = probes.at(-1);
	return {
		name: target.name,
		url: publicUrl(target.url),
		verdict,
		reason: reasonOf(probes, verdict),
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
