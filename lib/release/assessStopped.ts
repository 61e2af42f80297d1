import { describeLastStep } from './describeLastStep';
import { emergencyOf } from './emergencyOf';
import type { Release, StepRecord } from './model';
import { isRollbackProven } from './rollbackProof';

/** What is to be done about a release whose run died. */
export interface Care {
	/** `stopped`: a person chooses between resume and rollback. `roll-back`: it is done now. */
	readonly action: 'stopped' | 'roll-back';
	/** What stands, in words. */
	readonly detail: string;
}

/**
 * A release whose heartbeat stopped keeps its lock. Before the switch it waits for a person: the old version serves. Once traffic was
 * switched, or its rollback had begun, the pinned rollback starts by itself when nobody came in time: nobody watches the new version. Unless the
 * version that it would bring back is not proven to run on the schema by now: then a person decides.
 */
export function assessStopped(
	release: Release,
	steps: readonly StepRecord[],
	{ now, rollBackAfterMs }: { now: Date; rollBackAfterMs: number },
): Care {
	const where = describeLastStep(steps);
	const emergency = emergencyOf(steps);
	if (emergency !== undefined)
		return {
			action: 'stopped',
			detail: `${emergency} died; ${where}; send its form again, it goes on where it stopped`,
		};
	if (release.rollingBackAt) return { action: 'roll-back', detail: `its rollback died; ${where}` };
	const switched = steps.some(({ stepKey }) => stepKey === '3.2/switch-traffic');
	const silentMs = now.getTime() - (release.heartbeatAt ?? release.waitingUntil ?? release.startedAt).getTime();
	if (switched && silentMs > rollBackAfterMs) {
		const silent = `nobody came for ${Math.round(silentMs / 1000)} s; ${where}`;
		if (isRollbackProven(steps)) return { action: 'roll-back', detail: silent };
		const why = 'the previous version is not proven to run on the new schema';
		return { action: 'stopped', detail: `${silent}; it does not go back by itself: ${why}` };
	}
	const traffic = switched ? 'traffic may be on the new version' : 'the old version serves';
	return { action: 'stopped', detail: `its run died; ${where}; ${traffic}` };
}
