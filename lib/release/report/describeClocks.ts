import type { ClockBudgets } from '../clock/clockBudgets';
import { gateWaitEnd } from '../clock/gateWaitEnd';
import { releaseClocks, type ReleaseTimes } from '../clock/releaseClocks';
import { rollbackTimes } from '../clock/rollbackTimes';
import type { StepRecord } from '../model';
import { describePhase } from './describeText';
import type { ClockReport, ReleaseFacts } from './model';

type Phase = {
	readonly name: string;
	readonly startedAt: Date;
	readonly finishedAt: Date | null;
	readonly recorded: boolean;
};

const MINUTE_MS = 60_000;
/** The phase that a step belongs to, by the first figure of its key. */
const PHASE_OF: Readonly<Record<string, string>> = {
	'1': 'phase-1-pre-deployment',
	'2': 'phase-2-migration',
	'3': 'phase-3-rollout',
	'4': 'phase-4-validation',
};
const ROLLBACK_TITLES: Readonly<Record<string, string>> = {
	'rollback-start': 'Start of the rollback',
	rollback: 'Rollback',
	'time-to-restore': 'Time to restore',
};

/** Every clock of the release with its verdict; phases without a budget are listed with their time only. */
export function describeClocks(
	facts: ReleaseFacts,
	{ budgets, now }: { budgets: ClockBudgets; now: Date },
): ClockReport[] {
	const phases = readPhases(facts);
	const budgetOf = new Map(
		Object.entries(budgets.phaseMinutes).map(([name, minutes]) => [name, minutes * MINUTE_MS]),
	);
	const rollback = rollbackTimes(facts.release, facts.steps);
	const clocks = releaseClocks(
		{
			phases: phases.flatMap((phase) => {
				const budgetMs = budgetOf.get(phase.name);
				return budgetMs === undefined ? [] : [{ ...phase, budgetMs }];
			}),
			waits: readWaits(facts),
			rollback,
		},
		now,
		budgets,
	);
	const phaseReports = phases.map((phase): ClockReport => {
		const clock = clocks.find(({ name }) => name === phase.name);
		const times = { startedAt: phase.startedAt.toISOString(), finishedAt: phase.finishedAt?.toISOString() ?? null };
		const elapsedMs = Math.max(0, (phase.finishedAt ?? now).getTime() - phase.startedAt.getTime());
		const unbudgeted = { budgetMs: null, elapsedMs, share: null, standing: null, verdict: null };
		return {
			...(clock ?? unbudgeted),
			name: phase.name,
			title: describePhase(phase.name),
			...times,
			recorded: phase.recorded,
		};
	});
	return [...phaseReports, ...rollbackReports()];

	function rollbackReports(): ClockReport[] {
		if (!rollback) return [];
		return clocks
			.filter(({ name }) => name in ROLLBACK_TITLES)
			.map((clock) => ({
				...clock,
				title: ROLLBACK_TITLES[clock.name] ?? clock.name,
				startedAt: (clock.name === 'rollback'
					? (rollback.startedAt ?? rollback.triggeredAt)
					: rollback.triggeredAt
				).toISOString(),
				finishedAt:
					(clock.name === 'rollback-start' ? rollback.startedAt : rollback.finishedAt)?.toISOString() ?? null,
				recorded: true,
			}));
	}
}

/** How long people were waited for, as intervals. */
export function readWaits({ gates, release }: ReleaseFacts): ReleaseTimes['waits'] {
	return gates.map(({ gate }) => ({ from: gate.openedAt, until: gateWaitEnd(gate, release.finishedAt) }));
}

function readPhases({ release, phases, steps }: ReleaseFacts): Phase[] {
	const recorded = phases.map(({ phase, startedAt, finishedAt }) => ({
		name: phase,
		startedAt,
		// A phase that stopped half-way is over when its release is.
		finishedAt: finishedAt ?? release.finishedAt,
		recorded: true,
	}));
	const names = new Set(recorded.map(({ name }) => name));
	const told = Object.entries(PHASE_OF)
		.filter(([, name]) => !names.has(name))
		.flatMap(([figure, name]) =>
			phaseFromSteps(
				name,
				steps.filter(({ stepKey }) => stepKey.startsWith(`${figure}.`)),
				release.finishedAt,
			),
		);
	return [...recorded, ...told].sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime());
}

function phaseFromSteps(name: string, steps: readonly StepRecord[], endedAt: Date | null): Phase[] {
	const starts = steps.map(({ startedAt }) => startedAt.getTime());
	const ends = steps.map(({ finishedAt }) => finishedAt?.getTime());
	if (starts.length === 0) return [];
	const isOver = ends.every((end) => end !== undefined);
	const lastEnd = new Date(Math.max(...ends.filter((end) => end !== undefined)));
	// A phase with a step that never finished is over when its release is.
	return [
		{ name, startedAt: new Date(Math.min(...starts)), finishedAt: isOver ? lastEnd : endedAt, recorded: false },
	];
}
