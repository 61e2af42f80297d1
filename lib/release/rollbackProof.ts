import type { StepRecord } from './model';
import { standingOf } from './standingOf';

/** Runs the version that a rollback would bring back on the schema that the release brings. */
export const OLD_CODE_STEP = '2.1/old-code';
export const DEPLOY_MIGRATIONS_STEP = '2.1/deploy-migrations';

/**
 * Whether a release may go back by itself. Once its migrations were begun only when the previous version has passed on their schema: going
 * back to one that cannot run would turn a bad release into an outage. What was not tried is not proven.
 */
export function isRollbackProven(steps: readonly StepRecord[]): boolean {
	const hasBegun = standingOf(DEPLOY_MIGRATIONS_STEP, steps) !== undefined;
	return !hasBegun || standingOf(OLD_CODE_STEP, steps) === 'passed';
}

const SWITCH_STEP = '3.2/switch-traffic';

/** Whether a release that went wrong stays as it is until a person decides: its traffic may be on the new version, and going back is not proven. */
export function isRollbackWithheld(steps: readonly StepRecord[]): boolean {
	return standingOf(SWITCH_STEP, steps) !== undefined && !isRollbackProven(steps);
}
