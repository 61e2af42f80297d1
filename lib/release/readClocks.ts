import type { ClockAssessment } from './clock/assessClock';
import type { ClockBudgets } from './clock/clockBudgets';
import { gateWaitEnd } from './clock/gateWaitEnd';
import { releaseClocks } from './clock/releaseClocks';
import { rollbackTimes } from './clock/rollbackTimes';
import type { Ledger } from './ledger';
import type { Release } from './model';

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
			waits: gates.flatMap((gate) =>
				gate ? [{ from: gate.openedAt, until: gateWaitEnd(gate, release.finishedAt) }] : [],
			),
			rollback: rollbackTimes(release, steps),
		},
		now,
		budgets,
	);
}
