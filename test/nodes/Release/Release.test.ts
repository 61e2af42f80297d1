import { PROOFS_OF_SUCCESS } from '../../../lib/release/assessTerminalState';
import { releaseErrors } from '../../../lib/release/errors';
import { configuration, createReleaseNode, openLedger, type ReleaseNode } from './releaseNode';

const AWAY = releaseErrors.LEDGER_UNREACHABLE({ host: 'ledger.example.com', problem: 'connection refused' });
let node: ReleaseNode;
beforeEach(() => (node = createReleaseNode()));

describe('Return Verdict', () => {
	const phase = { operation: 'returnVerdict', releaseId: 'r-1', phaseName: 'phase-1', stepKeys: '1.1/a, 1.2/b,' };

	it('reads the ledger: an item that calls itself passed is not believed', async () => {
		const release = await node.begun();
		await node.record(release, '1.1/a', 'passed');
		await node.record(release, '1.2/b', 'failed');
		const items = [{ json: { phase: { name: 'phase-1', verdict: 'passed' }, health: { verdict: 'passed' } } }];
		const { output, json } = await node.single(phase, { items });
		expect(output).toBe(0);
		expect(json).toEqual({
			health: { verdict: 'passed' },
			phase: {
				name: 'phase-1',
				verdict: 'failed',
				reasons: ['1.2/b is failed'],
				rollbackWithheld: false,
				steps: [
					{ stepKey: '1.1/a', state: 'passed' },
					{ stepKey: '1.2/b', state: 'failed' },
				],
			},
		});
	});

	it('nor one that calls itself failed: all steps passed', async () => {
		const release = await node.begun();
		await node.record(release, '1.1/a', 'passed');
		await node.record(release, '1.2/b', 'passed');
		const { json } = await node.single(phase, { items: [{ json: { phase: { verdict: 'failed' } } }] });
		expect(json.phase).toMatchObject({ verdict: 'passed', reasons: [] });
	});

	it('tells that nothing goes back by itself, once traffic may be on a version from which that is not proven', async () => {
		const release = await node.begun();
		const withheld = async () =>
			((await node.single(phase)).json.phase as { rollbackWithheld: boolean }).rollbackWithheld;
		await node.record(release, '2.1/old-code', 'failed');
		await node.record(release, '2.1/deploy-migrations', 'passed');
		expect(await withheld()).toBe(false);
		await node.record(release, '3.2/switch-traffic', 'passed');
		expect(await withheld()).toBe(true);
	});

	it('is inconclusive for a step that nobody recorded and for a release that nobody began', async () => {
		const release = await node.begun();
		await node.record(release, '1.1/a', 'passed');
		expect((await node.single(phase)).json.phase).toMatchObject({ verdict: 'inconclusive' });
		expect((await node.single({ ...phase, releaseId: 'r-9' })).json.phase).toMatchObject({
			verdict: 'inconclusive',
		});
	});

	it('stops the clock of its phase, whatever the verdict', async () => {
		await node.begun();
		await node.ledger.startPhase('r-1', 'phase-1');
		await node.ledger.startPhase('r-1', 'phase-2');
		await node.single(phase);
		expect(await node.ledger.readPhases('r-1')).toMatchObject([
			{ phase: 'phase-1', finishedAt: expect.any(Date) as Date },
			{ phase: 'phase-2', finishedAt: null },
		]);
	});

	it('refuses a list that names no step: nothing to prove is no permission', async () => {
		await expect(node.execute({ ...phase, stepKeys: ' , ' })).rejects.toThrow('The field stepKeys is not valid');
	});
});

describe('Get', () => {
	const NONE = {
		found: false,
		live: false,
		watching: false,
		waiting: false,
		toWatch: false,
		watchOver: false,
		switched: false,
	};
	const get = (findBy: string, findValue: string): Record<string, unknown> => ({
		operation: 'get',
		findBy,
		findValue,
	});

	it.each(['id', 'execution', 'environment', 'lastStable'])('finding none by %s is an answer', async (findBy) => {
		const { output, json } = await node.single(get(findBy, 'nothing'));
		expect({ output, json }).toEqual({ output: 0, json: { release: NONE } });
	});

	it.each([
		['id', 'r-1'],
		['execution', '41'],
		['environment', 'production'],
	])('finds the live one by %s, with its steps', async (findBy, value) => {
		const release = await node.begun({ executionId: '41' });
		await node.record(release, '3.2/switch-traffic', 'started');
		const { json } = await node.single(get(findBy, value));
		expect(json.release).toMatchObject({
			id: 'r-1',
			found: true,
			live: true,
			watching: false,
			waiting: false,
			watchOver: false,
			switched: true,
			steps: [
				{
					stepKey: '3.2/switch-traffic',
					state: 'started',
					startedAt: expect.any(String) as string,
					finishedAt: null,
					error: null,
				},
			],
		});
	});

	it('finds the last one that succeeded, not the one that failed after it', async () => {
		await node.ledger.finishRelease(await node.begun(), 'succeeded');
		await node.ledger.finishRelease(await node.begun({ id: 'r-2', version: '3' }), 'rolled-back-verified');
		const { json } = await node.single(get('lastStable', 'production'));
		expect(json.release).toMatchObject({ id: 'r-1', found: true, live: false });
	});

	it('says when it waits for a person, and when its watch is over', async () => {
		const release = await node.begun();
		const until = new Date(Date.now() + 60_000);
		node.ledger.put({ ...release, state: 'waiting', waitingUntil: until });
		expect((await node.single(get('id', 'r-1'))).json.release).toMatchObject({
			waiting: true,
			waitingUntil: until.toISOString(),
		});
		await node.ledger.enterWatching(release, -1);
		expect((await node.single(get('id', 'r-1'))).json.release).toMatchObject({ watching: true, watchOver: true });
	});

	it.each([
		['passed', 0, true],
		['started', 0, false],
		['started', 3_600_000, true],
	] as const)(
		'is to be measured while watched, unless a tick (%s, %d ms ago) still does',
		async (state, ago, toWatch) => {
			const release = await node.begun();
			expect((await node.single(get('id', 'r-1'))).json.release).toMatchObject({ toWatch: false });
			await node.ledger.enterWatching(release, 60_000);
			await node.record(release, 'watch/health', state);
			const steps = await node.ledger.readSteps('r-1');
			const startedAt = new Date(Date.now() - ago);
			jest.spyOn(node.ledger, 'readSteps').mockResolvedValue(steps.map((step) => ({ ...step, startedAt })));
			expect((await node.single(get('id', 'r-1'))).json.release).toMatchObject({ watching: true, toWatch });
		},
	);

	it('of a rehearsal says that it is not live', async () => {
		await node.begun({ rehearsal: true });
		expect((await node.single(get('id', 'r-1'))).json.release).toMatchObject({ found: true, live: false });
	});

	it('fails while the ledger is away: not to know is not to have found none', async () => {
		jest.mocked(openLedger).mockRejectedValue(AWAY);
		await expect(node.execute(get('id', 'r-1'))).rejects.toThrow('RELEASE.LEDGER_UNREACHABLE');
	});
});

describe('Read Failure', () => {
	const failed = (error: unknown, executionId: unknown = '41') => ({
		items: [
			{
				json: {
					execution: { id: executionId, error, lastNodeExecuted: 'Set image', mode: 'webhook' },
					workflow: { id: 'deploy', name: 'Deploy production' },
				} as never,
			},
		],
	});
	const readFailure = { operation: 'readFailure' };
	const told = {
		executionId: '41',
		workflow: 'Deploy production',
		lastNode: 'Set image',
		errorName: 'Error',
		message: 'x',
		isCalled: false,
		ledgerReachable: true,
	};

	it('gives a plain item, from a live error object too, and keeps nothing else of it', async () => {
		await node.begun({ executionId: '41' });
		const error = Object.assign(new Error('x'), { node: { credentials: 'kept from the item' } });
		const { output, json } = await node.single(readFailure, failed(error));
		expect({ output, json }).toEqual({
			output: 0,
			json: {
				failure: {
					...told,
					action: 'finish',
					release: expect.objectContaining({ id: 'r-1', token: 1 }) as object,
					standing: 'no step was begun',
				},
			},
		});
	});

	it('says roll back once the switch was begun', async () => {
		await node.record(await node.begun({ executionId: '41' }), '3.2/switch-traffic', 'started');
		const { json } = await node.single(readFailure, failed(new Error('x')));
		const standing = 'the last step in the ledger is 3.2/switch-traffic (started)';
		expect(json.failure).toMatchObject({ action: 'roll-back', standing });
	});

	it('of a run whose release was taken over leaves it to whoever has it now', async () => {
		await node.begun({ executionId: '41' });
		const taken = await node.ledger.takeOver('r-1', { reason: 'hangs', intent: 'continue' });
		const joining = { operation: 'join', intent: 'continue', joinReleaseId: 'r-1', joinToken: 1, joinPhase: '' };
		const refused: unknown = await node
			.execute({ ...joining, configuration: configuration() })
			.catch((error: unknown) => error);
		expect(refused).toMatchObject({ message: expect.stringContaining('RELEASE.FENCED_OUT') as string });
		const { json } = await node.single(readFailure, failed(refused));
		expect(json.failure).toMatchObject({ action: 'page', release: { id: 'r-1', token: taken.token } });
	});

	it.each([
		['no execution', {}],
		['nothing', { execution: null, workflow: undefined }],
		['an id that is an object', { execution: { id: {} } }],
	])('given %s says page: somebody must look', async (_, json) => {
		await node.begun({ executionId: '41' });
		const { json: item } = await node.single(readFailure, { items: [{ json: json }] });
		expect(item).toMatchObject({ failure: { action: 'page', executionId: '', release: null } });
	});

	it('without the ledger says page, and that it could not look', async () => {
		jest.mocked(openLedger).mockRejectedValue(AWAY);
		const { json } = await node.single(readFailure, failed(new Error('x')));
		const unseen = { ledgerReachable: false, release: null, standing: '' };
		expect(json).toEqual({ failure: { ...told, action: 'page', ...unseen } });
	});

	it('says so too when the ledger goes away half-way', async () => {
		await node.begun({ executionId: '41' });
		jest.spyOn(node.ledger, 'readSteps').mockRejectedValue(AWAY);
		const { json } = await node.single(readFailure, failed(new Error('x')));
		expect(json.failure).toMatchObject({ action: 'page', ledgerReachable: false, release: null });
	});
});

const registerPlan = { resource: 'phase', operation: 'registerPlan', plannedReleaseId: 'r-1' };
/** The workflow that runs, after somebody changed a wire. */
const edited = { id: 'w', nodes: {}, connectionsBySourceNode: { Release: {} } };

describe('Join', () => {
	const join = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
		operation: 'join',
		intent: 'continue',
		joinReleaseId: 'r-1',
		joinToken: 1,
		joinPhase: '',
		configuration: configuration(),
		...change,
	});

	it('continues under the token of the caller, and refuses a stale one, which is recorded', async () => {
		await node.begun();
		expect((await node.single(join())).json.release).toMatchObject({ id: 'r-1', token: 1, state: 'running' });
		await expect(node.execute(join({ joinToken: 0 }))).rejects.toThrow('RELEASE.FENCED_OUT');
		await expect(node.execute(join({ joinReleaseId: 'r-9' }))).rejects.toThrow('RELEASE.UNKNOWN');
		expect(node.ledger.refusals.map(({ releaseId, code }) => [releaseId, code])).toEqual([
			['r-1', 'RELEASE.FENCED_OUT'],
			['r-9', 'RELEASE.UNKNOWN'],
		]);
	});

	it('to roll back takes a higher token; who held the release is refused', async () => {
		await node.begun();
		const rollBack = { operation: 'join', intent: 'rollBack', joinReleaseId: 'r-1', reason: 'errors' };
		expect((await node.single(rollBack)).json.release).toMatchObject({
			id: 'r-1',
			token: 2,
			reason: 'errors',
			rollingBackAt: expect.any(String) as string,
		});
		await expect(node.execute(join())).rejects.toThrow('RELEASE.FENCED_OUT');
	});

	it('starts the clock of its phase', async () => {
		await node.begun();
		await node.single(join({ joinPhase: 'phase-1-pre-deployment' }));
		expect(await node.ledger.readPhases('r-1')).toMatchObject([
			{ phase: 'phase-1-pre-deployment', finishedAt: null },
		]);
	});

	it('refuses a phase that is asked for its plan and would run instead: the beginning release gives no token', async () => {
		await node.begun();
		const asked = join({ joinToken: null, joinPhase: 'phase-1-pre-deployment' });
		await expect(node.execute(asked)).rejects.toThrow('RELEASE.FENCED_OUT');
	});

	it('refuses a phase that was edited since, and records it', async () => {
		await node.begun();
		await node.execute(registerPlan);
		await expect(node.execute(join({ joinPhase: 'phase-1-pre-deployment' }), { workflow: edited })).rejects.toThrow(
			'workflow/w is not what the release began with',
		);
		expect(node.ledger.refusals).toMatchObject([{ releaseId: 'r-1', code: 'RELEASE.WORKFLOW_CHANGED' }]);
		expect(await node.ledger.readPhases('r-1')).toEqual([]);
	});

	it('outside the phases registers no plan', async () => {
		await node.begun();
		await node.single(join());
		expect(await node.ledger.readPlan('r-1')).toEqual([]);
	});

	it('refuses a phase whose name was blanked since, which would switch the check off', async () => {
		await node.begun();
		await node.execute(registerPlan);
		await expect(node.execute(join(), { workflow: edited })).rejects.toThrow('RELEASE.WORKFLOW_CHANGED');
	});
});

describe('Register Plan', () => {
	it('registers what the workflow would do, starts no clock and lets no item go on', async () => {
		await node.begun();
		expect((await node.execute(registerPlan)).outputs).toEqual([[]]);
		const parts = await node.ledger.readPlan('r-1');
		expect(parts.map(({ part }) => part)).toEqual(['workflow/w']);
		expect(await node.ledger.readPhases('r-1')).toEqual([]);
	});

	it('refuses a workflow that promised something else before, and records it', async () => {
		await node.begun();
		await node.execute(registerPlan);
		const again = node.execute(registerPlan, { workflow: edited });
		await expect(again).rejects.toThrow('workflow/w is not what the release began with');
		expect(node.ledger.refusals).toMatchObject([{ releaseId: 'r-1', code: 'RELEASE.WORKFLOW_CHANGED' }]);
	});
});

describe('Start Watch and Finish', () => {
	it('watches only what is proven, and ends it in the state its steps prove', async () => {
		const release = await node.begun();
		const watch = { operation: 'startWatch', releaseId: 'r-1', token: 1, windowSeconds: 600 };
		await expect(node.execute(watch)).rejects.toThrow('RELEASE.STEP_NOT_PROVEN');
		for (const stepKey of PROOFS_OF_SUCCESS) await node.record(release, stepKey, 'passed');
		const { json } = await node.single(watch);
		expect(json.release).toMatchObject({ state: 'watching', watchUntil: expect.any(String) as string });
		const finish = { operation: 'finish', releaseId: 'r-1', token: 1, finishReason: 'by hand' };
		// The window has not ended: nobody may call this a success.
		expect((await node.single(finish)).json.release).toMatchObject({
			state: 'needs-human',
			reason: 'by hand',
			finishedAt: expect.any(String) as string,
		});
	});

	it('refuses to finish for a holder that was superseded', async () => {
		await node.begun();
		await node.ledger.takeOver('r-1', { reason: 'errors', intent: 'rollBack' });
		const finish = { operation: 'finish', releaseId: 'r-1', token: 1, finishReason: '' };
		await expect(node.execute(finish)).rejects.toThrow('RELEASE.FENCED_OUT');
	});
});
