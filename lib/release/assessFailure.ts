import type { Release, StepRecord } from './model';
import { isRollbackProven } from './rollbackProof';

/** What n8n says of an execution that failed. */
export interface FailedExecution {
	readonly executionId: string;
	readonly workflow: string;
	/** Empty when none had run. */
	readonly lastNode: string;
	readonly errorName: string;
	readonly message: string;
	/** True for a sub-workflow: the execution that called it fails, too, and is told of. */
	readonly isCalled: boolean;
}

/**
 * `keep`: n8n was killed, or nobody knows whether the version before would run; the release keeps its lock, for the watchdog to offer resume or
 * rollback. `roll-back`: it failed after traffic may have been switched. `finish`: it failed before. `page`: it is no live release's run. `none`: its caller reports it, or the release
 * has gone on in another run.
 */
export type FailureAction = 'keep' | 'roll-back' | 'finish' | 'page' | 'none';

/** Of n8n 2.41: the worker's or main's own recovery, and the queue's. */
const KILLED = ['WorkflowCrashedError', 'MaxStalledCountError'];
/** A caller whose sub-workflow was killed, and the queue's report, carry no name: these texts are all that n8n tells. */
const KILLED_TEXTS = ['Workflow did not finish, possible out-of-memory issue', 'failed to be processed too many times'];

/** As the error of a node names it: whoever took the release over goes on with it, and it is theirs to end. */
const FENCED_OUT = '(RELEASE.FENCED_OUT)';

/** What is to be done about an execution that failed. A run that was fenced out touches nothing: somebody else holds the release. */
export function assessFailure(
	{ executionId, errorName, message, isCalled }: FailedExecution,
	release: Release | undefined,
	steps: readonly StepRecord[],
): FailureAction {
	if (isCalled || (release && release.executionId !== executionId)) return 'none';
	if (!release || release.finishedAt || release.rehearsal) return 'page';
	if (message.includes(FENCED_OUT)) return 'page';
	const killed = KILLED.includes(errorName) || KILLED_TEXTS.some((text) => message.includes(text));
	if (killed) return 'keep';
	// A switch that was started counts: its outcome may be unknown.
	if (!steps.some(({ stepKey }) => stepKey === '3.2/switch-traffic')) return 'finish';
	return isRollbackProven(steps) ? 'roll-back' : 'keep';
}
