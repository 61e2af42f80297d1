import { openLedger } from '../../../lib/release/ledger.client';
import type { WatchedRelease } from '../../../lib/release/watchStore';
import { systemClock } from '../../../lib/support/clock';
import { ReleaseWatch } from '../../../nodes/ReleaseWatch/ReleaseWatch.node';
import { EXAMPLE_POLICY } from '../../lib/metrics/examplePolicy';
import { fakeExecuteContext, type ShownWorkflow } from '../../support/fakeExecuteContext';
import { MemoryLedger } from '../../support/memoryLedger';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

const CANARY_SECRET = 'canary-secret-4f9c2a';
const serving: WatchedRelease = {
	id: 'r-1',
	token: 3,
	version: '2',
	state: 'watching',
	switchedAtMs: 0,
	watchUntilMs: 3_600_000,
	silentMs: 0,
	rollingBack: false,
	rollbackProven: true,
};
let server: ScriptedServer;
let ledger = new MemoryLedger();
let ledgers = 0;
let healthy = true;
let served = { ok: 0, failed: 0 };

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		if (request.url === '/health') response.writeHead(healthy ? 200 : 503).end('{}');
		else
			response
				.writeHead(200, { 'content-type': 'text/plain' })
				.end(
					`http_requests_total{status="200"} ${served.ok}\nhttp_requests_total{status="500"} ${served.failed}\n`,
				);
	});
});
afterAll(async () => await server.close());
beforeEach(() => {
	// A ledger is kept per credential as long as the process lives; each test has one of its own.
	ledgers += 1;
	ledger = new MemoryLedger();
	jest.mocked(openLedger).mockImplementation(async () => ledger);
	jest.spyOn(systemClock, 'monotonicMs').mockImplementation(() => ledger.watch.nowMs);
	healthy = true;
	served = { ok: 1000, failed: 0 };
});

function configuration(change: object = {}): object {
	return {
		environment: 'production',
		healthTargets: [{ name: 'backend', url: `${server.url}/health` }],
		metrics: { urls: [`${server.url}/metrics`] },
		policy: EXAMPLE_POLICY,
		n8nUrl: 'https://n8n.example.com',
		...change,
	};
}

async function run(parameters: object, workflow?: ShownWorkflow) {
	const { context, logged } = fakeExecuteContext({
		...(workflow ? { workflow } : {}),
		parameters: { ...parameters },
		credentials: {
			releaseLedger: {
				host: 'ledger',
				port: 5432,
				database: `d${ledgers}`,
				user: 'u',
				password: CANARY_SECRET,
				ssl: 'disable',
			},
		},
	});
	const outputs = await new ReleaseWatch().execute.call(context);
	expect(JSON.stringify(outputs) + logged.join()).not.toContain(CANARY_SECRET);
	const output = outputs.findIndex((items) => items.length > 0);
	return { output, watch: outputs[output]?.[0]?.json.watch as Record<string, unknown> };
}

const look = async (change: object = {}) => await run({ operation: 'look', environments: [configuration(change)] });
const judge = async (signal: string) =>
	await run({ operation: 'judge', signal, configuration: configuration(), releaseId: 'r-1' });

/** Looks so many times, a look every 15 seconds of the ledger's time. */
async function looks(count: number): Promise<Array<Record<string, unknown>>> {
	const todo: Array<Record<string, unknown>> = [];
	for (let index = 0; index < count; index += 1) {
		ledger.watch.nowMs += 15_000;
		todo.push(...((await look()).watch.todo as Array<Record<string, unknown>>));
	}
	return todo;
}

/** The running workflow, started by a schedule with these intervals. */
const scheduled = (...interval: object[]): ShownWorkflow => ({
	id: 'watch-production',
	nodes: {
		Schedule: {
			id: 's',
			name: 'Schedule',
			type: 'n8n-nodes-base.scheduleTrigger',
			typeVersion: 1.2,
			position: [0, 0],
			parameters: { rule: { interval } as never },
		},
	},
	connectionsBySourceNode: {},
});

describe('the schedule and the policy', () => {
	const start = async (...interval: object[]) =>
		await run({ operation: 'look', environments: [configuration()] }, scheduled(...interval));

	it.each<[string, object[]]>([
		['the same seconds', [{ field: 'seconds', secondsInterval: 15 }]],
		['a cron expression', [{ field: 'cronExpression', expression: '*/15 * * * * *' }]],
		['several intervals', [{ field: 'seconds', secondsInterval: 30 }, { field: 'minutes' }]],
	])('%s: it looks', async (_name, intervals) => {
		expect((await start(...intervals)).watch.environments).toHaveLength(1);
	});

	it.each<[string, object, number]>([
		['less often', { field: 'minutes', minutesInterval: 1 }, 60],
		['more often', { field: 'seconds', secondsInterval: 3 }, 3],
		['as often as n8n does unless told', { field: 'seconds' }, 30],
	])('a schedule that looks %s is refused before anything is asked', async (_name, interval, seconds) => {
		const before = server.requests.length;
		await expect(start(interval)).rejects.toThrow(
			`production is judged by a look every 15 s, and the schedule looks every ${seconds} s`,
		);
		expect(server.requests.length).toBe(before);
	});
});

describe('Look', () => {
	it('records health and error rate of every environment, counted on from the look before', async () => {
		await looks(1);
		served = { ok: 1090, failed: 10 };
		await looks(1);
		expect(ledger.watch.looks.map(({ signals }) => signals)).toEqual([
			{
				health: { state: 'measured', total: 1, bad: 0, problem: '' },
				'error-rate': { state: 'gap', total: 0, bad: 0, problem: 'counting begins with this look' },
			},
			{
				health: { state: 'measured', total: 1, bad: 0, problem: '' },
				'error-rate': { state: 'measured', total: 100, bad: 10, problem: '' },
			},
		]);
	});

	it('says with words and severity whom to page, once, with or without a release', async () => {
		healthy = false;
		const [page, ...others] = await looks(6);
		expect(page).toMatchObject({
			kind: 'page',
			environment: 'production',
			signal: 'health',
			severity: 'critical',
			dedupKey: 'production/health',
			summary: expect.stringMatching(
				/^production: health is above its critical limit: backend: status 503/,
			) as string,
		});
		expect(others).toEqual([]);
	});

	it('measures several environments in one run, and a release’s samples go to its charts', async () => {
		ledger.watch.releases.set('production', serving);
		const { watch } = await run({
			operation: 'look',
			environments: [configuration(), configuration({ environment: 'staging' })],
		});
		expect(watch.environments).toMatchObject([
			{ environment: 'production', releaseId: 'r-1' },
			{ environment: 'staging', releaseId: null },
		]);
		const [production, staging] = ledger.watch.looks;
		expect(production?.samples.map(({ metric, value }) => [metric, value])).toEqual([
			['health', 1],
			['error-rate', null],
		]);
		expect(staging?.samples).toEqual([]);
	});

	it.each([
		['no environment', { environments: [] }, /environments.*nothing would be watched/],
		['metrics of nothing', { environments: [{ metrics: {} }] }, /environments\.0\.metrics.*podSelector or urls/],
		['no health target', { environments: [{ healthTargets: [] }] }, /environments\.0\.healthTargets/],
	])('%s is refused and names the field', async (_, { environments }, message) => {
		const given = environments.map((change) => configuration(change));
		await expect(run({ operation: 'look', environments: given })).rejects.toThrow(message);
	});

	it('an environment that is named twice is refused', async () => {
		await expect(run({ operation: 'look', environments: [configuration(), configuration()] })).rejects.toThrow(
			/named twice/,
		);
	});
});

describe('Judge', () => {
	it('leaves through Passed while the recorded looks are calm', async () => {
		ledger.watch.releases.set('production', serving);
		await looks(3);
		const { output, watch } = await judge('health');
		expect({ output, verdict: watch.verdict, level: watch.level }).toEqual({
			output: 2,
			verdict: 'passed',
			level: null,
		});
	});

	it('leaves through Inconclusive without traffic, for another release, and when nobody looked lately', async () => {
		ledger.watch.releases.set('production', serving);
		await looks(3);
		expect((await judge('error-rate')).output).toBe(0);
		ledger.watch.nowMs += 60_000;
		expect((await judge('health')).watch.reason).toBe('the watch has not looked for more than two intervals');
		ledger.watch.releases.set('production', { ...serving, id: 'r-2' });
		expect((await judge('health')).output).toBe(0);
	});
});

describe('Acknowledge', () => {
	it('answers the open alerts of an environment in a person’s name', async () => {
		healthy = false;
		await looks(5);
		const parameters = { operation: 'acknowledge', alertEnvironment: 'production', person: 'the on-call engineer' };
		expect((await run(parameters)).watch).toEqual({
			environment: 'production',
			person: 'the on-call engineer',
			acknowledged: ['health'],
		});
	});

	it('wants to know who', async () => {
		const parameters = { operation: 'acknowledge', alertEnvironment: 'production', person: ' ' };
		await expect(run(parameters)).rejects.toThrow(/person.*empty/);
	});
});

describe('Replay', () => {
	const replay = async (policy: object) =>
		(await run({ operation: 'replay', replayConfiguration: configuration({ policy }), replayReleases: 40 })).watch;

	it('says what other thresholds would have done, and changes nothing', async () => {
		ledger.watch.releases.set('production', serving);
		healthy = false;
		await looks(6);
		const acts = ledger.watch.claims.size;
		const health = { intervalSeconds: 5, rollback: { heldForSeconds: 60 } };
		expect(await replay(EXAMPLE_POLICY)).toMatchObject({
			summary: 'would have rolled back 0 of 1 releases; 0 were, 0 of them the same',
		});
		expect(await replay({ ...EXAMPLE_POLICY, health })).toMatchObject({
			summary: 'would have rolled back 1 of 1 releases; 0 were, 0 of them the same',
			releases: [{ releaseId: 'r-1', looks: 6, rollsBackAtMs: 75_000 }],
		});
		expect(ledger.watch.claims.size).toBe(acts);
	});
});
