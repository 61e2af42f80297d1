import { HealthCheck } from '../../../nodes/HealthCheck/HealthCheck.node';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

const CANARY = 'canary-header-4711';
let server: ScriptedServer;
let status = 200;

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		const denied = request.url === '/private' && request.headers['x-api-key'] !== CANARY;
		if (request.url === '/version') return void response.writeHead(200).end('{"version":"2026.11.2"}');
		response.writeHead(denied ? 401 : status).end();
	});
});
afterAll(async () => await server.close());
beforeEach(() => void (status = 200));

function parameters(change: object = {}): Record<string, unknown> {
	const targets = JSON.stringify([{ name: 'api', url: `${server.url}/health` }]);
	return {
		operation: 'http',
		targets,
		timeoutSeconds: 20,
		attempts: 1,
		required: 1,
		attemptIntervalSeconds: 0,
		...change,
	};
}

async function execute(execution: Parameters<typeof fakeExecuteContext>[0]) {
	const { context, logged } = fakeExecuteContext(execution);
	return { outputs: await new HealthCheck().execute.call(context), logged };
}

describe('Health Check', () => {
	it('a healthy target leaves through Passed and keeps the item', async () => {
		const { outputs } = await execute({ parameters: parameters(), items: [{ json: { release: { id: 'r' } } }] });
		expect(outputs).toEqual([
			[],
			[],
			[
				{
					json: {
						release: { id: 'r' },
						health: {
							verdict: 'passed',
							targets: [expect.objectContaining({ name: 'api', verdict: 'passed' })],
						},
					},
					pairedItem: { item: 0 },
				},
			],
		]);
	});

	it('a failed target leaves through Failed', async () => {
		status = 500;
		const { outputs } = await execute({ parameters: parameters() });
		expect(outputs.map((items) => items.length)).toEqual([0, 1]);
	});

	it.each([
		['report', [0, 0, 1]],
		['judge', [0, 1]],
	])(
		'the version that must serve is not asked of a provider, and its failure is a matter of %s',
		async (externalTargets, outputs) => {
			status = 503;
			const provider = { name: 'mail', url: `${server.url}/provider`, external: true };
			const targets = JSON.stringify([{ name: 'api', url: `${server.url}/version` }, provider]);
			const given = parameters({ targets, externalTargets, expectedVersion: '2026.11.2' });
			const ran = await execute({ parameters: given });
			expect(ran.outputs.map((items) => items.length)).toEqual(outputs);
			const [item] = ran.outputs.at(-1) ?? [];
			expect(item?.json['health']).toMatchObject({
				targets: [{ verdict: 'passed' }, { verdict: 'failed', reason: 'status 503, expected 200' }],
			});
		},
	);

	it('a watch that finds the service down for as long as asked leaves through Failed', async () => {
		status = 500;
		const held = {
			operation: 'holdHttp',
			intervalSeconds: 0.3,
			heldForSeconds: 1,
			minimumSamples: 3,
			canaryUrl: '',
		};
		const { outputs } = await execute({ parameters: parameters(held) });
		const json = outputs[1]?.[0]?.json as { health: { held: { forMs: number; state: string } } };
		expect(json.health.held.state).toBe('held');
		expect(json.health.held.forMs).toBeGreaterThanOrEqual(1000);
	});

	it('a port that takes connections leaves through Passed', async () => {
		const { hostname: host, port } = new URL(server.url);
		const targets = JSON.stringify([{ name: 'api', host, port: Number(port) }]);
		const { outputs } = await execute({ parameters: parameters({ operation: 'tcp', targets }) });
		expect(outputs[2]?.[0]?.json).toMatchObject({ health: { targets: [{ name: 'api', verdict: 'passed' }] } });
	});

	it('sends the header of the credential and shows it nowhere', async () => {
		const targets = [{ name: 'private', url: `${server.url}/private`, textContains: CANARY }];
		const credentials = { httpHeaderAuth: { name: 'X-Api-Key', value: CANARY } };
		const { outputs, logged } = await execute({
			parameters: parameters({ targets, authentication: 'headerAuth' }),
			credentials,
		});
		expect(outputs[1]?.[0]?.json).toMatchObject({
			health: { targets: [{ status: 200, reason: 'the body does not hold "***"' }] },
		});
		expect(JSON.stringify(outputs) + logged.join()).not.toContain(CANARY);
	});

	it.each([
		['no target', { targets: '[]' }, /targets.*nothing would be checked/],
		['targets that are no JSON', { targets: '[{' }, /targets.*not JSON/],
		['a target without an address', { targets: [{ name: 'a' }] }, /targets\.0\.url/],
		['more successes than attempts', { required: 2 }, /required.*more than the attempts/],
		['a timeout of 0', { timeoutSeconds: 0 }, /timeoutSeconds/],
		[
			'a canary that is no address',
			{ operation: 'holdHttp', intervalSeconds: 1, heldForSeconds: 1, minimumSamples: 1, canaryUrl: 'canary' },
			/canaryUrl/,
		],
	])('%s is refused before anything is asked', async (_name, change, message) => {
		const before = server.requests.length;
		await expect(execute({ parameters: parameters(change) })).rejects.toThrow(message);
		expect(server.requests.length).toBe(before);
	});

	it('monitoring that there is none of passes and says that nothing was checked', async () => {
		const { outputs } = await execute({ parameters: { operation: 'monitoring', enabled: false } });
		expect(outputs[2]?.[0]?.json.health).toEqual({
			verdict: 'passed',
			configured: false,
			reason: 'not configured: the configuration names no monitoring, so none was checked',
		});
	});

	it.each([
		['no address of Prometheus', { prometheusUrl: '' }, /prometheusUrl/],
		['a password in an address', { alertmanagerUrl: 'http://a:b@127.0.0.1' }, /alertmanagerUrl/],
		['a label that is no name', { labels: '{"a-b": "c"}' }, /labels/],
	])('monitoring with %s is refused, not taken for none', async (_name, change, message) => {
		const given = {
			operation: 'monitoring',
			prometheusUrl: server.url,
			alertmanagerUrl: server.url,
			receiver: '',
			labels: '{}',
			patienceSeconds: 1,
			timeoutSeconds: 1,
			...change,
		};
		await expect(execute({ parameters: given })).rejects.toThrow(message);
	});

	it('every operation that is offered exists, and the other way round', () => {
		const { properties } = new HealthCheck().description;
		const offered = properties
			.find(({ name }) => name === 'operation')
			?.options?.map((option) => ('value' in option ? option.value : ''));
		expect(offered?.sort()).toEqual(['holdHttp', 'http', 'monitoring', 'postgres', 'redis', 'tcp', 'watchHttp']);
	});
});
