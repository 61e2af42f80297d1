import type { IncomingMessage, ServerResponse } from 'node:http';
import { RunSuite } from '../../../nodes/RunSuite/RunSuite.node';
import { createSuiteCluster } from '../../../lib/validation/suite/suiteCluster.client';
import { suiteCluster } from '../../../nodes/RunSuite/suiteClusterCredential';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

const CANARY = 'bearer-canary-4711';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const JOBS = '/apis/batch/v1/namespaces/production/jobs';
let server: ScriptedServer;
/** Answers other than the usual ones, by method and path. */
let answers: Record<string, (response: ServerResponse) => void> = {};

beforeAll(async () => {
	// Loading the driver takes seconds on a busy machine; that is not what is tested here.
	await import('@kubernetes/client-node');
	server = await startScriptedServer(answer);
}, 120_000);
afterAll(async () => await server.close());
beforeEach(() => {
	answers = {};
	server.requests.length = 0;
});

/** A cluster in which every Job has ended well the moment it is there. */
function answer(request: IncomingMessage, response: ServerResponse): void {
	const path = (request.url ?? '').split('?', 1)[0] ?? '';
	const special = answers[`${request.method} ${path}`];
	if (special) special(response);
	else if (path.endsWith('/log'))
		response.writeHead(200, { 'content-type': 'text/plain' }).end('<testsuites><testcase name="a"/></testsuites>');
	else send(response, ...usualAnswer(request.method ?? '', path));
}

function usualAnswer(method: string, path: string): [number, object] {
	if (method === 'POST') return [201, { metadata: { name: 'j' } }];
	if (path === '/api/v1/namespaces/production/pods') {
		const state = { terminated: { exitCode: 0, reason: 'Completed' } };
		const suite = { name: 'suite', image: 'i', imageID: 'i', ready: false, restartCount: 0, state };
		return [200, { items: [{ metadata: { name: 'pod-1' }, status: { containerStatuses: [suite] } }] }];
	}
	const created = server.requests.some((request) => request.method === 'POST');
	if (!created) return [404, { kind: 'Status', message: 'not found' }];
	const complete = { type: 'Complete', status: 'True', reason: 'CompletionsReached' };
	return [200, { metadata: { name: 'j', uid: 'u' }, status: { conditions: [complete] } }];
}

function send(response: ServerResponse, status: number, body: object): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The credential wants HTTPS; here the server on the other side is a plain one. */
function usePlainServer(): void {
	jest.spyOn(suiteCluster, 'open').mockImplementation(async () => {
		const cluster = await createSuiteCluster({
			serverUrl: server.url,
			certificateAuthority: '',
			bearerToken: CANARY,
		});
		return { client: { cluster, namespace: 'production' }, close: async () => await cluster.close() };
	});
}

async function execute(change: object = {}) {
	usePlainServer();
	const { context, logged } = fakeExecuteContext({
		parameters: {
			operation: 'kubernetesJob',
			suite: 'critical-path',
			imageFrom: 'given',
			image: `registry.example.com/tests:1@${DIGEST}`,
			command: '["npm", "run"]',
			arguments: ['test:critical-path'],
			environment: '{"BASE_URL": "https://api.example.com"}',
			environmentFrom: 'accounts, more',
			deadlineSeconds: 60,
			leastTests: 1,
			pollSeconds: 0.2,
			...change,
		},
		credentials: { kubernetesCluster: { bearerToken: CANARY } },
	});
	return { outputs: await new RunSuite().execute.call(context), logged };
}

describe('Run Suite', () => {
	it('a suite that passes leaves through Passed', async () => {
		const { outputs } = await execute();
		expect(outputs[2]?.[0]?.json).toMatchObject({
			suite: { verdict: 'passed', reason: '1 test passed', pod: 'pod-1', exitCode: 0, report: { tests: 1 } },
		});
	});

	it('the job is one pod, started once, with a deadline and without a token for the cluster', async () => {
		await execute();
		const body = JSON.parse(server.requests.find(({ method }) => method === 'POST')?.body ?? '{}') as object;
		expect(body).toMatchObject({
			kind: 'Job',
			metadata: { name: expect.stringMatching(/^suite-critical-path-[0-9a-f]{10}$/), namespace: 'production' },
			spec: {
				parallelism: 1,
				completions: 1,
				backoffLimit: 0,
				activeDeadlineSeconds: 60,
				template: {
					spec: {
						restartPolicy: 'Never',
						automountServiceAccountToken: false,
						containers: [
							{
								image: `registry.example.com/tests:1@${DIGEST}`,
								command: ['npm', 'run'],
								args: ['test:critical-path'],
								env: [{ name: 'BASE_URL', value: 'https://api.example.com' }],
								envFrom: [{ secretRef: { name: 'accounts' } }, { secretRef: { name: 'more' } }],
							},
						],
					},
				},
			},
		});
	});

	it('takes the image of the release', async () => {
		const images = [{ workload: 'api', image: `registry.example.com/api@${DIGEST}` }];
		await execute({ imageFrom: 'release', workload: 'api', images });
		expect(server.requests.find(({ method }) => method === 'POST')?.body).toContain(
			`registry.example.com/api@${DIGEST}`,
		);
	});

	it.each([
		['a job that the API refuses', 422, 'VALIDATION.JOB_REFUSED'],
		['a role that may not create jobs', 403, 'VALIDATION.CLUSTER_REFUSED'],
		['a token that is wrong', 401, 'VALIDATION.CLUSTER_REFUSED'],
	])('%s is an error that shows no token', async (_name, status, code) => {
		answers[`POST ${JOBS}`] = (response) => {
			send(response, status, { kind: 'Status', message: `bad ${CANARY}` });
		};
		const error = await execute().then(
			() => undefined,
			(thrown: unknown) => thrown as Error,
		);
		expect(error?.message).toContain(code);
		expect(JSON.stringify(error) + String(error?.message)).not.toContain(CANARY);
	});

	it('a cluster that fails is inconclusive, and shows no token', async () => {
		answers[`POST ${JOBS}`] = (response) => {
			send(response, 500, { kind: 'Status', message: CANARY });
		};
		const { outputs, logged } = await execute();
		expect(outputs[0]?.[0]?.json).toMatchObject({
			suite: { verdict: 'inconclusive', reason: expect.stringContaining('HTTP 500') },
		});
		expect(JSON.stringify(outputs) + logged.join()).not.toContain(CANARY);
	});

	it.each([
		['an image by tag', { image: 'registry.example.com/tests:1' }, /image.*Pin|image/],
		['a workload that the release has not', { imageFrom: 'release', workload: 'web', images: [] }, /workload/],
		['a suite without a name', { suite: '' }, /suite/],
		['a suite named with a slash', { suite: 'a/b' }, /suite/],
		['arguments that are no words', { arguments: '"rm -rf"' }, /arguments/],
		['a variable with a number', { environment: '{"A": 1}' }, /environment\.A/],
		['no least number of tests', { leastTests: 0 }, /leastTests/],
	])('%s is refused before anything is asked', async (_name, change, message) => {
		await expect(execute(change)).rejects.toThrow(message);
		expect(server.requests).toEqual([]);
	});
});

describe('Run Suite, a list', () => {
	const IMAGES = [{ workload: 'api', image: `registry.example.com/api@${DIGEST}` }];
	const list = async (suites: unknown) =>
		await execute({ operation: 'kubernetesJobs', suites, listImages: IMAGES, namespace: 'production' });

	it('runs each in the image of the release, under a name of its own, and leaves through Passed', async () => {
		answers[`POST ${JOBS}`] = (response) => send(response, 201, {});
		const { outputs } = await list([{ name: 'smoke', workload: 'api', arguments: ['test:smoke'] }]);
		expect(outputs[2]?.[0]?.json).toMatchObject({
			suite: {
				verdict: 'passed',
				configured: true,
				suites: [{ suite: 'smoke', report: { tests: 1 } }],
				notRun: [],
			},
		});
		const posted = server.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
		expect(posted).toEqual([expect.stringMatching(/"suite-smoke-[0-9a-f]{10}"/)]);
		expect(posted[0]).toContain(`registry.example.com/api@${DIGEST}`);
	});

	it('an empty list asks nothing and says that no suite is configured', async () => {
		const { outputs } = await list([]);
		expect(outputs[2]?.[0]?.json).toMatchObject({
			suite: { configured: false, reason: expect.stringMatching(/^not configured/) },
		});
		expect(server.requests).toEqual([]);
	});

	it.each([
		['no list at all', undefined, /suites/],
		['a suite without an image', [{ name: 'smoke' }], /either the workload/],
		['a suite with two', [{ name: 'smoke', workload: 'api', image: `x@${DIGEST}` }], /either the workload/],
		['an image by tag', [{ name: 'smoke', image: 'x:1' }], /suites\.0\.image/],
		['a workload that the release has not', [{ name: 'smoke', workload: 'web' }], /suites\.0\.workload/],
		[
			'a suite that is named twice',
			[
				{ name: 'a', workload: 'api' },
				{ name: 'a', workload: 'api' },
			],
			/twice/,
		],
		['a field that nobody knows', [{ name: 'a', workload: 'api', retries: 3 }], /retries/],
	])('%s is refused before anything is asked', async (_name, suites, message) => {
		await expect(list(suites)).rejects.toThrow(message);
		expect(server.requests).toEqual([]);
	});
});
