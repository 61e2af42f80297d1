import { z } from 'zod';
import { WARN_AT } from './assessClock';

/** Minutes that the runbook gives each phase: the headings "Phase 1: Pre-Deployment (15 minutes)" and so on. */
export const PHASE_BUDGETS = {
	'phase-1-pre-deployment': 15,
	'phase-2-migration': 10,
	'phase-3-rollout': 20,
	'phase-4-validation': 15,
} as const;

export type PhaseName = keyof typeof PHASE_BUDGETS;

const DAY_MINUTES = 24 * 60;
const MINUTES = `write minutes, more than 0 and at most ${DAY_MINUTES} (a day), e.g. 15`;
const SHARE = 'write a share above 0 and at most 1: 80 % is 0.8';
const minutes = z.number({ message: MINUTES }).positive(MINUTES).max(DAY_MINUTES, MINUTES);

const shape = z
	.object(
		{
			phaseMinutes: z
				.object(
					{
						'phase-1-pre-deployment': minutes,
						'phase-2-migration': minutes,
						'phase-3-rollout': minutes,
						'phase-4-validation': minutes,
					} satisfies Record<PhaseName, typeof minutes>,
					{ message: `write the minutes of each phase, e.g. ${JSON.stringify(PHASE_BUDGETS)}` },
				)
				.strict(),
			rollbackStartMinutes: minutes,
			rollbackMinutes: minutes,
			restoreMinutes: minutes,
			warnAt: z.number({ message: SHARE }).gt(0, SHARE).lte(1, SHARE),
		},
		{
			message:
				'write {"phaseMinutes":{…},"rollbackStartMinutes":5,"rollbackMinutes":10,"restoreMinutes":15,"warnAt":0.8}',
		},
	)
	.strict();

/** How long each part of a release may take, in minutes, checked as a whole. An issue names the field and says what to write. */
export const clockBudgetsSchema = shape.superRefine(
	({ rollbackStartMinutes, rollbackMinutes, restoreMinutes }, context) => {
		const least = Math.max(rollbackStartMinutes, rollbackMinutes);
		if (restoreMinutes >= least) return;
		const message = `write at least ${least}: restoring begins with starting the rollback and ends with it`;
		context.addIssue({ code: 'custom', path: ['restoreMinutes'], message });
	},
);

export type ClockBudgets = Readonly<z.infer<typeof shape>>;

/**
 * The runbook's own numbers: "Rollback SLA: <5 minutes to initiate, <10 minutes to complete", "Target MTTR: <15 minutes". It warns
 * early enough for a person to act on it.
 */
export const DEFAULT_CLOCK_BUDGETS: ClockBudgets = {
	phaseMinutes: PHASE_BUDGETS,
	rollbackStartMinutes: 5,
	rollbackMinutes: 10,
	restoreMinutes: 15,
	warnAt: WARN_AT,
};
