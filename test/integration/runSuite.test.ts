import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RunSuite } from '../../nodes/RunSuite/RunSuite.node';
import { connectToApi, type Api } from './kubernetes/connectToApi';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

const { kubernetes, services, registry } = sandboxEndpoints();
const JOBS = '/apis/batch/v1/namespaces/production/jobs';
let api: Api;
let image = '';

beforeAll(async () => {
	api = connectToApi();
	const response = await fetch(`${registry.url}/v2/case-management-backend/manifests/2026.11.2`);
	image = `${new URL(registry.url).host}/case-management-backend@${response.headers.get('docker-content-digest')}`;
});
afterAll(async () => {
	const { body } = await api.call<{ items: Array<{ metadata: { name: string } }> }>('GET', JOBS);
	for (const { metadata } of body.items) await api.call('DELETE', `${JOBS}/${metadata.name}`);
	await api.close();
});

async function run(change: object = {}) {
	const { context } = fakeExecuteContext({
		parameters: {
			operation: 'kubernetesJob',
			suite: 'smoke',
			namespace: 'production',
			imageFrom: 'given',
			image,
			arguments: ['test:smoke'],
			environment: { BASE_URL: services.backend },
			deadlineSeconds: 500,
			leastTests: 3,
			pollSeconds: 0.5,
			...change,
		},
		credentials: {
			kubernetesCluster: {
				serverUrl: kubernetes.url,
				certificateAuthority: kubernetes.ca,
				bearerToken: kubernetes.token,
				namespace: 'production',
			},
		},
	});
	const outputs = await new RunSuite().execute.call(context);
	return outputs.flat()[0]?.json.suite as {
		verdict: string;
		reason: string;
		job: string;
		exitCode: number;
		report: object;
	};
}

jest.setTimeout(600_000);

describe('a suite as a Job of the cluster', () => {
	it('that passes', async () => {
		expect(await run()).toMatchObject({
			verdict: 'passed',
			reason: '4 tests passed',
			exitCode: 0,
			report: { tests: 4, failed: 0 },
		});
	});

	it('whose application is not there has failed, test by test', async () => {
		const suite = await run({ environment: { BASE_URL: 'http://127.0.0.1:9' } });
		expect(suite).toMatchObject({ verdict: 'failed', reason: '4 of 4 tests failed', exitCode: 1 });
	});

	it('that the image does not have is inconclusive', async () => {
		expect(await run({ arguments: ['test:nothing'] })).toMatchObject({
			verdict: 'inconclusive',
			reason: 'the suite ended with exit code 2 and printed no JUnit report',
		});
	});

	it('that is still running at its deadline is inconclusive, and its pod is ended', async () => {
		// Without an argument the image serves and never ends.
		const suite = await run({ arguments: [], environment: readServing(), deadlineSeconds: 5 });
		expect(suite).toMatchObject({ verdict: 'inconclusive', reason: 'the suite was still running at its deadline' });
		await api.untilAll('/api/v1/namespaces/production/pods', (pods) =>
			pods.every(
				({ metadata, status }) =>
					metadata.labels?.['job-name'] !== suite.job || status?.['phase'] !== 'Running',
			),
		);
	});

	it('with an image that nobody has is inconclusive before its deadline', async () => {
		const suite = await run({ image: image.replace(/[0-9a-f]{64}$/, 'f'.repeat(64)) });
		expect(suite.verdict).toBe('inconclusive');
		expect(suite.reason).toMatch(/^the suite cannot start: (ErrImagePull|ImagePullBackOff)$/);
	});
});

it('a list that the configuration names runs as Jobs, one after the other, up to the first that fails', async () => {
	const suite = { workload: 'case-management-backend', arguments: ['test:smoke'], leastTests: 4 };
	const outcome = await run({
		operation: 'kubernetesJobs',
		listImages: [{ workload: 'case-management-backend', image }],
		suites: [
			{ name: 'smoke', environment: { BASE_URL: services.backend }, ...suite },
			{ name: 'away', environment: { BASE_URL: 'http://127.0.0.1:9' }, ...suite },
			{ name: 'never', environment: { BASE_URL: services.backend }, ...suite },
		],
	});
	expect(outcome).toMatchObject({
		verdict: 'failed',
		reason: 'away: 4 of 4 tests failed',
		suites: [{ verdict: 'passed', report: { tests: 4, failed: 0 } }, { verdict: 'failed' }],
		notRun: ['never'],
	});
});

/** What the application needs to serve: the backend's own variables are not there, so it is the frontend that runs. */
function readServing(): Record<string, string> {
	return { APPLICATION: 'frontend', BACKEND_URL: services.backend };
}

it('the page names the roles that the node needs', () => {
	const page = readFileSync(path.resolve(__dirname, '..', '..', 'docs', 'nodes', 'run-suite.md'), 'utf8');
	for (const role of ['jobs', 'pods/log']) expect(page).toContain(role);
});
