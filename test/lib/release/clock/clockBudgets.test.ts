import { clockBudgetsSchema, DEFAULT_CLOCK_BUDGETS, PHASE_BUDGETS } from '../../../../lib/release/clock/clockBudgets';

const MINUTES = 'write minutes, more than 0 and at most 1440 (a day), e.g. 15';
const SHARE = 'write a share above 0 and at most 1: 80 % is 0.8';
const WHOLE =
	'write {"phaseMinutes":{…},"rollbackStartMinutes":5,"rollbackMinutes":10,"restoreMinutes":15,"warnAt":0.8}';
const PHASES =
	'write the minutes of each phase, e.g. {"phase-1-pre-deployment":15,"phase-2-migration":10,"phase-3-rollout":20,"phase-4-validation":15}';

it('takes the runbook’s own numbers', () => {
	expect(clockBudgetsSchema.parse(DEFAULT_CLOCK_BUDGETS)).toEqual({
		phaseMinutes: {
			'phase-1-pre-deployment': 15,
			'phase-2-migration': 10,
			'phase-3-rollout': 20,
			'phase-4-validation': 15,
		},
		rollbackStartMinutes: 5,
		rollbackMinutes: 10,
		restoreMinutes: 15,
		warnAt: 0.8,
	});
});

it.each<[string, unknown, string, string]>([
	['no phase', { phaseMinutes: undefined }, 'phaseMinutes', PHASES],
	[
		'a phase missing',
		{ phaseMinutes: { ...PHASE_BUDGETS, 'phase-3-rollout': undefined } },
		'phaseMinutes.phase-3-rollout',
		MINUTES,
	],
	[
		'a phase that there is not',
		{ phaseMinutes: { ...PHASE_BUDGETS, 'phase-5': 5 } },
		'phaseMinutes',
		"Unrecognized key(s) in object: 'phase-5'",
	],
	['no time at all', { rollbackStartMinutes: 0 }, 'rollbackStartMinutes', MINUTES],
	['negative time', { rollbackMinutes: -10 }, 'rollbackMinutes', MINUTES],
	['no number', { restoreMinutes: Number.NaN }, 'restoreMinutes', MINUTES],
	['endless time', { restoreMinutes: Infinity }, 'restoreMinutes', MINUTES],
	['milliseconds by mistake', { rollbackMinutes: 600_000 }, 'rollbackMinutes', MINUTES],
	['text', { rollbackMinutes: '10' }, 'rollbackMinutes', MINUTES],
	['per cent by mistake', { warnAt: 80 }, 'warnAt', SHARE],
	['warning from the start', { warnAt: 0 }, 'warnAt', SHARE],
	['no share', { warnAt: undefined }, 'warnAt', SHARE],
	['a misspelt field', { warnat: 0.8 }, '', "Unrecognized key(s) in object: 'warnat'"],
	[
		'restored before the rollback could end',
		{ restoreMinutes: 9 },
		'restoreMinutes',
		'write at least 10: restoring begins with starting the rollback and ends with it',
	],
])('%s is refused, and the message says what to write', (_, change, field, message) => {
	const [issue] =
		clockBudgetsSchema.safeParse({ ...DEFAULT_CLOCK_BUDGETS, ...(change as object) }).error?.issues ?? [];
	expect([issue?.path.join('.'), issue?.message]).toEqual([field, message]);
});

it('says what to write instead of no object', () => {
	expect(clockBudgetsSchema.safeParse(15).error?.issues.map(({ message }) => message)).toEqual([WHOLE]);
});
