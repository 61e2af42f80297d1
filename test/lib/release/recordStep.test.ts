import type { ReleaseContext } from '../../../lib/release/model';
import { recordStep, type Step, type StepEffect } from '../../../lib/release/recordStep';
import { defineErrors } from '../../../lib/support/runbookError';
import { MemoryLedger, newRelease } from '../../support/memoryLedger';

const migrationErrors = defineErrors('MIGRATION', {
	FAILED: { message: 'migration {name} failed', why: 'w', fix: 'f' },
});

let ledger: MemoryLedger;
let release: ReleaseContext;

beforeEach(async () => {
	ledger = new MemoryLedger();
	release = await begin('r-1');
});

async function begin(id: string, rehearsal = false): Promise<ReleaseContext> {
	return (await ledger.beginRelease(newRelease({ id, version: id, rehearsal }))).release;
}

/** Another run takes the release over. */
async function takeOver(): Promise<void> {
	await ledger.takeOver('r-1', { reason: 'errors', intent: 'rollBack' });
}

function step(change: Partial<Step> = {}): Step {
	return {
		release,
		stepKey: '2.1/deploy-migrations',
		itemKey: '',
		kind: 'change',
		inputs: { to: '2' },
		requires: [],
		...change,
	};
}

/** An effect that counts its runs. */
function effect(change: Partial<StepEffect> = {}): StepEffect & { run: jest.Mock } {
	return { ...change, run: jest.fn(change.run ?? (async () => ({ result: { applied: 2 } }))) };
}

/** The ledger after an interrupted run: "started", never finished. */
async function interrupted(kind: Step['kind'] = 'change'): Promise<void> {
	const never = recordStep(ledger, step({ kind }), effect({ run: async () => await new Promise(() => undefined) }));
	void never;
	while (!(await ledger.readStep('r-1', '2.1/deploy-migrations', ''))) await Promise.resolve();
}

describe('recording', () => {
	it('writes "started" with the way back before the act, and the outcome after it', async () => {
		const seen: unknown[] = [];
		const outcome = await recordStep(
			ledger,
			step(),
			effect({
				prepare: async () => ({ inverse: { to: '1' } }),
				run: async () => {
					seen.push(await ledger.readStep('r-1', '2.1/deploy-migrations', ''));
					return { result: { applied: 2 }, evidence: { ms: 7 } };
				},
			}),
		);
		expect(seen).toEqual([expect.objectContaining({ state: 'started', inverse: { to: '1' } })]);
		expect(outcome).toEqual({ result: { applied: 2 }, evidence: { ms: 7 }, fromRecord: false });
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', '')).toMatchObject({
			state: 'passed',
			result: { applied: 2 },
			evidence: { ms: 7 },
			inverse: { to: '1' },
			error: null,
			attempts: 1,
		});
	});

	it('records the verdict of a judging step as its state', async () => {
		await recordStep(
			ledger,
			step({ kind: 'verdict' }),
			effect({ run: async () => ({ result: null, verdict: 'inconclusive' }) }),
		);
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', '')).toMatchObject({ state: 'inconclusive' });
	});

	it('records a throw as failed, with its code, and passes it on', async () => {
		const failing = recordStep(
			ledger,
			step(),
			effect({ run: async () => await Promise.reject(migrationErrors.FAILED({ name: '2' })) }),
		);
		await expect(failing).rejects.toMatchObject({ code: 'MIGRATION.FAILED' });
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', '')).toMatchObject({
			state: 'failed',
			error: { code: 'MIGRATION.FAILED', message: 'migration 2 failed' },
		});
	});

	it('passes the effect’s error on even when the ledger no longer takes the record', async () => {
		const failing = recordStep(
			ledger,
			step(),
			effect({
				run: async () => {
					await takeOver();
					throw migrationErrors.FAILED({ name: '2' });
				},
			}),
		);
		await expect(failing).rejects.toMatchObject({ code: 'MIGRATION.FAILED' });
	});

	it('refuses a holder whose token was superseded, before the act', async () => {
		await takeOver();
		const act = effect();
		await expect(recordStep(ledger, step(), act)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(act.run).not.toHaveBeenCalled();
	});

	it('does not call an act done whose token was superseded while it ran', async () => {
		const overtaken = effect({
			run: async () => {
				await takeOver();
				return { result: null };
			},
		});
		await expect(recordStep(ledger, step(), overtaken)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', '')).not.toMatchObject({ state: 'passed' });
	});
});

describe('what a step leaves for the report', () => {
	const SAMPLE = {
		metric: 'error-rate',
		target: 'backend',
		value: 0.2,
		problem: '',
		takenAt: '2026-11-23T20:00:00.000Z',
		monotonicMs: 7,
		bootId: 'b',
	};

	it('its samples stand with the release, and the point of no return that it passed', async () => {
		const pointOfNoReturn = { reason: 'a column was dropped' };
		await recordStep(
			ledger,
			step(),
			effect({ run: async () => ({ result: null, samples: [SAMPLE], pointOfNoReturn }) }),
		);
		expect(await ledger.readSamples('r-1')).toEqual([SAMPLE]);
		expect(await ledger.readRelease('r-1')).toMatchObject({
			pointOfNoReturn: { stepKey: '2.1/deploy-migrations', reason: 'a column was dropped' },
		});
	});

	it('a step that failed passes no point of no return and leaves no sample', async () => {
		const run = async (): Promise<never> => await Promise.reject(new Error('x'));
		await recordStep(ledger, step(), effect({ run })).catch(() => undefined);
		expect(await ledger.readSamples('r-1')).toEqual([]);
		expect(await ledger.readRelease('r-1')).toMatchObject({ pointOfNoReturn: null });
	});
});

describe('permission of a change', () => {
	const requires = ['1.2/verify-backup'];
	const judge = async (verdict: 'passed' | 'failed' | 'inconclusive', itemKey = ''): Promise<unknown> =>
		await recordStep(
			ledger,
			step({ stepKey: '1.2/verify-backup', itemKey, kind: 'verdict' }),
			effect({ run: async () => ({ result: null, verdict }) }),
		);

	it('runs once every required step stands as passed', async () => {
		await judge('passed');
		const act = effect();
		await recordStep(ledger, step({ requires }), act);
		expect(act.run).toHaveBeenCalledTimes(1);
	});

	it.each(['failed', 'inconclusive'] as const)('refuses when a required step stands as %s', async (verdict) => {
		await judge(verdict);
		const act = effect();
		await expect(recordStep(ledger, step({ requires }), act)).rejects.toMatchObject({
			code: 'RELEASE.STEP_NOT_PROVEN',
			meta: { state: verdict },
		});
		expect(act.run).not.toHaveBeenCalled();
		expect(ledger.writes.filter((write) => write.includes('2.1'))).toEqual([]);
	});

	it('refuses when a required step was never recorded', async () => {
		const act = effect();
		await expect(recordStep(ledger, step({ requires }), act)).rejects.toMatchObject({
			code: 'RELEASE.STEP_NOT_PROVEN',
			meta: { state: 'not recorded' },
		});
		expect(act.run).not.toHaveBeenCalled();
	});

	it('refuses when one of several items of the required step failed', async () => {
		await judge('passed', 'backend');
		await judge('failed', 'frontend');
		await expect(recordStep(ledger, step({ requires }), effect())).rejects.toMatchObject({
			code: 'RELEASE.STEP_NOT_PROVEN',
		});
	});

	it('refuses when the required step passed for another release only', async () => {
		await judge('passed');
		await ledger.finishRelease(release, 'succeeded');
		release = await begin('r-2');
		await expect(recordStep(ledger, step({ requires }), effect())).rejects.toMatchObject({
			code: 'RELEASE.STEP_NOT_PROVEN',
		});
	});

	describe('that requires a gate', () => {
		const GATE = { gate: 'gate-1/approval', quorum: 1, approvers: [], evidence: {}, evidenceHash: 'e' };
		const OPEN = { ...GATE, expiresInMs: 60_000, executionId: '1', wakeSeal: '' };
		const gated = async (act: StepEffect): Promise<unknown> =>
			await recordStep(ledger, step({ requires: ['gate-1/approval'] }), act);

		beforeEach(async () => {
			const approval = step({ stepKey: 'gate-1/approval', kind: 'verdict' });
			await recordStep(ledger, approval, effect({ run: async () => ({ result: null, verdict: 'passed' }) }));
		});

		it('runs once the gate itself stands as approved', async () => {
			await ledger.gates.openGate(release, OPEN);
			await ledger.gates.decideGate(release, 'gate-1/approval', { state: 'approved', reason: '' });
			const act = effect();
			await gated(act);
			expect(act.run).toHaveBeenCalledTimes(1);
		});

		it.each(['rejected', 'expired', 'void'] as const)('is refused while the gate is %s', async (state) => {
			await ledger.gates.openGate(release, OPEN);
			await ledger.gates.decideGate(release, 'gate-1/approval', { state, reason: '' });
			const act = effect();
			await expect(gated(act)).rejects.toMatchObject({
				code: 'RELEASE.STEP_NOT_PROVEN',
				meta: { required: 'gate-1/approval', state: `recorded, but its gate is ${state}` },
			});
			expect(act.run).not.toHaveBeenCalled();
		});

		it('is refused while the gate is open, and when a step of that name was recorded without any gate', async () => {
			const act = effect();
			await expect(gated(act)).rejects.toMatchObject({
				meta: { state: 'recorded, but its gate is not in the ledger' },
			});
			await ledger.gates.openGate(release, OPEN);
			await expect(gated(act)).rejects.toMatchObject({ meta: { state: 'recorded, but its gate is open' } });
			expect(act.run).not.toHaveBeenCalled();
		});

		it('is refused when the gate was approved for another release', async () => {
			await ledger.gates.openGate(release, OPEN);
			await ledger.gates.decideGate(release, 'gate-1/approval', { state: 'approved', reason: '' });
			await ledger.finishRelease(release, 'rejected');
			release = await begin('r-2');
			await expect(gated(effect())).rejects.toMatchObject({ meta: { state: 'not recorded' } });
		});
	});

	it('refuses every change of a rehearsal, and lets it judge', async () => {
		release = await begin('r-rehearsal', true);
		const act = effect();
		await expect(recordStep(ledger, step(), act)).rejects.toMatchObject({ code: 'RELEASE.MANUAL_RUN_NOT_ARMED' });
		expect(act.run).not.toHaveBeenCalled();
		await expect(judge('passed')).resolves.toMatchObject({ verdict: 'passed' });
	});

	it('refuses a release the ledger does not know', async () => {
		release = { id: 'r-unknown', token: 1 };
		await expect(recordStep(ledger, step(), effect())).rejects.toMatchObject({ code: 'RELEASE.UNKNOWN' });
	});
});

describe('resuming', () => {
	it('answers a change that is already proven from the record', async () => {
		await recordStep(ledger, step(), effect());
		const again = effect();
		await expect(recordStep(ledger, step(), again)).resolves.toEqual({
			result: { applied: 2 },
			evidence: null,
			fromRecord: true,
		});
		expect(again.run).not.toHaveBeenCalled();
	});

	it('refuses a proven change whose inputs are different now', async () => {
		await recordStep(ledger, step(), effect());
		const again = effect();
		await expect(recordStep(ledger, step({ inputs: { to: '3' } }), again)).rejects.toMatchObject({
			code: 'RELEASE.PLAN_CHANGED',
		});
		expect(again.run).not.toHaveBeenCalled();
	});

	it('does a failed change again, and keeps the first way back', async () => {
		await recordStep(
			ledger,
			step(),
			effect({
				prepare: async () => ({ inverse: 'first' }),
				run: async () => await Promise.reject(new Error('x')),
			}),
		).catch(() => undefined);
		await recordStep(ledger, step(), effect({ prepare: async () => ({ inverse: 'second' }) }));
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', '')).toMatchObject({
			state: 'passed',
			attempts: 2,
			inverse: 'first',
		});
	});

	it('judges again, however the last judgement ended', async () => {
		const judged = { kind: 'verdict' } as const;
		await recordStep(ledger, step(judged), effect({ run: async () => ({ result: 1, verdict: 'passed' }) }));
		await expect(
			recordStep(ledger, step(judged), effect({ run: async () => ({ result: 2, verdict: 'failed' }) })),
		).resolves.toMatchObject({ verdict: 'failed' });
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', '')).toMatchObject({
			state: 'failed',
			attempts: 2,
		});
	});

	it('keeps the items of one step apart', async () => {
		await recordStep(ledger, step({ itemKey: 'backend' }), effect());
		const other = effect();
		await recordStep(ledger, step({ itemKey: 'frontend' }), other);
		expect(other.run).toHaveBeenCalledTimes(1);
	});

	it('calls an interrupted change done when it is observed as done, without repeating it', async () => {
		await interrupted();
		const again = effect({ observe: async () => 'done' });
		await expect(recordStep(ledger, step(), again)).resolves.toEqual({
			result: { observed: 'done' },
			fromRecord: true,
		});
		expect(again.run).not.toHaveBeenCalled();
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', '')).toMatchObject({
			state: 'passed',
			result: { observed: 'done' },
		});
	});

	it('keeps what is observed of an interrupted change for the steps after it', async () => {
		await interrupted();
		const found = { result: { applied: ['1'] }, evidence: { rows: 7 }, pointOfNoReturn: { reason: 'dropped' } };
		const again = effect({ observe: async () => ({ outcome: 'done', ...found }) });
		expect(await recordStep(ledger, step(), again)).toEqual({ ...found, fromRecord: true });
		expect(again.run).not.toHaveBeenCalled();
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', '')).toMatchObject({
			state: 'passed',
			result: { applied: ['1'] },
			evidence: { rows: 7 },
		});
		expect(await ledger.readRelease('r-1')).toMatchObject({ pointOfNoReturn: { reason: 'dropped' } });
	});

	it('runs a change that reads the world first every time', async () => {
		await recordStep(ledger, step({ alwaysRuns: true }), effect());
		const again = effect();
		expect(await recordStep(ledger, step({ alwaysRuns: true, inputs: 'other' }), again)).toMatchObject({
			fromRecord: false,
		});
		expect(again.run).toHaveBeenCalledTimes(1);
	});

	it('repeats an interrupted change that is observed as not done', async () => {
		await interrupted();
		const again = effect({ observe: async () => 'not-done' });
		await expect(recordStep(ledger, step(), again)).resolves.toMatchObject({ fromRecord: false });
		expect(again.run).toHaveBeenCalledTimes(1);
	});

	it.each([
		['cannot be told', { observe: async () => 'unknown' as const }],
		['nobody can observe', {}],
	])('never repeats an interrupted change whose outcome %s', async (_, observer) => {
		await interrupted();
		const again = effect(observer);
		await expect(recordStep(ledger, step(), again)).rejects.toMatchObject({ code: 'RELEASE.OUTCOME_UNKNOWN' });
		expect(again.run).not.toHaveBeenCalled();
	});
});
