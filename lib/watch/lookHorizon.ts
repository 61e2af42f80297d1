import type { SignalRule } from './model';

/** How far back looks are needed to judge by these rules, in milliseconds: twice the longest that is held, and the looks that are added up. */
export function lookHorizonMs(rules: readonly SignalRule[]): number {
	return Math.max(
		0,
		...rules.map(({ intervalMs, minimumSamples, clearAfterMs, limits }) => {
			const longestMs = Math.max(clearAfterMs, ...limits.map(({ heldForMs }) => heldForMs));
			return 2 * longestMs + 2 * minimumSamples * intervalMs;
		}),
	);
}
