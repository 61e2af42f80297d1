import type { StepState } from '../model';
import { readWaits } from './describeClocks';
import { describeOutcome } from './describeOutcome';
import type { ReleaseFacts, ReportSummary } from './model';

/** What a release was and how it came out. */
export function summarize(facts: ReleaseFacts, now: Date): ReportSummary {
	const { release, steps } = facts;
	const switched = steps.find(({ stepKey, state }) => stepKey === '3.2/switch-traffic' && state === 'passed');
	const count = (state: StepState): number => steps.filter((step) => step.state === state).length;
	return {
		id: release.id,
		environment: release.environment,
		version: release.version,
		commit: release.commit,
		images: release.images,
		startedBy: release.startedBy,
		authors: release.authors,
		state: release.state,
		outcome: describeOutcome(release),
		rehearsal: release.rehearsal,
		startedAt: release.startedAt.toISOString(),
		finishedAt: release.finishedAt?.toISOString() ?? null,
		durationMs: Math.max(0, (release.finishedAt ?? now).getTime() - release.startedAt.getTime()),
		waitedMs: readWaits(facts).reduce(
			(sum, { from, until }) => sum + Math.max(0, (until ?? now).getTime() - from.getTime()),
			0,
		),
		switchedAt: switched?.finishedAt?.toISOString() ?? null,
		rollingBackAt: release.rollingBackAt?.toISOString() ?? null,
		watchUntil: release.watchUntil?.toISOString() ?? null,
		resumes: release.resumes,
		override: release.override,
		pointOfNoReturn: release.pointOfNoReturn,
		reason: release.reason,
		deliveryId: release.deliveryId,
		executionId: release.executionId,
		token: release.token,
		steps: {
			passed: count('passed'),
			failed: count('failed'),
			inconclusive: count('inconclusive'),
			started: count('started'),
		},
	};
}
