import { MetricGate } from '../../../nodes/MetricGate/MetricGate.node';
import { openLedger } from '../../../lib/release/ledger.client';
import { EXAMPLE_POLICY } from '../../lib/metrics/examplePolicy';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { MemoryLedger, newRelease } from '../../support/memoryLedger';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

const POLICY = {
	...EXAMPLE_POLICY,
	sampling: { intervalSeconds: 0.2, minimumSamples: 2, minimumRequests: 20 },
	errorRate: { ...EXAMPLE_POLICY.errorRate, pass: 0.08, warning: 0.08, critical: 0.09 },
	watch: { ...EXAMPLE_POLICY.watch, intervalSeconds: 0.2 },
	baseline: { errorRateRise: 0.005, responseTimeRiseSeconds: 0.1 },
};
let server: ScriptedServer;
let database = 0;
/** Per scrape: requests, those of them that failed, and those that took longer than 50 ms. */
let traffic = { requests: 100, errors: 0, slow: 0 };
let counted = { requests: 0, errors: 0, slow: 0 };

beforeAll(async () => {
	server = await startScriptedServer((_request, response) => {
		counted = {
			requests: counted.requests + traffic.requests,
			errors: counted.errors + traffic.errors,
			slow: counted.slow + traffic.slow,
		};
		const { requests, errors, slow } = counted;
		const lines = [
			`http_requests_total{status="200"} ${requests - errors}`,
			`http_requests_total{status="500"} ${errors}`,
			`http_request_duration_seconds_bucket{le="0.05"} ${requests - slow}`,
			`http_request_duration_seconds_bucket{le="0.2"} ${requests}`,
			`http_request_duration_seconds_bucket{le="+Inf"} ${requests}`,
		];
		response.writeHead(200, { 'content-type': 'text/plain' }).end(`${lines.join('\n')}\n`);
	});
});
afterAll(async () => await server.close());
beforeEach(async () => {
	const ledger = new MemoryLedger();
	await ledger.beginRelease(newRelease({ id: 'r-1' }));
	jest.mocked(openLedger).mockImplementation(async () => await Promise.resolve(ledger));
	database += 1;
	traffic = { requests: 100, errors: 0, slow: 0 };
	counted = { requests: 0, errors: 0, slow: 0 };
});

async function execute(operation: string, change: object = {}) {
	const { context } = fakeExecuteContext({
		parameters: {
			operation,
			source: 'urls',
			urls: JSON.stringify([`${server.url}/metrics`]),
			policy: POLICY,
			timeoutSeconds: 1,
			matchers: '',
			requestsMetric: 'http_requests_total',
			errorMatchers: 'status=~"5.."',
			durationMetric: 'http_request_duration_seconds',
			recordStep: true,
			stepKey: operation === 'baseline' ? '1.1/baseline' : `4.2/${operation}`,
			baselineStep: '1.1/baseline',
			releaseId: 'r-1',
			token: 1,
			...change,
		},
		// A ledger is kept per credential as long as the process lives; each test has one of its own.
		credentials: {
			releaseLedger: {
				host: 'ledger.example.com',
				database: `operations-${database}`,
				user: 'runbook',
				password: 'x',
			},
		},
	});
	const outputs = await new MetricGate().execute.call(context);
	return outputs.flat()[0]?.json.metrics as Record<string, unknown>;
}

describe('the baseline of a release', () => {
	it('holds what was measured, and is not measured again', async () => {
		expect(await execute('baseline')).toMatchObject({
			errorRate: { requests: expect.any(Number) as number, errors: 0 },
			responseTimeSeconds: expect.any(Number) as number,
		});
		traffic = { requests: 100, errors: 50, slow: 0 };
		expect(await execute('baseline')).toMatchObject({ errorRate: { errors: 0 } });
	});

	it('fails an error rate that its own limit lets pass', async () => {
		await execute('baseline');
		traffic = { requests: 1000, errors: 70, slow: 0 };
		const found = await execute('errorRate');
		expect(found).toMatchObject({ verdict: 'failed', value: 0.07, baseline: { before: 0, rise: 0.07 } });
		expect(found.reason).toContain('0 % of requests failed before, 7 % now');
	});

	it('fails response times that their own limit lets pass', async () => {
		await execute('baseline');
		traffic = { requests: 100, errors: 0, slow: 100 };
		expect(await execute('responseTime')).toMatchObject({
			verdict: 'failed',
			level: 'pass',
			baseline: { rise: expect.any(Number) as number },
		});
	});

	it('that is as good as before passes', async () => {
		await execute('baseline');
		expect(await execute('errorRate')).toMatchObject({
			verdict: 'passed',
			baseline: { verdict: 'passed', rise: 0 },
		});
		expect(await execute('responseTime')).toMatchObject({ verdict: 'passed', baseline: { rise: 0 } });
	});

	it.each(['errorRate', 'responseTime'])(
		'%s: one that nobody measured is said, and the limits decide alone',
		async (name) => {
			expect(await execute(name)).toMatchObject({
				verdict: 'passed',
				reason: expect.stringMatching(/no baseline to compare with: 1\.1\/baseline is not recorded$/) as string,
			});
		},
	);

	it.each([
		['without a step', { baselineStep: '' }],
		['without its part of the policy', { policy: { ...POLICY, baseline: undefined } }],
	])('%s nothing is compared', async (_, change) => {
		expect(await execute('errorRate', change)).not.toHaveProperty('baseline');
	});
});
