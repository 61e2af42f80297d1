import type { ClockAssessment } from './clock/assessClock';
import type { ClockBudgets } from './clock/clockBudgets';
import { releaseClocks } from './clock/releaseClocks';
import type { Ledger } from './ledger';
import type { Release, StepRecord } from './model';

const MINUTE_MS = 60_000;

/** The clocks of a release, from what the ledger holds: its phases without the waits for people, and its rollback. */
export async function readClocks(
	ledger: Pick<Ledger, 'readPhases' | 'readSteps' | 'gates'>,
	release: Release,
	{ budgets, now }: { budgets: ClockBudgets; now: Date },
): Promise<ClockAssessment[]> {
	const [phases, steps] = await Promise.all([ledger.readPhases(release.id), ledger.readSteps(release.id)]);
	const gateKeys = [...new Set(steps.map(({ stepKey }) => stepKey).filter((key) => key.startsWith('gate-')))];
	const gates = await Promise.all(gateKeys.map(async (gate) => await ledger.gates.readGate(release.id, gate)));
	return releaseClocks(
		{
			phases: phases.flatMap(({ phase, startedAt, finishedAt }) => {
				const minutes = budgets.phaseMinutes[phase as keyof ClockBudgets['phaseMinutes']];
				return minutes === undefined
					? []
					: [
							{
								name: phase,
								budgetMs: minutes * MINUTE_MS,
								startedAt,
								finishedAt: finishedAt ?? release.finishedAt,
							},
						];
			}),
			waits: gates.flatMap((gate) => (gate ? [{ from: gate.openedAt, until: gate.decidedAt }] : [])),
			rollback: rollbackOf(release, steps),
		},
		now,
		budgets,
	);
}

/** Triggered by the first step that failed after the switch; by taking the release over when none did. */
function rollbackOf(
	{ rollingBackAt, finishedAt }: Release,
	steps: readonly StepRecord[],
): Parameters<typeof releaseClocks>[0]['rollback'] {
	const switchedAt = steps.find(({ stepKey }) => stepKey === '3.2/switch-traffic')?.startedAt;
	const failure = steps.find(
		(step) =>
			switchedAt !== undefined &&
			step.state === 'failed' &&
			step.startedAt >= switchedAt &&
			!step.stepKey.startsWith('rollback/'),
	);
	const triggeredAt = failure?.finishedAt ?? rollingBackAt;
	if (!triggeredAt) return null;
	const serves = steps.find(({ stepKey }) => stepKey === 'rollback/switch-back');
	const done = serves?.state === 'passed' ? serves.finishedAt : null;
	return { triggeredAt, startedAt: rollingBackAt, finishedAt: done ?? (rollingBackAt ? finishedAt : null) };
}
