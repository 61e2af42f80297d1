import type { Clock } from '../../support/clock';
import { worstVerdict, type Verdict } from '../../support/verdict';
import { assessUsage } from './assessUsage';
import type { ResourceUsage, UsageCluster, UsageLimits, UsageLook } from './model';

export interface WatchUsageOptions {
	readonly limits: UsageLimits;
	/** How often is looked. */
	readonly looks: number;
	/** Between two looks, in milliseconds. The metrics API itself measures every 15 s or so. */
	readonly intervalMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

export interface WatchedUsage {
	readonly verdict: Verdict;
	readonly reason: string;
	readonly resources: readonly ResourceUsage[];
}

/** A pod that has just started is not measured yet: so many more looks are tried before that counts. */
const PATIENCE = 10;

/** Looks so many times and judges CPU and memory. @throws RunbookError VALIDATION.USAGE_REFUSED; the signal's reason */
export async function watchUsage(cluster: UsageCluster, options: WatchUsageOptions): Promise<WatchedUsage> {
	const { limits, looks: wanted, intervalMs, clock, signal } = options;
	const looks: UsageLook[] = [];
	for (let tries = 1; ; tries += 1) {
		signal.throwIfAborted();
		looks.push(await cluster.look(signal));
		const latest = looks.slice(-wanted);
		const resources = (['cpu', 'memory'] as const).map((resource) => assessUsage(resource, latest, limits));
		const verdict = worstVerdict(resources.map((one) => one.verdict));
		const isEnough = latest.length >= wanted;
		if ((isEnough && verdict !== 'inconclusive') || tries >= wanted + PATIENCE)
			return { verdict, reason: reasonOf(resources, verdict), resources };
		await clock.sleep(intervalMs, signal);
	}
}

function reasonOf(resources: readonly ResourceUsage[], verdict: Verdict): string {
	const reasons = resources.filter((one) => one.verdict === verdict).map(({ reason }) => reason);
	return [...new Set(reasons)].join('; ');
}
