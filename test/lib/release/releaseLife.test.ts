import { PROOFS_OF_SUCCESS } from '../../../lib/release/assessTerminalState';
import { finishRelease } from '../../../lib/release/finishRelease';
import { joinRelease } from '../../../lib/release/joinRelease';
import type { Release, StepState } from '../../../lib/release/model';
import { startWatch } from '../../../lib/release/startWatch';
import { MemoryLedger, newRelease } from '../../support/memoryLedger';

const WINDOW_MS = 600_000;
let ledger: MemoryLedger;
let release: Release;

beforeEach(async () => {
	ledger = new MemoryLedger();
	release = await begin('r-1');
});

async function begin(id: string): Promise<Release> {
	return (await ledger.beginRelease(newRelease({ id }))).release;
}

/** A rollback takes the release over. */
async function takeOver(): Promise<Release> {
	return await ledger.takeOver('r-1', { reason: 'errors', intent: 'rollBack' });
}

async function record(stepKey: string, state: StepState): Promise<void> {
	const step = { release, stepKey, itemKey: '', kind: 'verdict' as const, inputs: null, requires: [] };
	await ledger.startStep(step, { inputHash: '', inverse: null });
	if (state !== 'started') await ledger.finishStep(step, { state, result: null, evidence: null, error: null });
}

async function prove(...except: string[]): Promise<void> {
	for (const stepKey of PROOFS_OF_SUCCESS.filter((key) => !except.includes(key))) await record(stepKey, 'passed');
}

describe('joining', () => {
	it('goes on under the token it was given', async () => {
		expect(await joinRelease(ledger, { id: 'r-1', token: 1 })).toEqual(release);
	});

	it('refuses a release that the ledger does not know', async () => {
		await expect(joinRelease(ledger, { id: 'r-2', token: 1 })).rejects.toMatchObject({
			code: 'RELEASE.UNKNOWN',
			meta: { releaseId: 'r-2' },
		});
	});

	it.each([0, 2, Number.NaN])('refuses the token %d', async (token) => {
		await expect(joinRelease(ledger, { id: 'r-1', token })).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
	});

	it('refuses the token that a rollback superseded, and takes the new one', async () => {
		const taken = await takeOver();
		await expect(joinRelease(ledger, release)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(await joinRelease(ledger, taken)).toEqual(taken);
	});

	it('refuses a finished release, with the state it ended in', async () => {
		await ledger.finishRelease(release, 'rejected');
		await expect(joinRelease(ledger, release)).rejects.toMatchObject({
			code: 'RELEASE.NOT_JOINABLE',
			meta: { state: 'rejected' },
		});
	});
});

describe('joining a phase', () => {
	const PARTS = [
		{ part: 'workflow/phase-2', hash: 'a' },
		{ part: 'configuration', hash: 'b' },
	];
	const changed = (index: number): typeof PARTS =>
		PARTS.map((part, at) => (at === index ? { ...part, hash: 'other' } : part));

	it('starts its clock, once: a second join keeps the first start and opens it again', async () => {
		await joinRelease(ledger, release, { parts: PARTS, phase: 'phase-2-migration' });
		const [first] = await ledger.readPhases('r-1');
		await ledger.finishPhase('r-1', 'phase-2-migration');
		await joinRelease(ledger, release, { parts: PARTS, phase: 'phase-2-migration' });
		expect(await ledger.readPhases('r-1')).toEqual([{ ...first, finishedAt: null }]);
	});

	it('without a phase starts no clock and promises nothing', async () => {
		await joinRelease(ledger, release, { parts: PARTS });
		expect(await ledger.readPhases('r-1')).toEqual([]);
		expect(await ledger.readPlan('r-1')).toEqual([]);
	});

	it('without a phase is still held to what was promised', async () => {
		await ledger.registerPlan('r-1', PARTS);
		await expect(joinRelease(ledger, release, { parts: changed(0) })).rejects.toMatchObject({
			code: 'RELEASE.WORKFLOW_CHANGED',
		});
	});

	it.each([
		[0, 'workflow/phase-2'],
		[1, 'configuration'],
	])('is refused when part %d is not what the release began with, and starts no clock', async (index, part) => {
		await ledger.registerPlan('r-1', PARTS);
		const joining = joinRelease(ledger, release, { parts: changed(index), phase: 'phase-2-migration' });
		await expect(joining).rejects.toMatchObject({ code: 'RELEASE.WORKFLOW_CHANGED', meta: { part } });
		expect(await ledger.readPhases('r-1')).toEqual([]);
		expect(await ledger.readPlan('r-1')).toEqual(PARTS);
	});

	it('registers nothing under a stale token', async () => {
		const joining = joinRelease(ledger, { id: 'r-1', token: 0 }, { parts: PARTS, phase: 'phase-2-migration' });
		await expect(joining).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(await ledger.readPlan('r-1')).toEqual([]);
	});
});

describe('starting the watch', () => {
	it.each([
		['longer', 2 * WINDOW_MS, 2 * WINDOW_MS],
		['no less', 1_000, WINDOW_MS],
	])('lasts %s when clients may take so long to leave the replaced version', async (_, drainMs, expectedMs) => {
		await prove();
		const before = Date.now();
		const { watchUntil } = await startWatch(ledger, release, { windowMs: WINDOW_MS, drainMs });
		expect(watchUntil?.getTime()).toBeGreaterThanOrEqual(before + expectedMs);
		expect(watchUntil?.getTime()).toBeLessThan(before + expectedMs + WINDOW_MS / 2);
	});

	it('keeps the lock and says until when', async () => {
		await prove();
		const before = Date.now();
		const watching = await startWatch(ledger, release, { windowMs: WINDOW_MS });
		expect(watching).toMatchObject({ id: 'r-1', state: 'watching', token: 1, finishedAt: null });
		expect(watching.watchUntil?.getTime()).toBeGreaterThanOrEqual(before + WINDOW_MS);
		expect(await ledger.listLiveReleases('production')).toEqual([watching]);
	});

	it.each(PROOFS_OF_SUCCESS)('is refused while %s is not recorded', async (stepKey) => {
		await prove(stepKey);
		await expect(startWatch(ledger, release, { windowMs: WINDOW_MS })).rejects.toMatchObject({
			code: 'RELEASE.STEP_NOT_PROVEN',
			meta: { required: stepKey, state: 'not recorded' },
		});
		expect(await ledger.readRelease('r-1')).toMatchObject({ state: 'running', watchUntil: null });
	});

	it.each(['failed', 'inconclusive', 'started'] as const)('is refused while a proof stands as %s', async (state) => {
		await prove('4.2/error-rate');
		await record('4.2/error-rate', state);
		await expect(startWatch(ledger, release, { windowMs: WINDOW_MS })).rejects.toMatchObject({
			code: 'RELEASE.STEP_NOT_PROVEN',
			meta: { required: '4.2/error-rate', state },
		});
	});

	it('is refused to a holder whose token was superseded', async () => {
		await prove();
		await takeOver();
		await expect(startWatch(ledger, release, { windowMs: WINDOW_MS })).rejects.toMatchObject({
			code: 'RELEASE.FENCED_OUT',
		});
	});
});

describe('finishing', () => {
	const end = { reason: 'because', now: new Date('2026-11-23T22:00:00Z') };

	it('ends it in the state that its steps prove, and frees the environment', async () => {
		await record('gate-1/approval', 'failed');
		expect(await finishRelease(ledger, release, end)).toMatchObject({ id: 'r-1', state: 'rejected' });
		expect(await begin('r-2')).toMatchObject({ id: 'r-2', token: 2 });
	});

	it('counts as succeeded only once the watch is over', async () => {
		await prove();
		const { watchUntil } = await startWatch(ledger, release, { windowMs: WINDOW_MS });
		await record('watch/health', 'passed');
		await record('watch/error-rate', 'passed');
		expect(await finishRelease(ledger, release, { ...end, now: watchUntil! })).toMatchObject({
			state: 'succeeded',
		});
		expect(await ledger.readLastStable('production')).toMatchObject({ id: 'r-1' });
	});

	it('again answers with how it ended, and changes nothing', async () => {
		const ended = await finishRelease(ledger, release, end);
		await begin('r-2');
		expect(await finishRelease(ledger, release, end)).toEqual(ended);
		expect(await ledger.listLiveReleases('production')).toMatchObject([{ id: 'r-2' }]);
	});

	it('is refused for an unknown release, and to a holder whose token was superseded', async () => {
		await expect(finishRelease(ledger, { id: 'r-9', token: 1 }, end)).rejects.toMatchObject({
			code: 'RELEASE.UNKNOWN',
		});
		await takeOver();
		await expect(finishRelease(ledger, release, end)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		expect(await ledger.readRelease('r-1')).toMatchObject({ state: 'running', finishedAt: null });
	});
});
