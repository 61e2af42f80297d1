import { setTimeout as delay } from 'node:timers/promises';
import { MetricGate } from '../../nodes/MetricGate/MetricGate.node';
import { EXAMPLE_POLICY } from '../lib/metrics/examplePolicy';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

const endpoints = sandboxEndpoints();
const { kubernetes, services } = endpoints;
const OUTPUTS = ['inconclusive', 'failed', 'passed'];
const POLICY = {
	...EXAMPLE_POLICY,
	sampling: { intervalSeconds: 1, minimumSamples: 3, minimumRequests: 10 },
	errorRate: { ...EXAMPLE_POLICY.errorRate, rollback: { above: 0.1, heldForSeconds: 2 } },
	watch: { ...EXAMPLE_POLICY.watch, intervalSeconds: 2 },
};
const pods = {
	source: 'pods',
	namespace: 'production',
	podSelector: 'app=case-management-backend,color=blue',
	port: 'http',
	path: '/metrics',
};
const names = {
	requestsMetric: 'http_requests_total',
	durationMetric: 'http_request_duration_seconds',
	errorMatchers: 'status=~"5.."',
	matchers: '',
};

interface Measured {
	readonly verdict: string;
	readonly value: number | null;
	readonly level: string;
	readonly requests: number;
	readonly reason: string;
	readonly pods: ReadonlyArray<{ readonly pod: string; readonly requests: number }>;
}

async function measure(change: object = {}, token = kubernetes.token): Promise<Measured> {
	const credentials = {
		kubernetesCluster: {
			serverUrl: kubernetes.url,
			certificateAuthority: kubernetes.ca,
			bearerToken: token,
			namespace: 'production',
		},
	};
	const parameters = { operation: 'errorRate', policy: POLICY, timeoutSeconds: 2, ...pods, ...names, ...change };
	const { context, logged } = fakeExecuteContext({ parameters, credentials });
	const outputs = await new MetricGate().execute.call(context);
	expect(JSON.stringify(outputs) + logged.join()).not.toContain(kubernetes.token);
	const output = outputs.findIndex((items) => items.length > 0);
	const metrics = outputs[output]?.[0]?.json.metrics as unknown as Measured;
	expect(OUTPUTS[output]).toBe(metrics.verdict);
	return metrics;
}

/** Asks the backend through its Service until stopped; each request on a connection of its own, so that every pod gets some. */
async function withTraffic<Result>(route: string, use: () => Promise<Result>): Promise<Result> {
	let stopped = false;
	const asking = (async () => {
		while (!stopped) {
			const response = await fetch(`${services.backend}${route}`, { headers: { connection: 'close' } });
			await response.arrayBuffer();
			await delay(20);
		}
	})();
	try {
		return await use();
	} finally {
		stopped = true;
		await asking;
	}
}

describe('through the pod proxy of the cluster', () => {
	it('the requests of all pods are counted and calm traffic passes', async () => {
		const metrics = await withTraffic('/cases', async () => await measure());
		expect(metrics).toMatchObject({ verdict: 'passed', level: 'pass', value: 0 });
		expect(metrics.requests).toBeGreaterThanOrEqual(10);
		expect(metrics.pods.length).toBeGreaterThan(0);
		expect(metrics.pods.reduce((sum, { requests }) => sum + requests, 0)).toBe(metrics.requests);
	});

	it('what counts as an error is the operator’s: answers of 200 taken for errors are held and fail', async () => {
		const metrics = await withTraffic(
			'/cases',
			async () => await measure({ errorMatchers: 'status="200"', matchers: 'route="/cases"' }),
		);
		expect(metrics).toMatchObject({ verdict: 'failed', level: 'rollback' });
		expect(metrics.value).toBeGreaterThan(0.9);
	});

	it('response times are judged by what was observed while measuring', async () => {
		const metrics = await withTraffic(
			'/cases',
			async () => await measure({ operation: 'responseTime', matchers: 'route="/cases"' }),
		);
		expect(metrics).toMatchObject({ verdict: 'passed', level: 'pass' });
		expect(metrics.value).toBeGreaterThan(0);
	});

	it('a limit that no answer can keep fails the gate', async () => {
		const policy = { ...POLICY, responseTimeSeconds: { ...POLICY.responseTimeSeconds, pass: 0.000001 } };
		const metrics = await withTraffic(
			'/cases',
			async () => await measure({ operation: 'responseTime', policy, matchers: 'route="/cases"' }),
		);
		expect(metrics).toMatchObject({ verdict: 'failed', level: 'above-pass' });
	});

	it('a route that nobody asks for is no calm route', async () => {
		expect(await measure({ matchers: 'route="/nowhere"' })).toMatchObject({
			verdict: 'inconclusive',
			level: 'unknown',
			value: null,
			requests: 0,
		});
	});

	it('a selector that matches no pod is inconclusive', async () => {
		expect(await measure({ podSelector: 'app=nobody' })).toMatchObject({
			verdict: 'inconclusive',
			reason: 'no running pod matches the selector',
		});
	});

	it('a path without metrics is inconclusive', async () => {
		expect(await measure({ path: '/health' })).toMatchObject({
			verdict: 'inconclusive',
			reason: expect.stringMatching(/not Prometheus text/),
		});
	});

	it('a wrong token is an error that names the credential', async () => {
		await expect(measure({}, 'canary-wrong-token-4711')).rejects.toThrow(/METRICS\.CLUSTER_REFUSED/);
	});
});
