import type { StepRecord } from './model';

const DATABASE_STEP = /^(database|gate-3)\//;

/**
 * Whether the last thing that was begun is the rollback of the database: when its run dies or fails, the application is not rolled back for it. Pages
 * do not count.
 */
export function isRestoringDatabase(steps: readonly StepRecord[]): boolean {
	const last = steps.findLast(({ stepKey }) => !stepKey.startsWith('page/'));
	return last !== undefined && DATABASE_STEP.test(last.stepKey);
}
