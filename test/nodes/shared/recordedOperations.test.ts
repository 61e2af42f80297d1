import type { ReleaseContext } from '../../../lib/release/model';
import { openLedger } from '../../../lib/release/ledger.client';
import type { NodeOperations, Operation } from '../../../nodes/shared/operation';
import { runOperations } from '../../../nodes/shared/runOperations';
import { fakeExecuteContext, type FakeExecution } from '../../support/fakeExecuteContext';
import { MemoryLedger, newRelease } from '../../support/memoryLedger';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

const CANARY = 'canary-s3cret-4711';
let ledger: MemoryLedger;
let release: ReleaseContext;
let database = 0;

beforeEach(async () => {
	ledger = new MemoryLedger();
	jest.mocked(openLedger).mockImplementation(async () => await Promise.resolve(ledger));
	database += 1;
	release = await begin('r-1', false);
});

async function begin(id: string, rehearsal: boolean): Promise<ReleaseContext> {
	return (await ledger.beginRelease(newRelease({ id, rehearsal }))).release;
}

function recording(change: Record<string, unknown> = {}): FakeExecution {
	return {
		parameters: {
			operation: 'deploy',
			recordStep: true,
			stepKey: '2.1/deploy-migrations',
			releaseId: release.id,
			token: release.token,
			...change,
		},
		// A ledger is kept per credential as long as the process lives; each test has one of its own.
		credentials: {
			releaseLedger: {
				host: 'ledger.example.com',
				database: `operations-${database}`,
				user: 'runbook',
				password: CANARY,
			},
		},
	};
}

function node(change: Partial<Operation<unknown>> = {}): NodeOperations & { run: jest.Mock } {
	const run = jest.fn(change.run ?? (async () => ({ result: { applied: 1 } })));
	const operation: Operation<unknown> = {
		name: 'deploy',
		kind: 'change',
		description: [],
		readParameters: () => ({}),
		plan: () => ({ key: 'backend', inputs: { to: 2 } }),
		...change,
		run,
	};
	return { resultKey: 'migration', operations: [operation], run };
}

describe('a recorded step', () => {
	it('stands in the ledger under its step key and item key, and the item carries the release', async () => {
		const { context } = fakeExecuteContext(recording());
		const outputs = await runOperations(context, node());
		expect(outputs).toEqual([
			[{ json: { release: { id: 'r-1', token: 1 }, migration: { applied: 1 } }, pairedItem: { item: 0 } }],
		]);
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', 'backend')).toMatchObject({
			kind: 'change',
			state: 'passed',
			result: { applied: 1 },
		});
	});

	it('is answered from the record the second time', async () => {
		await runOperations(fakeExecuteContext(recording()).context, node());
		const again = node();
		const outputs = await runOperations(fakeExecuteContext(recording()).context, again);
		expect(again.run).not.toHaveBeenCalled();
		expect(outputs[0]?.[0]?.json.migration).toEqual({ applied: 1 });
	});

	it('refuses without the steps it requires, whatever wire led to it', async () => {
		const refused = node({ requires: ['gate-1/approval'] });
		await expect(runOperations(fakeExecuteContext(recording()).context, refused)).rejects.toMatchObject({
			message: expect.stringContaining('RELEASE.STEP_NOT_PROVEN') as string,
		});
		expect(refused.run).not.toHaveBeenCalled();
		expect(ledger.refusals).toEqual([
			expect.objectContaining({
				releaseId: 'r-1',
				code: 'RELEASE.STEP_NOT_PROVEN',
				message: expect.stringContaining('2.1/deploy-migrations') as string,
			}),
		]);
	});

	it('that failed is in its own record, not among the refusals', async () => {
		const failing = node({ run: async () => await Promise.reject(new Error('x')) });
		await expect(runOperations(fakeExecuteContext(recording()).context, failing)).rejects.toThrow('x');
		expect(ledger.refusals).toEqual([]);
	});

	it('whose refusal cannot be recorded is refused all the same, for the same reason', async () => {
		jest.spyOn(ledger, 'recordRefusal').mockRejectedValue(new Error('ledger away'));
		const refused = node({ requires: ['gate-1/approval'] });
		await expect(runOperations(fakeExecuteContext(recording()).context, refused)).rejects.toThrow(
			'STEP_NOT_PROVEN',
		);
	});

	it('refuses a change in a rehearsal', async () => {
		release = await begin('r-rehearsal', true);
		const refused = node();
		await expect(runOperations(fakeExecuteContext(recording()).context, refused)).rejects.toMatchObject({
			message: expect.stringContaining('RELEASE.MANUAL_RUN_NOT_ARMED') as string,
		});
		expect(refused.run).not.toHaveBeenCalled();
	});

	it('uses the token it was given, never a newer one', async () => {
		const stale = recording();
		await ledger.takeOver('r-1', { reason: 'errors', intent: 'rollBack' });
		const refused = node();
		await expect(runOperations(fakeExecuteContext(stale).context, refused)).rejects.toMatchObject({
			message: expect.stringContaining('RELEASE.FENCED_OUT') as string,
		});
		expect(ledger.refusals).toMatchObject([{ releaseId: 'r-1', code: 'RELEASE.FENCED_OUT' }]);
		expect(refused.run).not.toHaveBeenCalled();
	});

	it('stores the undo before the act and what it observes of an interrupted one', async () => {
		const inverse = { selector: { color: 'blue' } };
		await runOperations(fakeExecuteContext(recording()).context, node({ prepare: async () => ({ inverse }) }));
		expect(await ledger.readStep('r-1', '2.1/deploy-migrations', 'backend')).toMatchObject({ inverse });
	});

	it.each([
		['no release id', { releaseId: '' }],
		['no token', { token: '' }],
		['a token that is no number', { token: 'x' }],
	])('says what is missing when there is %s', async (_, parameters) => {
		const refused = node();
		const error: unknown = await runOperations(fakeExecuteContext(recording(parameters)).context, refused).catch(
			(caught: unknown) => caught,
		);
		expect(error).toMatchObject({
			description: expect.stringContaining('Put a Release node named "Release" before this node') as string,
		});
		expect(refused.run).not.toHaveBeenCalled();
	});

	it('lets an operation read what the ledger holds of another step', async () => {
		await runOperations(fakeExecuteContext(recording()).context, node());
		const reader = node({
			kind: 'observe',
			run: async ({ recorded }) => ({
				result: ((await recorded('2.1/deploy-migrations', 'backend')) ?? { result: null }).result,
			}),
		});
		const outputs = await runOperations(fakeExecuteContext(recording({ stepKey: 'x/read' })).context, reader);
		expect(outputs[0]?.[0]?.json.migration).toEqual({ applied: 1 });
	});

	it('never stores a secret: not in the result, not in the error', async () => {
		await runOperations(
			fakeExecuteContext(recording()).context,
			node({ run: async () => ({ result: { text: `x ${CANARY}` }, evidence: [CANARY] }) }),
		);
		await runOperations(
			fakeExecuteContext(recording({ stepKey: '3.1/set-image' })).context,
			node({ run: async () => await Promise.reject(new Error(`login as ${CANARY}`)) }),
		).catch(() => undefined);
		const steps = await ledger.readSteps('r-1');
		expect(steps).toHaveLength(2);
		expect(JSON.stringify(steps)).toContain('***');
		expect(JSON.stringify(steps)).not.toContain(CANARY);
	});
});

describe('the ledger', () => {
	it('is opened once per credential and stays open for the next execution', async () => {
		await runOperations(fakeExecuteContext(recording()).context, node());
		await runOperations(fakeExecuteContext(recording({ stepKey: 'x/other' })).context, node());
		expect(
			jest
				.mocked(openLedger)
				.mock.calls.filter(([connection]) => connection.database === `operations-${database}`),
		).toHaveLength(1);
	});

	it('is opened anew after it could not be reached', async () => {
		jest.mocked(openLedger).mockRejectedValueOnce(new Error('connection refused'));
		await expect(runOperations(fakeExecuteContext(recording()).context, node())).rejects.toThrow(
			'connection refused',
		);
		await expect(runOperations(fakeExecuteContext(recording()).context, node())).resolves.toHaveLength(1);
	});
});
