import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCluster } from '../../../lib/rollout/cluster.client';
import type { Cluster } from '../../../lib/rollout/cluster';
import { waitForRollout } from '../../../lib/rollout/waitForRollout';
import { RunbookError } from '../../../lib/support/runbookError';
import type { Clock } from '../../../lib/support/clock';
import { deployment, NEW, REPOSITORY, WORKLOAD } from './facts';
import { clusterAt, send, sendStatus, startFakeApi, TOKEN, wireDeployment, wireService, type FakeApi } from './fakeApi';

/** The driver is loaded on first use; on a busy machine that alone takes seconds. */
beforeAll(async () => {
	await import('@kubernetes/client-node');
}, 60_000);

let api: FakeApi;
let cluster: Cluster;
beforeEach(async () => {
	api = await startFakeApi();
	cluster = await clusterAt(api.url);
});
afterEach(async () => {
	await cluster.close();
	await api.stop();
});

describe('the cluster client', () => {
	it('sends the token and a JSON patch, and reads the facts of what comes back', async () => {
		api.answer = (_asked, response) => send(response, wireDeployment('api-green'));
		const operations = [
			{ op: 'test' as const, path: '/spec/replicas', value: 0 },
			{ op: 'replace' as const, path: '/spec/replicas', value: 2 },
		];
		expect(await cluster.patchDeployment('production', 'api-green', operations)).toEqual(
			deployment({
				annotations: { 'deployment.kubernetes.io/revision': '3' },
				containers: [{ name: 'app', image: `${REPOSITORY}@${NEW}` }],
				configuration: {
					templateHash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown as string,
					references: [],
				},
				conditions: [],
			}),
		);
		expect(api.asked).toHaveLength(1);
		expect(api.asked[0]).toMatchObject({
			method: 'PATCH',
			path: '/apis/apps/v1/namespaces/production/deployments/api-green?fieldManager=deployment-runbook',
			headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json-patch+json' },
			body: JSON.stringify(operations),
		});
	});

	it('reads logs that are JSON lines as text', async () => {
		const text = '{"level":"error","message":"boom"}\n{"level":"fatal"}\n';
		api.answer = (_asked, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end(text);
		expect(
			await cluster.podLogs('production', {
				pod: 'p',
				container: 'app',
				previous: true,
				tailLines: 5,
				limitBytes: 100,
			}),
		).toBe(text);
		expect(api.asked[0]?.path).toMatch(/^\/api\/v1\/namespaces\/production\/pods\/p\/log\?.*previous=true/);
	});

	it.each([
		[401, 'UNAUTHORIZED', false, /401/],
		[403, 'FORBIDDEN', false, /may not patch services api in namespace production/],
		[404, 'NOT_FOUND', false, /no services api in namespace production/],
		[409, 'CONFLICT', true, /409/],
		[422, 'TEST_FAILED', true, /the words of the API/],
		[429, 'UNREACHABLE', true, /HTTP 429/],
		[500, 'UNREACHABLE', true, /HTTP 500/],
		[400, 'REFUSED', false, /\(400\): the words of the API/],
	])('maps HTTP %i to ROLLOUT.%s by the status alone', async (status, code, retryable, message) => {
		api.answer = (_asked, response) => sendStatus(response, status, 'the words of the API');
		const error = await cluster.patchService('production', 'api', []).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(RunbookError);
		expect(error).toMatchObject({
			code: `ROLLOUT.${code}`,
			retryable,
			message: expect.stringMatching(message) as unknown,
		});
	});

	const broken: Array<[string, FakeApi['answer']]> = [
		[
			'a proxy that answers in HTML',
			(_asked, response) =>
				void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'),
		],
		[
			'an answer that is cut off',
			(_asked, response) =>
				void response
					.writeHead(200, { 'content-length': '999', 'content-type': 'application/json' })
					.end('{"kind"', () => response.destroy()),
		],
		['a connection that is closed', (_asked, response) => void response.destroy()],
	];
	it.each(broken)('is unreachable behind %s', async (_name, answer) => {
		api.answer = answer;
		await expect(cluster.readService('production', 'api')).rejects.toMatchObject({ code: 'ROLLOUT.UNREACHABLE' });
	});

	it('is unreachable when nothing listens', async () => {
		await api.stop();
		await expect(cluster.readService('production', 'api')).rejects.toMatchObject({
			code: 'ROLLOUT.UNREACHABLE',
			message: expect.stringMatching(/ECONNREFUSED/) as unknown,
		});
	});

	it('masks in its own errors a token that came from a file', async () => {
		const folder = await mkdtemp(path.join(tmpdir(), 'cluster-'));
		const bearerTokenFile = path.join(folder, 'token');
		await writeFile(bearerTokenFile, `${TOKEN}-of-a-file`);
		const connection = { serverUrl: api.url, certificateAuthority: '', bearerToken: '', bearerTokenFile };
		const inCluster = await createCluster({ ...connection, namespace: 'production' });
		try {
			api.answer = (_asked, response) => sendStatus(response, 422, `the token ${TOKEN}-of-a-file is bad`);
			await expect(inCluster.readService('production', 'api')).rejects.toMatchObject({
				code: 'ROLLOUT.TEST_FAILED',
				message: expect.stringContaining('the token *** is bad') as unknown,
			});
			await rm(bearerTokenFile);
			await expect(inCluster.readService('production', 'api')).rejects.toMatchObject({
				code: 'CLUSTER_ACCESS.TOKEN_FILE',
			});
		} finally {
			await inCluster.close();
			await rm(folder, { recursive: true });
		}
	});

	it('never shows the token, even when the API repeats it', async () => {
		for (const status of [400, 401, 403, 422, 500]) {
			api.answer = (asked, response) =>
				void response.writeHead(status, { 'x-echo': asked.headers.authorization ?? '' }).end();
			const error = (await cluster
				.readService('production', 'api')
				.catch((thrown: unknown) => thrown)) as RunbookError;
			expect(
				JSON.stringify({
					message: error.message,
					why: error.why,
					fix: error.fix,
					meta: error.meta,
					cause: String(error.cause),
					stack: error.stack,
				}),
			).not.toContain(TOKEN);
		}
	});
});

describe('waitForRollout', () => {
	/** Sleeps by moving the clock. */
	const clockThat = (beforeSleep: (ms: number) => void = () => undefined): Clock => {
		let ms = 0;
		return {
			now: () => new Date(0),
			monotonicMs: () => ms,
			sleep: async (duration) => {
				ms += duration;
				beforeSleep(ms);
				await Promise.resolve();
			},
		};
	};
	const answerHealthy: FakeApi['answer'] = ({ path }, response) => {
		if (path.includes('/services/')) return send(response, wireService('api', 'blue'));
		if (path.includes('/deployments/')) return send(response, wireDeployment('api-green'));
		if (path.includes('/replicasets'))
			return send(response, { apiVersion: 'apps/v1', kind: 'ReplicaSetList', metadata: {}, items: [] });
		const image = `${REPOSITORY}@${NEW}`;
		const status = {
			conditions: [{ type: 'Ready', status: 'True' }],
			containerStatuses: [{ name: 'app', image, imageID: image, ready: true, restartCount: 0 }],
		};
		const items = ['p1', 'p2'].map((name) => ({
			metadata: { name },
			spec: { containers: [{ name: 'app', image }] },
			status,
		}));
		return send(response, { apiVersion: 'v1', kind: 'PodList', metadata: {}, items });
	};
	const wait = async (clock: Clock, timeoutMs = 300_000) => {
		const images = [{ workload: 'api', image: `${REPOSITORY}@${NEW}` }];
		const { workloads } = await waitForRollout(
			cluster,
			{ namespace: 'production', workloads: [WORKLOAD] },
			{ images, record: undefined, timeoutMs, clock, signal: new AbortController().signal },
		);
		return workloads[0];
	};

	it('is inconclusive, never failed, while the API cannot be asked, and gives up long before its deadline', async () => {
		api.answer = (_asked, response) => sendStatus(response, 503, 'starting');
		const result = await wait(clockThat());
		expect(result).toMatchObject({
			verdict: 'inconclusive',
			reason: expect.stringMatching(/HTTP 503/) as unknown,
			waitedMs: 30_000,
		});
	});

	it('is inconclusive when the API cannot be asked at the deadline', async () => {
		api.answer = (_asked, response) => sendStatus(response, 503, 'starting');
		expect(await wait(clockThat(), 5_000)).toMatchObject({ verdict: 'inconclusive', waitedMs: 5_000 });
	});

	it('goes on after a short outage', async () => {
		api.answer = (_asked, response) => sendStatus(response, 503, 'starting');
		const clock = clockThat((ms) => {
			if (ms === 10_000) api.answer = answerHealthy;
		});
		expect(await wait(clock)).toMatchObject({ verdict: 'passed', reason: '', waitedMs: 10_000 });
	});

	it('does not wait for a role that is wrong', async () => {
		api.answer = (asked, response) =>
			asked.path.includes('/replicasets') ? sendStatus(response, 403, 'no') : answerHealthy(asked, response);
		await expect(wait(clockThat())).rejects.toMatchObject({
			code: 'ROLLOUT.FORBIDDEN',
			message: expect.stringMatching(/list replicasets/) as unknown,
		});
	});
});
