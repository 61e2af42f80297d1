import type { Clock } from '../support/clock';
import type { Verdict } from '../support/verdict';
import { assessAttempts, type AttemptRule } from './assessAttempts';
import type { ProbeResult } from './model';

export interface AttemptOptions extends AttemptRule {
	/** Pause between two probes, in milliseconds. */
	readonly attemptIntervalMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/** Probes until the verdict is certain. @throws what `probe` throws; the signal's reason */
export async function attemptProbes<Probe extends ProbeResult>(
	probe: () => Promise<Probe>,
	options: AttemptOptions,
): Promise<{ readonly probes: readonly Probe[]; readonly verdict: Verdict }> {
	const probes: Probe[] = [];
	for (;;) {
		probes.push(await probe());
		const verdict = assessAttempts(
			probes.map(({ outcome }) => outcome),
			options,
		);
		if (verdict !== undefined) return { probes, verdict };
		await options.clock.sleep(options.attemptIntervalMs, options.signal);
	}
}

/** The latest probe's reason that speaks for the verdict. */
export function reasonOf(probes: readonly ProbeResult[], verdict: Verdict): string {
	const speaking = { passed: 'ok', failed: 'failed', inconclusive: 'gap' }[verdict];
	return (probes.findLast(({ outcome }) => outcome === speaking) ?? probes.at(-1))?.reason ?? 'not probed';
}
