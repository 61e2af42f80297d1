import { DEFAULT_CLOCK_BUDGETS } from '../../../lib/release/clock/clockBudgets';
import type { GateRecord } from '../../../lib/release/gate';
import type { PhaseRecord } from '../../../lib/release/ledger';
import type { Release, StepRecord, StepState } from '../../../lib/release/model';
import { readClocks } from '../../../lib/release/readClocks';
import { MemoryLedger, newRelease } from '../../support/memoryLedger';

const START = new Date('2026-11-23T20:00:00Z');
const at = (minutes: number): Date => new Date(START.getTime() + minutes * 60_000);
let ledger: MemoryLedger;

beforeEach(() => (ledger = new MemoryLedger()));

async function release(change: Partial<Release> = {}): Promise<Release> {
	const { release: begun } = await ledger.beginRelease(newRelease());
	return { ...begun, startedAt: START, ...change };
}

/** What the ledger tells; times in minutes from the start. */
function holds(facts: { phases?: PhaseRecord[]; steps?: StepRecord[]; gates?: GateRecord[] }): void {
	jest.spyOn(ledger, 'readPhases').mockResolvedValue(facts.phases ?? []);
	jest.spyOn(ledger, 'readSteps').mockResolvedValue(facts.steps ?? []);
	const gateOf = async (_: string, wanted: string) => facts.gates?.find(({ gate }) => gate === wanted);
	Object.assign(ledger.gates, { readGate: gateOf });
}

function phase(name: string, from: number, until: number | null): PhaseRecord {
	return { phase: name, startedAt: at(from), finishedAt: until === null ? null : at(until) };
}

function step(stepKey: string, state: StepState, [from, until]: [number, number | null]): StepRecord {
	const facts = { stepKey, itemKey: '', kind: 'verdict' as const, state, inputHash: '', attempts: 1 };
	const times = { startedAt: at(from), finishedAt: until === null ? null : at(until) };
	return { ...facts, ...times, result: null, evidence: null, inverse: null, error: null };
}

function gate(name: string, from: number, until: number | null): GateRecord {
	return {
		releaseId: 'r-1',
		gate: name,
		state: until === null ? 'open' : 'approved',
		quorum: 1,
		approvers: [],
		evidence: null,
		evidenceHash: '',
		openedAt: at(from),
		expiresAt: at(600),
		decidedAt: until === null ? null : at(until),
		reason: '',
		executionId: '1',
		wakeSeal: '',
	};
}

async function clocks(change: Partial<Release>, now: number): Promise<Record<string, readonly [number, string]>> {
	const assessed = await readClocks(ledger, await release(change), { budgets: DEFAULT_CLOCK_BUDGETS, now: at(now) });
	return Object.fromEntries(
		assessed.map(({ name, elapsedMs, standing }) => [name, [elapsedMs / 60_000, standing] as const]),
	);
}

describe('phases', () => {
	it('count from their start to their end, each against its own budget', async () => {
		holds({ phases: [phase('phase-1-pre-deployment', 0, 5), phase('phase-2-migration', 5, null)] });
		expect(await clocks({}, 14)).toEqual({
			'phase-1-pre-deployment': [5, 'in-time'],
			'phase-2-migration': [9, 'warning'],
		});
		expect(await clocks({}, 15)).toMatchObject({ 'phase-2-migration': [10, 'over'] });
	});

	it('that are no phase of the runbook have no clock, such as a warning’s own mark', async () => {
		holds({ phases: [phase('rollback-start', 0, null), phase('', 0, null)] });
		expect(await clocks({}, 14)).toEqual({});
	});

	it('do not count the time in which they waited for people', async () => {
		holds({
			phases: [phase('phase-2-migration', 0, null)],
			steps: [step('gate-1/approval', 'passed', [1, 21])],
			gates: [gate('gate-1/approval', 1, 21)],
		});
		expect(await clocks({}, 25)).toEqual({ 'phase-2-migration': [5, 'in-time'] });
	});

	it('stand still while people are still asked', async () => {
		holds({
			phases: [phase('phase-2-migration', 0, null)],
			steps: [step('gate-1/approval', 'started', [2, null])],
			gates: [gate('gate-1/approval', 2, null)],
		});
		expect(await clocks({}, 300)).toEqual({ 'phase-2-migration': [2, 'in-time'] });
	});

	it('of a release that died in one end with the release', async () => {
		holds({ phases: [phase('phase-2-migration', 0, null)] });
		expect(await clocks({ finishedAt: at(4) }, 300)).toEqual({ 'phase-2-migration': [4, 'in-time'] });
	});

	it('that ended before they began, because the clock went back, count nothing', async () => {
		holds({ phases: [phase('phase-2-migration', 5, 3)] });
		expect(await clocks({}, 10)).toEqual({ 'phase-2-migration': [0, 'in-time'] });
	});
});

describe('the rollback', () => {
	const SWITCH = step('3.2/switch-traffic', 'passed', [10, 11]);

	it('has no clock while nothing called for it', async () => {
		holds({
			steps: [step('1.1/check-http', 'failed', [1, 2]), SWITCH, step('4.2/error-rate', 'passed', [12, 13])],
		});
		expect(await clocks({}, 30)).toEqual({});
	});

	it('is called for by the first check that failed after the switch', async () => {
		holds({ steps: [SWITCH, step('4.2/error-rate', 'failed', [12, 13])] });
		expect(await clocks({}, 17)).toEqual({
			'rollback-start': [4, 'warning'],
			'time-to-restore': [4, 'in-time'],
		});
	});

	it('ends when the recorded version serves again', async () => {
		holds({
			steps: [
				SWITCH,
				step('4.2/error-rate', 'failed', [12, 13]),
				step('rollback/switch-back', 'passed', [15, 16]),
				step('rollback/check-live', 'failed', [16, 17]),
			],
		});
		expect(await clocks({ rollingBackAt: at(14) }, 60)).toEqual({
			'rollback-start': [1, 'in-time'],
			rollback: [2, 'in-time'],
			'time-to-restore': [3, 'in-time'],
		});
	});

	it('that a person began counts from there, and one whose way back failed goes on', async () => {
		holds({ steps: [SWITCH, step('rollback/switch-back', 'failed', [15, 16])] });
		expect(await clocks({ rollingBackAt: at(14) }, 25)).toEqual({
			'rollback-start': [0, 'in-time'],
			rollback: [11, 'over'],
			'time-to-restore': [11, 'in-time'],
		});
	});

	it('that never came back is not in time because its release ended', async () => {
		holds({ steps: [SWITCH, step('rollback/switch-back', 'failed', [15, 16])] });
		expect(await clocks({ rollingBackAt: at(14), finishedAt: at(20) }, 600)).toMatchObject({
			rollback: [586, 'over'],
			'time-to-restore': [586, 'over'],
		});
	});
});
