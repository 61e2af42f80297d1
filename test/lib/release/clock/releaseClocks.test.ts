import { DEFAULT_CLOCK_BUDGETS } from '../../../../lib/release/clock/clockBudgets';
import { releaseClocks, type ReleaseTimes } from '../../../../lib/release/clock/releaseClocks';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-11-23T20:00:00Z');

function at(minutes: number): Date {
	return new Date(START + minutes * MINUTE_MS);
}

function atOrNull(minutes: number | null): Date | null {
	return minutes === null ? null : at(minutes);
}

function phase(name: string, budget: number, from: number, until: number | null): ReleaseTimes['phases'][number] {
	return { name, budgetMs: budget * MINUTE_MS, startedAt: at(from), finishedAt: atOrNull(until) };
}

function rollback(triggered: number, started: number | null, finished: number | null): ReleaseTimes['rollback'] {
	return { triggeredAt: at(triggered), startedAt: atOrNull(started), finishedAt: atOrNull(finished) };
}

/** `name elapsed/budget standing verdict`, in minutes. */
function linesOf(times: Partial<ReleaseTimes>, now: number): string[] {
	return releaseClocks({ phases: [], waits: [], rollback: null, ...times }, at(now)).map(
		({ name, elapsedMs, budgetMs, standing, verdict }) =>
			`${name} ${elapsedMs / MINUTE_MS}/${budgetMs / MINUTE_MS} ${standing} ${verdict ?? 'open'}`,
	);
}

it('gives each clock whole', () => {
	const times = { phases: [phase('phase-1-pre-deployment', 15, 0, 12)], waits: [], rollback: null };
	expect(releaseClocks(times, at(30))).toEqual([
		{
			name: 'phase-1-pre-deployment',
			budgetMs: 900_000,
			elapsedMs: 720_000,
			share: 0.8,
			standing: 'warning',
			verdict: 'passed',
		},
	]);
});

describe('phases', () => {
	const migration = phase('phase-2-migration', 10, 0, 30);
	it.each<[string, Partial<ReleaseTimes>, number, string[]]>([
		['nothing began', {}, 0, []],
		[
			'each has its own',
			{ phases: [phase('phase-1-pre-deployment', 15, 0, 5), phase('phase-2-migration', 10, 5, null)] },
			6,
			['phase-1-pre-deployment 5/15 in-time passed', 'phase-2-migration 1/10 in-time open'],
		],
		[
			'a wait inside does not count',
			{ phases: [migration], waits: [{ from: at(2), until: at(27) }] },
			40,
			['phase-2-migration 5/10 in-time passed'],
		],
		[
			'a wait under way does not count',
			{ phases: [phase('phase-2-migration', 10, 0, null)], waits: [{ from: at(2), until: null }] },
			500,
			['phase-2-migration 2/10 in-time open'],
		],
		[
			'waits that overlap count once, in whatever order they come',
			{
				phases: [migration],
				waits: [
					{ from: at(10), until: at(20) },
					{ from: at(5), until: at(15) },
					{ from: at(6), until: at(8) },
				],
			},
			40,
			['phase-2-migration 15/10 over failed'],
		],
		[
			'a wait across two phases is shared between them',
			{
				phases: [phase('phase-2-migration', 10, 0, 20), phase('phase-3-rollout', 20, 20, 50)],
				waits: [{ from: at(8), until: at(45) }],
			},
			60,
			['phase-2-migration 8/10 warning passed', 'phase-3-rollout 5/20 in-time passed'],
		],
		[
			'waits before and after it do not shorten it',
			{
				phases: [migration],
				waits: [
					{ from: at(-10), until: at(0) },
					{ from: at(30), until: null },
				],
			},
			40,
			['phase-2-migration 30/10 over failed'],
		],
		[
			'a wait that ended before it began counts nothing',
			{ phases: [migration], waits: [{ from: at(20), until: at(10) }] },
			40,
			['phase-2-migration 30/10 over failed'],
		],
		[
			'a phase that ended before it began, with a wait inside',
			{ phases: [phase('phase-2-migration', 10, 5, 3)], waits: [{ from: at(0), until: at(9) }] },
			40,
			['phase-2-migration 0/10 in-time inconclusive'],
		],
		[
			'now lies before all of it',
			{ phases: [phase('phase-2-migration', 10, 5, null)], waits: [{ from: at(6), until: null }] },
			0,
			['phase-2-migration 0/10 in-time open'],
		],
	])('%s', (_, times, now, lines) => {
		expect(linesOf(times, now)).toEqual(lines);
	});
});

describe('rollback', () => {
	it.each<[string, ReleaseTimes['rollback'], number, string[]]>([
		[
			'triggered, and nobody started it',
			rollback(0, null, null),
			4,
			['rollback-start 4/5 warning open', 'time-to-restore 4/15 in-time open'],
		],
		[
			'triggered, and nobody started it in time',
			rollback(0, null, null),
			5,
			['rollback-start 5/5 over failed', 'time-to-restore 5/15 in-time open'],
		],
		[
			'under way',
			rollback(0, 1, null),
			13,
			['rollback-start 1/5 in-time passed', 'rollback 12/10 over failed', 'time-to-restore 13/15 warning open'],
		],
		[
			'done in time',
			rollback(0, 1, 3),
			60,
			[
				'rollback-start 1/5 in-time passed',
				'rollback 2/10 in-time passed',
				'time-to-restore 3/15 in-time passed',
			],
		],
		[
			'each part late, and all of it in time',
			rollback(0, 4.5, 14.25),
			60,
			[
				'rollback-start 4.5/5 warning passed',
				'rollback 9.75/10 warning passed',
				'time-to-restore 14.25/15 warning passed',
			],
		],
		[
			'started before the trigger was recorded',
			rollback(2, 1, 5),
			60,
			[
				'rollback-start 0/5 in-time inconclusive',
				'rollback 4/10 in-time passed',
				'time-to-restore 3/15 in-time passed',
			],
		],
	])('%s', (_, facts, now, lines) => {
		expect(linesOf({ rollback: facts }, now)).toEqual(lines);
	});

	it('a wait for a person stops none of its clocks', () => {
		const waits = [{ from: at(0), until: null }];
		expect(linesOf({ waits, rollback: rollback(0, 2, 20) }, 60)).toEqual([
			'rollback-start 2/5 in-time passed',
			'rollback 18/10 over failed',
			'time-to-restore 20/15 over failed',
		]);
	});

	it('takes its budgets and the share to warn at from the configuration', () => {
		const budgets = {
			...DEFAULT_CLOCK_BUDGETS,
			rollbackStartMinutes: 2,
			rollbackMinutes: 4,
			restoreMinutes: 5,
			warnAt: 0.5,
		};
		const times = { phases: [phase('phase-1-pre-deployment', 15, 0, 8)], waits: [], rollback: rollback(0, 1, 4) };
		expect(
			releaseClocks(times, at(60), budgets).map(({ name, budgetMs, standing }) => [
				name,
				budgetMs / MINUTE_MS,
				standing,
			]),
		).toEqual([
			['phase-1-pre-deployment', 15, 'warning'],
			['rollback-start', 2, 'warning'],
			['rollback', 4, 'warning'],
			['time-to-restore', 5, 'warning'],
		]);
	});
});
