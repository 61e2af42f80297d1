import type { IncomingMessage, ServerResponse } from 'node:http';
import { MetricGate } from '../../../nodes/MetricGate/MetricGate.node';
import { podProxyCredential } from '../../../nodes/shared/podProxyCredential';
import { EXAMPLE_POLICY } from '../../lib/metrics/examplePolicy';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

const CANARY = 'bearer-canary-4711';
let server: ScriptedServer;
let metrics: { status: number; body: unknown };
let pods: { status: number; body: unknown };

beforeAll(async () => {
	// Loading the driver takes seconds on a busy machine; that is not what is tested here.
	await import('undici');
	server = await startScriptedServer((request: IncomingMessage, response: ServerResponse) => {
		const { status, body } = request.url?.startsWith('/apis/metrics.k8s.io/v1beta1/namespaces/production/pods?')
			? metrics
			: pods;
		response
			.writeHead(status, { 'content-type': 'application/json' })
			.end(typeof body === 'string' ? body : JSON.stringify(body));
	});
}, 60_000);
afterAll(async () => await server.close());
beforeEach(() => {
	pods = { status: 200, body: { items: [pod('api-1', 'Running'), pod('api-0', 'Succeeded')] } };
	metrics = { status: 200, body: { items: [used('api-1', '500m', '64Mi')] } };
	server.requests.length = 0;
	/** The credential wants HTTPS; here the server on the other side is a plain one. */
	jest.spyOn(podProxyCredential, 'open').mockImplementation(async () => ({
		client: { serverUrl: server.url, certificateAuthority: '', bearerToken: CANARY },
	}));
});

const pod = (name: string, phase: string, limits: object = { cpu: '1', memory: '128Mi' }): object => ({
	metadata: { name },
	spec: { containers: [{ name: 'api', resources: { limits } }] },
	status: { phase },
});
const used = (name: string, cpu: string, memory: string): object => ({
	metadata: { name },
	timestamp: '2026-11-23T20:00:00Z',
	window: '15s',
	containers: [{ name: 'api', usage: { cpu, memory } }],
});

async function execute(change: object = {}) {
	const { context, logged } = fakeExecuteContext({
		parameters: {
			operation: 'resourceUsage',
			policy: EXAMPLE_POLICY,
			namespace: 'production',
			podSelector: 'app=api',
			looks: 1,
			intervalSeconds: 0.2,
			...change,
		},
		credentials: { kubernetesCluster: { bearerToken: CANARY } },
	});
	return { outputs: await new MetricGate().execute.call(context), logged };
}

describe('Resource Usage', () => {
	it('judges CPU and memory of the running pods of the selector', async () => {
		const { outputs } = await execute();
		expect(outputs[2]?.[0]?.json).toMatchObject({
			metrics: {
				verdict: 'passed',
				resources: [
					{ resource: 'cpu', value: 0.5, limit: 0.7, worst: 'api-1/api', verdict: 'passed' },
					{ resource: 'memory', value: 0.5, limit: 0.8, worst: 'api-1/api', verdict: 'passed' },
				],
			},
		});
		expect(server.requests.map(({ path }) => path)).toEqual(
			expect.arrayContaining([
				'/api/v1/namespaces/production/pods?labelSelector=app%3Dapi',
				'/apis/metrics.k8s.io/v1beta1/namespaces/production/pods?labelSelector=app%3Dapi',
			]),
		);
	});

	it('a busy container leaves through Failed', async () => {
		metrics.body = { items: [used('api-1', '900000000n', '10Mi')] };
		const { outputs } = await execute();
		expect(outputs[1]?.[0]?.json).toMatchObject({
			metrics: { reason: 'api-1/api uses 90 % of its cpu limit, at most 70 % is allowed' },
		});
	});

	it.each([
		[
			'no metrics API',
			() => (metrics = { status: 404, body: { kind: 'Status' } }),
			'the cluster has no metrics API (metrics.k8s.io)',
		],
		[
			'a metrics API that is down',
			() => (metrics = { status: 503, body: {} }),
			'the Kubernetes API answered HTTP 503',
		],
		[
			'a pod without limits',
			() => (pods.body = { items: [pod('api-1', 'Running', {})] }),
			'api-1/api has no cpu limit to judge by; api-1/api has no memory limit to judge by',
		],
		['no pod', () => (pods.body = { items: [] }), 'no pod runs'],
		[
			'a pod that is not measured',
			() => (metrics.body = { items: [] }),
			'the metrics API has nothing on api-1/api yet',
		],
		[
			'a quantity that is none',
			() => (metrics.body = { items: [used('api-1', 'NaN', '1')] }),
			'the answer of the Kubernetes API is not understood: "NaN" is no quantity',
		],
		[
			'an HTML page',
			() => (metrics.body = '<html>'),
			'the answer of the Kubernetes API is not understood: Required',
		],
	])('%s is inconclusive with the reason', async (_name, change, reason) => {
		change();
		const { outputs, logged } = await execute();
		expect(outputs[0]?.[0]?.json).toMatchObject({ metrics: { verdict: 'inconclusive', reason } });
		expect(JSON.stringify(outputs) + logged.join()).not.toContain(CANARY);
	});

	it('a role that may not list is an error that names what is missing, and shows no token', async () => {
		metrics = { status: 403, body: { message: CANARY } };
		const error = await execute().then(
			() => undefined,
			(thrown: unknown) => thrown as Error,
		);
		expect(error?.message).toContain('pods.metrics.k8s.io in production (HTTP 403) (VALIDATION.USAGE_REFUSED)');
		expect(JSON.stringify(error) + String(error?.message)).not.toContain(CANARY);
	});

	it.each([
		['no selector', { podSelector: ' ' }, /podSelector.*empty/],
		['no look', { looks: 0 }, /looks/],
		['a policy in percent', { policy: { ...EXAMPLE_POLICY, cpu: { pass: 70, warning: 80 } } }, /policy\.cpu\.pass/],
	])('%s is refused before anything is asked', async (_name, change, message) => {
		await expect(execute(change)).rejects.toThrow(message);
		expect(server.requests).toEqual([]);
	});
});
