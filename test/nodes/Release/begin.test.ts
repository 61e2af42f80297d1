import type { IDataObject } from 'n8n-workflow';
import { releaseErrors } from '../../../lib/release/errors';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';
import {
	CANARY,
	configuration,
	createReleaseNode,
	FAILED,
	INCONCLUSIVE,
	openLedger,
	PASSED,
	POLICY,
	Release,
	type ReleaseNode,
} from './releaseNode';

const DIGEST = `sha256:${'a'.repeat(64)}`;
let registry: ScriptedServer;
let repository: string;
let node: ReleaseNode;

beforeAll(async () => {
	registry = await startScriptedServer((request, response) => {
		const pushed = request.url === '/v2/backend/manifests/2026.11.23';
		response.writeHead(pushed ? 200 : 404, pushed ? { 'docker-content-digest': DIGEST } : {}).end();
	});
	repository = `${new URL(registry.url).host}/backend`;
});
afterAll(async () => await registry.close());
beforeEach(() => (node = createReleaseNode()));

function settings(change: Record<string, unknown> = {}): Record<string, unknown> {
	return configuration({ workloads: [{ service: 'backend', repository }], ...change });
}

function parameters(change: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		operation: 'begin',
		requestIntent: 'begin',
		environment: 'production',
		version: '2026.11.23',
		commit: '4f9c2a1',
		startedBy: 'ci',
		authors: 'one@example.com, two@example.com,',
		deliveryId: 'msg_1',
		images: '[]',
		phaseWorkflows: 'phase-1, phase-2',
		configuration: JSON.stringify(settings()),
		...change,
	};
}

function idOf(json: IDataObject): string {
	return (json.release as { readonly id: string }).id;
}

const AUDIT = { enabled: true, auditUrl: 'https://audits.example.com/', atLeast: 0.95, audits: 3, dryRun: true };

describe('Begin', () => {
	it('passes the begun release on, in plain JSON, beside what the item held', async () => {
		const { output, json } = await node.single(parameters(), { items: [{ json: { version: 'asked for' } }] });
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
				authors: ['one@example.com', 'two@example.com'],
				override: null,
				state: 'running',
				reason: '',
				resumes: 0,
				pointOfNoReturn: null,
				rehearsal: false,
				contracts: false,
				upTo: 'lastExpand',
				deliveryId: 'msg_1',
				executionId: '1',
				startedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
				waitingUntil: null,
				heartbeatAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
				rollingBackAt: null,
				watchUntil: null,
				finishedAt: null,
				outcome: 'started',
				started: true,
				verdict: 'passed',
			},
		});
	});

	it('registers this workflow, the configuration and the package, and asks each phase for its plan', async () => {
		const { json, called } = await node.single(parameters());
		const id = idOf(json);
		expect(called).toEqual(['phase-1', 'phase-2'].map((phase) => [phase, { planOnly: true, release: { id } }]));
		const parts = await node.ledger.readPlan(id);
		expect(parts.map(({ part }) => part)).toEqual(['workflow/w', 'configuration', 'package']);
	});

	it('registers the whole configuration, also what only other nodes read', async () => {
		const hashOf = async (change: Record<string, unknown>): Promise<string | undefined> => {
			node = createReleaseNode();
			const { json } = await node.single(parameters({ configuration: settings(change) }));
			const parts = await node.ledger.readPlan(idOf(json));
			return parts.find(({ part }) => part === 'configuration')?.hash;
		};
		expect(await hashOf({ namespace: 'one' })).toBe(await hashOf({ namespace: 'one' }));
		expect(await hashOf({ namespace: 'one' })).not.toBe(await hashOf({ namespace: 'two' }));
	});

	it('fails when a phase cannot tell its plan; the release stays live for whoever looks after it', async () => {
		const subWorkflow = async (id: string): Promise<void> =>
			await Promise.reject(new Error(`workflow ${id} is not published`));
		await expect(node.execute(parameters(), { subWorkflow })).rejects.toThrow('workflow phase-1 is not published');
		expect(await node.ledger.readReleaseByExecution('1')).toMatchObject({ state: 'running', finishedAt: null });
	});

	it('sends a second start to Failed, with the id of the release that stands, and plans nothing', async () => {
		const first = await node.single(parameters());
		const second = await node.single(parameters({ deliveryId: 'msg_2' }));
		expect(second).toMatchObject({ output: FAILED, called: [] });
		expect(second.json.release).toMatchObject({
			id: idOf(first.json),
			outcome: 'known-version',
			started: false,
			verdict: 'failed',
		});
		expect(node.ledger.refusals).toEqual([]);
	});

	it.each<[string, Record<string, unknown>, 'manual' | 'trigger']>([
		['in a manual run', {}, 'manual'],
		['in a manual run, whatever was asked for', { requestIntent: 'resume', resumeReleaseId: 'r-1' }, 'manual'],
		['when asked to', { requestIntent: 'rehearse' }, 'trigger'],
	])('rehearses %s: no lock, no delivery', async (_, change, mode) => {
		const { output, json } = await node.single(parameters(change), { mode });
		expect(output).toBe(PASSED);
		expect(json.release).toMatchObject({ rehearsal: true, token: 0, deliveryId: '', outcome: 'started' });
		expect(await node.ledger.listLiveReleases('production')).toEqual([]);
	});

	it('resumes a release whose run died, under a higher token', async () => {
		const { json } = await node.single(parameters());
		const id = idOf(json);
		const resume = parameters({ requestIntent: 'resume', resumeReleaseId: id, version: '' });
		await expect(node.execute(resume)).rejects.toThrow('RELEASE.NOT_RESUMABLE');
		node.ledger.silentForMs = 60_001;
		const resumed = await node.single(resume);
		expect(resumed.output).toBe(PASSED);
		expect(resumed.json.release).toMatchObject({ id, token: 2, resumes: 1, outcome: 'resumed', started: true });
	});

	it('waits as long for a sign of life as the configuration says', async () => {
		const watchdog = { staleAfterSeconds: 300, rollBackAfterSeconds: 600 };
		const given = { configuration: settings({ watchdog }) };
		const { json } = await node.single(parameters(given));
		const id = idOf(json);
		node.ledger.silentForMs = 299_000;
		const resume = parameters({ ...given, requestIntent: 'resume', resumeReleaseId: id, version: '' });
		await expect(node.execute(resume)).rejects.toThrow('RELEASE.NOT_RESUMABLE');
	});

	it('refuses to resume what was edited since', async () => {
		const { json } = await node.single(parameters());
		const id = idOf(json);
		node.ledger.silentForMs = 60_001;
		const edited = settings({ namespace: 'other' });
		const resume = parameters({ requestIntent: 'resume', resumeReleaseId: id, version: '', configuration: edited });
		await expect(node.execute(resume)).rejects.toThrow('configuration is not what the release began with');
		expect(await node.ledger.readRelease(id)).toMatchObject({ token: 1, resumes: 0 });
	});

	it('takes configuration and images as objects, too, and what is absent or empty for none', async () => {
		const images = [{ workload: 'backend', image: `${repository}@sha256:${'b'.repeat(64)}` }];
		const given = await node.single(parameters({ images, configuration: settings() }), { mode: 'manual' });
		expect(given.json.release).toMatchObject({ images });
		for (const nothing of [undefined, '', null]) {
			const none = { images: nothing, override: nothing, commit: nothing, authors: nothing };
			const { json } = await node.single(parameters(none), { mode: 'manual' });
			expect(json.release).toMatchObject({
				commit: '',
				authors: [],
				override: null,
				images: [{ image: `${repository}@${DIGEST}` }],
			});
		}
	});

	it('takes the empty fields of a form for no override', async () => {
		const { json } = await node.single(parameters({ override: { person: '', reason: '' } }));
		expect(json.release).toMatchObject({ outcome: 'started', override: null });
	});

	it('starts in a closed calendar only with a written override', async () => {
		// A day long, every day: it is closed whenever this runs.
		const window = { name: 'never', kind: 'deny', schedule: '0 0 * * *', timeZone: 'UTC', durationMinutes: 1440 };
		const closed = { configuration: settings({ changeCalendar: [window] }) };
		await expect(node.execute(parameters(closed))).rejects.toThrow('RELEASE.WINDOW_CLOSED');
		const override = { person: 'the release manager', reason: 'a security fix' };
		const { json } = await node.single(parameters({ ...closed, override: JSON.stringify(override) }));
		expect(json.release).toMatchObject({ outcome: 'started', override });
	});
});

describe('Begin refuses', () => {
	it.each([
		['intent', { requestIntent: '' }, 'RELEASE.INVALID'],
		['environment', { environment: '' }, 'RELEASE.INVALID'],
		['environment', { environment: undefined }, 'RELEASE.INVALID'],
		['"staging"', { environment: 'staging' }, 'RELEASE.ENVIRONMENT_UNKNOWN'],
		['version', { version: 'latest image' }, 'RELEASE.INVALID'],
		['2026.11.24', { version: '2026.11.24' }, 'RELEASE.VERSION_UNKNOWN'],
		['startedBy', { startedBy: null }, 'RELEASE.INVALID'],
		['override.reason', { override: '{"person":"a","reason":""}' }, 'RELEASE.INVALID'],
		['override.reason', { override: '{"person":"a"}' }, 'RELEASE.INVALID'],
		['r-9', { requestIntent: 'resume', resumeReleaseId: 'r-9' }, 'RELEASE.UNKNOWN'],
	])('and names %s: %j, and the refusal is in the ledger', async (named, change, code) => {
		const refused = node.execute(parameters(change));
		await expect(refused).rejects.toThrow(named);
		await expect(refused).rejects.toThrow(`(${code})`);
		expect(await node.ledger.listReleases('production', 10)).toEqual([]);
		const asked = parameters(change);
		expect(node.ledger.refusals).toEqual([
			{
				code,
				message: expect.stringContaining(named) as string,
				environment: asked.environment ?? '',
				person: asked.startedBy ?? '',
				releaseId: asked.resumeReleaseId ?? '',
			},
		]);
	});

	it.each([
		['configuration.workloads', { workloads: [] }],
		['configuration.workloads.0.repository', { workloads: [{ service: 'backend', repository: 'backend' }] }],
		['configuration.policy.memory', { policy: { ...POLICY, memory: undefined } }],
		['configuration.policy.watch.windowSeconds', { policy: { ...POLICY, watch: { windowSeconds: 1 } } }],
		['configuration.environment', { environment: '' }],
		['configuration.changeCalendar.0.schedule', { changeCalendar: [{ name: 'x', kind: 'deny', schedule: 'x' }] }],
		['configuration.watchdog.staleAfterSeconds', { watchdog: { staleAfterSeconds: 1, rollBackAfterSeconds: 60 } }],
		['configuration.watchdog', { watchdog: { staleAfterSeconds: 60, rollBackAfterSeconds: 60, other: 1 } }],
		['configuration.clocks', { clocks: { warnAt: 2 } }],
		['configuration.staging', { staging: undefined }],
		['configuration.monitoring', { monitoring: undefined }],
		['configuration.monitoring.alertmanagerUrl', { monitoring: { enabled: true, prometheusUrl: 'http://p' } }],
		['configuration.lighthouse', { lighthouse: undefined }],
		['configuration.lighthouse.atLeast', { lighthouse: { ...AUDIT, atLeast: 95 } }],
		['configuration.lighthouse.dryRun', { lighthouse: { ...AUDIT, dryRun: undefined } }],
		['configuration.staging.namespace', { staging: { enabled: true, deployments: {} } }],
	])('a configuration with a wrong %s: %j', async (field, change) => {
		const refused = node.execute(parameters({ configuration: settings(change) }));
		await expect(refused).rejects.toThrow(field);
		await expect(refused).rejects.toThrow('(PARAMETER.INVALID)');
		expect(await node.ledger.listReleases('production', 10)).toEqual([]);
	});

	it.each([
		['configuration', { configuration: '{' }],
		['configuration', { configuration: '' }],
		['images.0.workload', { images: '[{"image":"a"}]' }],
		['override.person', { override: '{"person":1,"reason":"b"}' }],
		['override', { override: 'because' }],
	])('a wrong %s: %j', async (field, change) => {
		const refused = node.execute(parameters(change));
		await expect(refused).rejects.toThrow(field);
		await expect(refused).rejects.toThrow('(PARAMETER.INVALID)');
	});

	it('an n8n that does not show its workflow: the plan could not be held', async () => {
		const refused = node.execute(parameters(), { workflow: null });
		await expect(refused).rejects.toThrow('PARAMETER.WORKFLOW_UNSEEN');
		expect(await node.ledger.listReleases('production', 10)).toEqual([]);
	});

	it('and still says why when the refusal cannot be recorded', async () => {
		const away = releaseErrors.LEDGER_UNREACHABLE({ host: 'ledger.example.com', problem: 'reset' });
		jest.spyOn(node.ledger, 'recordRefusal').mockRejectedValue(away);
		await expect(node.execute(parameters({ environment: 'staging' }))).rejects.toThrow('ENVIRONMENT_UNKNOWN');
	});

	it('and starts nothing while the ledger is away', async () => {
		const away = releaseErrors.LEDGER_UNREACHABLE({ host: 'ledger.example.com', problem: 'connection refused' });
		jest.mocked(openLedger).mockRejectedValueOnce(away);
		registry.requests.length = 0;
		await expect(node.execute(parameters())).rejects.toThrow('RELEASE.LEDGER_UNREACHABLE');
		expect(registry.requests).toEqual([]);
		expect(await node.ledger.listReleases('production', 10)).toEqual([]);
	});

	it('through Inconclusive, never through Passed, when it may continue on an error', async () => {
		const wrong = parameters({ version: '2026.11.24' });
		const { output, json } = await node.single(wrong, { continueOnFail: true });
		expect(output).toBe(INCONCLUSIVE);
		expect(json).toEqual({ error: expect.stringContaining('RELEASE.VERSION_UNKNOWN') as string });
	});

	it('without the ledger’s password in any error or log line', async () => {
		jest.mocked(openLedger).mockRejectedValue(new Error(`cannot log in with ${CANARY}`));
		const { releaseLedger } = node;
		const { context, logged } = fakeExecuteContext({ parameters: parameters(), credentials: { releaseLedger } });
		const error = await new Release().execute.call(context).catch((refused: unknown) => refused as Error);
		expect(error).toBeInstanceOf(Error);
		expect([String((error as Error).stack), JSON.stringify(error), ...logged].join('\n')).not.toContain(CANARY);
	});
});
