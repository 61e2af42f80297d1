import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { openLedger } from '../../../lib/release/ledger.client';
import { PROOFS_OF_SUCCESS } from '../../../lib/release/assessTerminalState';
import type { Release as LedgerRelease, StepState } from '../../../lib/release/model';
import { Release } from '../../../nodes/Release/Release.node';
import { fakeExecuteContext, type FakeExecution } from '../../support/fakeExecuteContext';
import { MemoryLedger } from '../../support/memoryLedger';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

const CANARY = 'canary-s3cret-4711';
const POLICY = {
	sampling: { intervalSeconds: 5, minimumSamples: 6, minimumRequests: 20 },
	errorRate: { pass: 0.01, warning: 0.01, critical: 0.05, rollback: { above: 0.1, heldForSeconds: 60 } },
	responseTimeSeconds: { quantile: 0.95, pass: 0.2, warning: 0.5, critical: 1 },
	cpu: { pass: 0.7, warning: 0.8 },
	memory: { pass: 0.8 },
	health: { intervalSeconds: 5, rollback: { heldForSeconds: 120 } },
	watch: { windowSeconds: 600 },
};
const DIGEST = `sha256:${'a'.repeat(64)}`;
let registry: ScriptedServer;
let repository: string;
let ledger: MemoryLedger;
let database = 0;

beforeAll(async () => {
	registry = await startScriptedServer((request, response) => {
		const pushed = request.url === '/v2/backend/manifests/2026.11.23';
		response.writeHead(pushed ? 200 : 404, pushed ? { 'docker-content-digest': DIGEST } : {}).end();
	});
	repository = `${new URL(registry.url).host}/backend`;
});
afterAll(async () => await registry.close());
beforeEach(() => {
	ledger = new MemoryLedger();
	jest.mocked(openLedger).mockImplementation(async () => await Promise.resolve(ledger));
	// A ledger is kept per credential as long as the process lives; each test has one of its own.
	database += 1;
});

async function execute(parameters: Record<string, unknown>, execution: Partial<FakeExecution> = {}) {
	const releaseLedger = { host: 'ledger.example.com', database: `db${database}`, user: 'runbook', password: CANARY };
	const { context, logged } = fakeExecuteContext({ parameters, credentials: { releaseLedger }, ...execution });
	const outputs: INodeExecutionData[][] = await new Release().execute.call(context);
	return { outputs, logged };
}

/** The one item that left, and through which output. */
async function single(parameters: Record<string, unknown>, execution: Partial<FakeExecution> = {}) {
	const { outputs } = await execute(parameters, execution);
	const output = outputs.findIndex((items) => items.length > 0);
	expect(outputs.flat()).toHaveLength(1);
	return { output, json: outputs[output]?.[0]?.json ?? {} };
}

async function begun(id = 'r-1', executionId = '1'): Promise<LedgerRelease> {
	const facts = { id, environment: 'production', version: '2', commit: '', images: [], startedBy: 'ci' };
	return (await ledger.beginRelease({ ...facts, rehearsal: false, deliveryId: '', executionId })).release;
}

async function record(release: LedgerRelease, stepKey: string, state: StepState): Promise<void> {
	const step = { release, stepKey, itemKey: '', kind: 'verdict' as const, inputs: null, requires: [] };
	await ledger.startStep(step, { inputHash: '', inverse: null });
	if (state !== 'started') await ledger.finishStep(step, { state, result: null, evidence: null, error: null });
}

const [INCONCLUSIVE, FAILED, PASSED] = [0, 1, 2];

describe('Begin', () => {
	const parameters = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
		operation: 'begin',
		environment: 'production',
		expectedEnvironment: 'production',
		version: '2026.11.23',
		commit: '4f9c2a1',
		startedBy: 'ci',
		images: '[]',
		workloads: JSON.stringify([{ service: 'backend', repository }]),
		policy: JSON.stringify(POLICY),
		deliveryId: 'msg_1',
		...change,
	});

	it('passes the begun release on, in plain JSON, beside what the item held', async () => {
		const { output, json } = await single(parameters(), { items: [{ json: { version: 'asked for' } }] });
		expect(output).toBe(PASSED);
		expect(json).toEqual({
			version: 'asked for',
			release: {
				id: expect.stringMatching(/^r-2026\.11\.23-/) as string,
				token: 1,
				environment: 'production',
				version: '2026.11.23',
				commit: '4f9c2a1',
				images: [{ workload: 'backend', image: `${repository}@${DIGEST}` }],
				startedBy: 'ci',
				state: 'running',
				rehearsal: false,
				deliveryId: 'msg_1',
				executionId: '1',
				startedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
				watchUntil: null,
				finishedAt: null,
				started: true,
				verdict: 'passed',
			},
		});
	});

	it('sends a second start to Failed, with the id of the release that stands', async () => {
		const first = await single(parameters());
		const second = await single(parameters({ deliveryId: 'msg_2' }));
		expect(second.output).toBe(FAILED);
		expect(second.json.release).toMatchObject({
			id: (first.json.release as IDataObject).id,
			started: false,
			verdict: 'failed',
		});
	});

	it('rehearses in a manual run: no lock, no delivery', async () => {
		const { output, json } = await single(parameters(), { mode: 'manual' });
		expect(output).toBe(PASSED);
		expect(json.release).toMatchObject({ rehearsal: true, token: 0, deliveryId: '' });
		expect(await ledger.listLiveReleases('production')).toEqual([]);
	});

	it('takes workloads and images as objects, too, and an absent images for none', async () => {
		const images = [{ workload: 'backend', image: `${repository}@sha256:${'b'.repeat(64)}` }];
		const given = await single(parameters({ images, workloads: [{ service: 'backend', repository }] }), {
			mode: 'manual',
		});
		expect(given.json.release).toMatchObject({ images });
		const none = await single(parameters({ images: undefined, commit: undefined }));
		expect(none.json.release).toMatchObject({ commit: '', images: [{ image: `${repository}@${DIGEST}` }] });
	});

	it.each([
		['environment', { environment: '' }, 'RELEASE.INVALID'],
		['environment', { environment: undefined }, 'RELEASE.INVALID'],
		['"staging"', { environment: 'staging' }, 'RELEASE.ENVIRONMENT_UNKNOWN'],
		['2026.11.24', { version: '2026.11.24' }, 'RELEASE.VERSION_UNKNOWN'],
		['startedBy', { startedBy: null }, 'RELEASE.INVALID'],
		['workloads', { workloads: '[]' }, 'PARAMETER.INVALID'],
		[
			'workloads.0.repository',
			{ workloads: '[{"service":"backend","repository":"backend"}]' },
			'PARAMETER.INVALID',
		],
		['workloads', { workloads: '{' }, 'PARAMETER.INVALID'],
		['policy.memory', { policy: { ...POLICY, memory: undefined } }, 'PARAMETER.INVALID'],
		['policy.watch.windowSeconds', { policy: { ...POLICY, watch: { windowSeconds: 1 } } }, 'PARAMETER.INVALID'],
		['images.0.workload', { images: '[{"image":"a"}]' }, 'PARAMETER.INVALID'],
	])('refuses and names %s: %j', async (named, change, code) => {
		const refused = execute(parameters(change));
		await expect(refused).rejects.toThrow(named);
		await expect(refused).rejects.toThrow(`(${code})`);
		expect(await ledger.listLiveReleases('production')).toEqual([]);
	});

	it('leaks through Inconclusive, never through Passed, when it may continue on an error', async () => {
		const { output, json } = await single(parameters({ version: '2026.11.24' }), { continueOnFail: true });
		expect(output).toBe(INCONCLUSIVE);
		expect(json).toEqual({ error: expect.stringContaining('RELEASE.VERSION_UNKNOWN') as string });
	});

	it('shows the ledger’s password in no error and no log line', async () => {
		jest.mocked(openLedger).mockRejectedValue(new Error(`cannot log in with ${CANARY}`));
		const { context, logged } = fakeExecuteContext({
			parameters: parameters(),
			credentials: { releaseLedger: { host: 'h', database: `db${database}`, user: 'u', password: CANARY } },
		});
		const error = await new Release().execute.call(context).catch((refused: unknown) => refused as Error);
		expect(error).toBeInstanceOf(Error);
		expect([String((error as Error).stack), JSON.stringify(error), ...logged].join('\n')).not.toContain(CANARY);
	});
});

describe('Record Approval', () => {
	const vote = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
		operation: 'recordApproval',
		decision: 'Approve',
		approver: 'A. Person',
		comment: 'fine',
		...change,
	});

	it('passes an explicit yes with a name', async () => {
		const { output, json } = await single(vote());
		expect(output).toBe(PASSED);
		expect(json.approval).toEqual({
			approved: true,
			approver: 'A. Person',
			comment: 'fine',
			decision: 'Approve',
			reason: '',
			decidedAt: expect.stringMatching(/Z$/) as string,
			verdict: 'passed',
		});
	});

	it.each([
		['the answer was "Reject"', { decision: 'Reject' }],
		['the answer was "approve"', { decision: 'approve' }],
		['the answer was "Approve all"', { decision: 'Approve all' }],
		['the answer was "true"', { decision: true }],
		['the approver gave no name', { approver: '' }],
		['the approver gave no name', { approver: ' \t' }],
		['the approver gave no name', { approver: undefined }],
		['the approver gave no name', { approver: null }],
		['nobody decided in time', { decision: '' }],
		['nobody decided in time', { decision: null }],
	])('anything else is a no: %s, %j', async (reason, change) => {
		const { output, json } = await single(vote(change));
		expect(output).toBe(FAILED);
		expect(json.approval).toMatchObject({ approved: false, reason, verdict: 'failed' });
	});

	it('the item of an expired wait, which carries no answer at all, is a no', async () => {
		const items = [{ json: { release: { id: 'r-1', token: 1 }, decision: 'Approve' } }];
		const { output, json } = await single({ operation: 'recordApproval' }, { items });
		expect(output).toBe(FAILED);
		expect(json.approval).toMatchObject({ approved: false, reason: 'nobody decided in time', approver: '' });
	});

	it('stands in the ledger under its gate, for the change that requires it', async () => {
		const release = await begun();
		const recording = { recordStep: true, stepKey: 'gate-1/approval', releaseId: release.id, token: release.token };
		await execute(vote({ ...recording, decision: 'Reject' }));
		expect(await ledger.readStep('r-1', 'gate-1/approval', '')).toMatchObject({
			kind: 'verdict',
			state: 'failed',
			result: { approver: 'A. Person', decision: 'Reject' },
		});
	});

	it('without the release to record into refuses, and does not pass', async () => {
		const recording = { recordStep: true, stepKey: 'gate-1/approval', releaseId: '', token: '' };
		await expect(execute(vote(recording))).rejects.toThrow('PARAMETER.INVALID');
	});
});

describe('Return Verdict', () => {
	const phase = { operation: 'returnVerdict', releaseId: 'r-1', phaseName: 'phase-1', stepKeys: '1.1/a, 1.2/b,' };

	it('reads the ledger: an item that calls itself passed is not believed', async () => {
		const release = await begun();
		await record(release, '1.1/a', 'passed');
		await record(release, '1.2/b', 'failed');
		const items = [{ json: { phase: { name: 'phase-1', verdict: 'passed' }, health: { verdict: 'passed' } } }];
		const { output, json } = await single(phase, { items });
		expect(output).toBe(0);
		expect(json).toEqual({
			health: { verdict: 'passed' },
			phase: {
				name: 'phase-1',
				verdict: 'failed',
				reasons: ['1.2/b is failed'],
				steps: [
					{ stepKey: '1.1/a', state: 'passed' },
					{ stepKey: '1.2/b', state: 'failed' },
				],
			},
		});
	});

	it('nor one that calls itself failed: all steps passed', async () => {
		const release = await begun();
		await record(release, '1.1/a', 'passed');
		await record(release, '1.2/b', 'passed');
		const { json } = await single(phase, { items: [{ json: { phase: { verdict: 'failed' } } }] });
		expect(json.phase).toMatchObject({ verdict: 'passed', reasons: [] });
	});

	it('is inconclusive for a step that nobody recorded and for a release that nobody began', async () => {
		const release = await begun();
		await record(release, '1.1/a', 'passed');
		expect((await single(phase)).json.phase).toMatchObject({ verdict: 'inconclusive' });
		expect((await single({ ...phase, releaseId: 'r-9' })).json.phase).toMatchObject({ verdict: 'inconclusive' });
	});

	it('refuses a list that names no step: nothing to prove is no permission', async () => {
		await expect(execute({ ...phase, stepKeys: ' , ' })).rejects.toThrow('The field stepKeys is not valid');
	});
});

describe('Get', () => {
	const NOT_FOUND = {
		found: false,
		live: false,
		watching: false,
		watchOver: false,
		switched: false,
		overdue: false,
	};
	const get = (findBy: string, findValue: string): Record<string, unknown> => ({
		operation: 'get',
		findBy,
		findValue,
	});

	it.each(['id', 'execution', 'environment', 'lastStable'])('finding none by %s is an answer', async (findBy) => {
		const { output, json } = await single(get(findBy, 'nothing'));
		expect({ output, json }).toEqual({ output: 0, json: { release: NOT_FOUND } });
	});

	it.each([
		['id', 'r-1'],
		['execution', '41'],
		['environment', 'production'],
	])('finds the live one by %s, with its steps', async (findBy, value) => {
		const release = await begun('r-1', '41');
		await record(release, '3.2/switch-traffic', 'started');
		const { json } = await single(get(findBy, value));
		expect(json.release).toMatchObject({
			id: 'r-1',
			found: true,
			live: true,
			watching: false,
			watchOver: false,
			overdue: false,
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
		await ledger.finishRelease(await begun('r-1'), 'succeeded');
		await ledger.finishRelease(await begun('r-2'), 'rolled-back-verified');
		const { json } = await single(get('lastStable', 'production'));
		expect(json.release).toMatchObject({ id: 'r-1', found: true, live: false });
	});

	it('says when the watch is over', async () => {
		await ledger.enterWatching(await begun(), -1);
		expect((await single(get('id', 'r-1'))).json.release).toMatchObject({ watching: true, watchOver: true });
	});

	it('says when nobody seems to look after it', async () => {
		const release = await begun();
		const startedAt = new Date(Date.now() - 2 * 60 * 60_000 - 1000);
		jest.spyOn(ledger, 'readRelease').mockResolvedValue({ ...release, startedAt });
		expect((await single(get('id', 'r-1'))).json.release).toMatchObject({ overdue: true, live: true });
	});
});

describe('Join', () => {
	it('continues under the token of the caller, and refuses a stale one', async () => {
		const release = await begun();
		const joining = { operation: 'join', intent: 'continue', joinReleaseId: 'r-1', joinToken: release.token };
		expect((await single(joining)).json.release).toMatchObject({ id: 'r-1', token: 1, state: 'running' });
		await expect(execute({ ...joining, joinToken: 0 })).rejects.toThrow('RELEASE.FENCED_OUT');
		await expect(execute({ ...joining, joinReleaseId: 'r-9' })).rejects.toThrow('RELEASE.UNKNOWN');
	});

	it('to roll back takes a higher token; who held the release is refused', async () => {
		await begun();
		const rollBack = { operation: 'join', intent: 'rollBack', joinReleaseId: 'r-1', reason: 'errors' };
		expect((await single(rollBack)).json.release).toMatchObject({ id: 'r-1', token: 2 });
		const joining = { operation: 'join', intent: 'continue', joinReleaseId: 'r-1', joinToken: 1 };
		await expect(execute(joining)).rejects.toThrow('RELEASE.FENCED_OUT');
	});
});

describe('Start Watch and Finish', () => {
	it('watches only what is proven, and ends it in the state its steps prove', async () => {
		const release = await begun();
		const watch = { operation: 'startWatch', releaseId: 'r-1', token: 1, windowSeconds: 600 };
		await expect(execute(watch)).rejects.toThrow('RELEASE.STEP_NOT_PROVEN');
		for (const stepKey of PROOFS_OF_SUCCESS) await record(release, stepKey, 'passed');
		const { json } = await single(watch);
		expect(json.release).toMatchObject({ state: 'watching', watchUntil: expect.any(String) as string });
		const finish = { operation: 'finish', releaseId: 'r-1', token: 1, finishReason: 'by hand' };
		// The window has not ended: nobody may call this a success.
		expect((await single(finish)).json.release).toMatchObject({
			state: 'needs-human',
			finishedAt: expect.any(String) as string,
		});
	});

	it('refuses to finish for a holder that was superseded', async () => {
		await begun();
		await ledger.takeOver('r-1');
		const finish = { operation: 'finish', releaseId: 'r-1', token: 1, finishReason: '' };
		await expect(execute(finish)).rejects.toThrow('RELEASE.FENCED_OUT');
	});
});
