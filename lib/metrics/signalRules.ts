import type { ThresholdPolicy } from './policy';

/** One limit of a signal, as the watch judges it. */
export interface SignalLimit {
	readonly level: 'warning' | 'critical' | 'rollback';
	/** A larger share than this is a breach, 0 to 1. */
	readonly above: number;
	readonly heldForMs: number;
}

export interface PolicyRule {
	readonly signal: 'health' | 'error-rate';
	readonly intervalMs: number;
	readonly minimumSamples: number;
	readonly minimumTotal: number;
	readonly clearAfterMs: number;
	readonly limits: readonly SignalLimit[];
}

/** The one threshold policy as the rules of the watch: what is held for how long, and what people are told of. */
export function signalRules({ watch, health, errorRate, sampling }: ThresholdPolicy): PolicyRule[] {
	const intervalMs = watch.intervalSeconds * 1000;
	const { minimumSamples } = watch;
	const common = { intervalMs, minimumSamples, clearAfterMs: watch.clearAfterSeconds * 1000 };
	// People hear of it as soon as there are enough looks.
	const tellAfterMs = (minimumSamples - 1) * intervalMs;
	return [
		{
			...common,
			signal: 'health',
			minimumTotal: 1,
			limits: [
				{
					level: 'critical',
					above: 0,
					heldForMs: Math.min(tellAfterMs, health.rollback.heldForSeconds * 1000),
				},
				{ level: 'rollback', above: 0, heldForMs: health.rollback.heldForSeconds * 1000 },
			],
		},
		{
			...common,
			signal: 'error-rate',
			minimumTotal: sampling.minimumRequests,
			limits: [
				{ level: 'warning', above: errorRate.warning, heldForMs: tellAfterMs },
				{ level: 'critical', above: errorRate.critical, heldForMs: tellAfterMs },
				{
					level: 'rollback',
					above: errorRate.rollback.above,
					heldForMs: errorRate.rollback.heldForSeconds * 1000,
				},
			],
		},
	];
}
