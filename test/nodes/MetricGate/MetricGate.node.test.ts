import { MetricGate } from '../../../nodes/MetricGate/MetricGate.node';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';
import { EXAMPLE_POLICY } from '../../lib/metrics/examplePolicy';

const QUICK = {
	...EXAMPLE_POLICY,
	sampling: { intervalSeconds: 0.4, minimumSamples: 2, minimumRequests: 5 },
	errorRate: { ...EXAMPLE_POLICY.errorRate, rollback: { above: 0.1, heldForSeconds: 0.8 } },
	watch: { ...EXAMPLE_POLICY.watch, intervalSeconds: 0.4 },
};
let server: ScriptedServer;
let errorsPerScrape = 0;
let slow = false;

beforeAll(async () => {
	let scrapes = 0;
	server = await startScriptedServer((_request, response) => {
		scrapes += 1;
		const lines = [
			`http_requests_total{route="/cases",status="200"} ${scrapes * 10}`,
			`http_requests_total{route="/cases",status="500"} ${scrapes * errorsPerScrape}`,
			`http_request_duration_seconds_bucket{route="/cases",le="0.2"} ${slow ? 0 : scrapes * 10}`,
			`http_request_duration_seconds_bucket{route="/cases",le="5"} ${scrapes * 10}`,
			`http_request_duration_seconds_bucket{route="/cases",le="+Inf"} ${scrapes * 10}`,
		];
		response.writeHead(200, { 'content-type': 'text/plain' }).end(`${lines.join('\n')}\n`);
	});
});
afterAll(async () => await server.close());

function parameters(change: object = {}): Record<string, unknown> {
	const urls = JSON.stringify([`${server.url}/metrics`]);
	const shared = { source: 'urls', urls, policy: JSON.stringify(QUICK), timeoutSeconds: 1, matchers: '' };
	return {
		operation: 'errorRate',
		...shared,
		requestsMetric: 'http_requests_total',
		errorMatchers: 'status=~"5.."',
		durationMetric: 'http_request_duration_seconds',
		...change,
	};
}

async function execute(change: object = {}) {
	const { context } = fakeExecuteContext({ parameters: parameters(change) });
	return await new MetricGate().execute.call(context);
}

describe('Metric Gate', () => {
	beforeEach(() => {
		errorsPerScrape = 0;
		slow = false;
	});

	it('calm traffic leaves through Passed with the number, its limit and how it was asked', async () => {
		const outputs = await execute({ matchers: 'route="/cases"' });
		expect(outputs[2]?.[0]?.json).toMatchObject({
			metrics: {
				verdict: 'passed',
				metric: 'http_requests_total',
				value: 0,
				limit: 0.01,
				level: 'pass',
				query: expect.stringMatching(
					/^sum\(increase\(http_requests_total\{route="\/cases",status=~"5\.\."\}\[\d+s\]\)\) \/ sum\(/,
				),
				pods: [{ pod: `${server.url}/metrics` }],
			},
		});
	});

	it('errors held above the limit leave through Failed with the limit they broke', async () => {
		errorsPerScrape = 5;
		const outputs = await execute();
		expect(outputs.map((items) => items.length)).toEqual([0, 1]);
		expect(outputs[1]?.[0]?.json).toMatchObject({
			metrics: { level: 'rollback', limit: 0.1, held: { state: 'held' } },
		});
	});

	it('slow answers leave through Failed', async () => {
		slow = true;
		const outputs = await execute({ operation: 'responseTime', matchers: 'route="/cases"' });
		expect(outputs[1]?.[0]?.json).toMatchObject({ metrics: { verdict: 'failed', level: 'critical', limit: 0.2 } });
	});

	it('a dry run of a gate that would fail leaves through Passed and says so; a broken parameter throws as ever', async () => {
		errorsPerScrape = 5;
		const outputs = await execute({ dryRun: true });
		expect(outputs.map((items) => items.length)).toEqual([0, 0, 1]);
		expect(outputs[2]?.[0]?.json).toMatchObject({
			metrics: { verdict: 'passed', dryRun: true, wouldBe: 'failed', level: 'rollback', limit: 0.1 },
		});
		await expect(execute({ dryRun: true, policy: '' })).rejects.toThrow(/policy.*not JSON/);
	});

	it('a dry run that cannot tell says that it would be inconclusive; without one nothing of it is said', async () => {
		const metrics = async (change: object): Promise<unknown> => (await execute(change)).flat()[0]?.json.metrics;
		expect(await metrics({ dryRun: true, requestsMetric: 'nowhere' })).toMatchObject({ wouldBe: 'inconclusive' });
		expect(await metrics({ requestsMetric: 'nowhere' })).not.toHaveProperty('wouldBe');
	});

	it('every gate can be tried', () => {
		const { properties } = new MetricGate().description;
		const shown = properties
			.filter(({ name }) => name === 'dryRun')
			.flatMap(({ displayOptions }) => displayOptions?.show?.operation ?? []);
		expect(shown).toEqual(['errorRate', 'query', 'resourceUsage', 'responseTime']);
	});

	it.each([
		[
			'a policy whose limits are out of order',
			{ policy: { ...QUICK, cpu: { pass: 0.9, warning: 0.8 } } },
			/policy\.cpu\.warning/,
		],
		['a policy in percent', { policy: { ...QUICK, memory: { pass: 80 } } }, /policy\.memory\.pass.*5 % is 0\.05/],
		['no policy', { policy: '' }, /policy.*not JSON/],
		['a broken matcher', { errorMatchers: 'status=5xx' }, /errorMatchers/],
		['no matcher for errors', { errorMatchers: '' }, /errorMatchers.*empty/],
		['no URL', { urls: '[]' }, /urls.*nothing would be measured/],
		['no selector', { source: 'pods', namespace: 'production', podSelector: ' ' }, /podSelector.*empty/],
	])('%s is refused and names the field', async (_name, change, message) => {
		await expect(execute(change)).rejects.toThrow(message);
	});
});
