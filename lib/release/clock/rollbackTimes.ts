import type { Release, StepRecord } from '../model';
import type { ReleaseTimes } from './releaseClocks';

/**
 * When a rollback was called for, begun and done. Called for by the first step that failed from the switch on, or else by whoever took the
 * release over; null when nothing was, and when the release ended without one. Not done while the recorded version is not proven to serve.
 */
export function rollbackTimes(
	{ rollingBackAt, finishedAt }: Pick<Release, 'rollingBackAt' | 'finishedAt'>,
	steps: readonly StepRecord[],
): ReleaseTimes['rollback'] {
	if (rollingBackAt === null && finishedAt !== null) return null;
	const switchedAt = steps.find(({ stepKey }) => stepKey === '3.2/switch-traffic')?.startedAt;
	const failures = steps
		.filter(({ state, stepKey }) => state === 'failed' && !stepKey.startsWith('rollback/'))
		.flatMap(({ finishedAt: failedAt }) => failedAt ?? [])
		.filter((at) => switchedAt !== undefined && at >= switchedAt && (rollingBackAt === null || at <= rollingBackAt))
		.sort((one, other) => one.getTime() - other.getTime());
	const triggeredAt = failures[0] ?? rollingBackAt;
	if (triggeredAt === null) return null;
	const back = steps.find(({ stepKey, state }) => stepKey === 'rollback/switch-back' && state === 'passed');
	return { triggeredAt, startedAt: rollingBackAt, finishedAt: back?.finishedAt ?? null };
}
