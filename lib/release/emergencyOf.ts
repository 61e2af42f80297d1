import type { StepRecord } from './model';

/** What a person begins by a form of its own, besides releases and their rollback. */
const EMERGENCIES: ReadonlyArray<readonly [RegExp, string]> = [
	[/^(database\/swap-back$|swap-back\/)/, 'the swap back of its database'],
	[/^(database|gate-3)\//, 'the rollback of its database'],
	[/^freeze\//, 'the freeze of its writers'],
	[/^thaw\//, 'the thaw of its writers'],
];

/**
 * The emergency that was begun last, in words; undefined when something else was. When its run dies, the application is not rolled back for it: a
 * person sends its form again. Pages do not count.
 */
export function emergencyOf(steps: readonly StepRecord[]): string | undefined {
	const last = steps.findLast(({ stepKey }) => !stepKey.startsWith('page/'));
	return EMERGENCIES.find(([pattern]) => last !== undefined && pattern.test(last.stepKey))?.[1];
}
