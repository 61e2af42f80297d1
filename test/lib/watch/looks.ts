import { signalRules } from '../../../lib/metrics/signalRules';
import type { Look, SignalLook } from '../../../lib/release/watchStore';
import type { SignalRule } from '../../../lib/watch/model';
import { EXAMPLE_POLICY } from '../metrics/examplePolicy';

/** Some time of the ledger, in milliseconds since 1970. */
export const START_MS = Date.UTC(2026, 10, 23, 14, 0, 0);

/** The runbook's rules: a look every 15 seconds, health for 2 minutes, error rate above 10 % for 1 minute. */
export const [HEALTH, ERROR_RATE] = signalRules(EXAMPLE_POLICY) as [SignalRule, SignalRule];

export const OK: SignalLook = { state: 'measured', total: 2, bad: 0, problem: '' };
export const BAD: SignalLook = { state: 'measured', total: 2, bad: 1, problem: 'backend: status 503' };
export const GAP: SignalLook = { state: 'gap', total: 0, bad: 0, problem: 'our host has no route to the network' };

/** Errors of a hundred requests. */
export function errors(bad: number, total = 100): SignalLook {
	return { state: 'measured', total, bad, problem: '' };
}

/** Looks of one signal at the given seconds, by one host whose clocks agree with the ledger. */
export function looksAt(signal: string, entries: ReadonlyArray<readonly [seconds: number, look: SignalLook]>): Look[] {
	return entries.map(([seconds, look]) => ({
		recordedAtMs: START_MS + seconds * 1000,
		monotonicMs: 5_000_000 + seconds * 1000,
		bootId: 'boot-1',
		signals: { [signal]: look },
	}));
}

/** Looks every `interval` seconds from `from` to `to`, both among them. */
export function every(
	interval: number,
	{ from = 0, to, look }: { from?: number; to: number; look: SignalLook },
): Array<readonly [number, SignalLook]> {
	const entries: Array<readonly [number, SignalLook]> = [];
	for (let seconds = from; seconds <= to; seconds += interval) entries.push([seconds, look]);
	return entries;
}
