import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ICredentialTestFunctions, IExecuteFunctions } from 'n8n-workflow';
import { KubernetesRollout } from '../../../nodes/KubernetesRollout/KubernetesRollout.node';
import { NEW, OLD, RECORD, REPOSITORY, WORKER, WORKLOAD } from '../../lib/rollout/facts';
import {
	send,
	sendStatus,
	startFakeApi,
	TOKEN,
	wireDeployment,
	wireService,
	type FakeApi,
} from '../../lib/rollout/fakeApi';
import { fakeExecuteContext, type FakeExecution } from '../../support/fakeExecuteContext';

/** The driver is loaded on first use; on a busy machine that alone takes seconds. */
beforeAll(async () => {
	await import('@kubernetes/client-node');
}, 60_000);

const node = new KubernetesRollout();
const run = async (context: IExecuteFunctions) => await node.execute.call(context);

describe('the Kubernetes Rollout node', () => {
	let api: FakeApi;
	beforeEach(async () => {
		api = await startFakeApi();
	});
	afterEach(async () => await api.stop());

	const contextFor = (parameters: Record<string, unknown>, more: Partial<FakeExecution> = {}) =>
		fakeExecuteContext({
			parameters: {
				namespace: '',
				workloads: [WORKLOAD],
				images: [{ workload: 'api', image: `${REPOSITORY}@${NEW}` }],
				timeoutSeconds: 5,
				watchSeconds: 600,
				...parameters,
			},
			credentials: { kubernetesCluster: { serverUrl: api.url, bearerToken: TOKEN, namespace: 'production' } },
			...more,
		});

	it('adds the status under "rollout", keeps the item, and uses the namespace of the credential', async () => {
		api.answer = ({ path }, response) => {
			if (path.includes('/services/')) return send(response, wireService('api', 'blue'));
			if (path.includes('/deployments/'))
				return send(response, wireDeployment(path.includes('blue') ? 'api-blue' : 'api-green'));
			const endpoints = [
				{ addresses: ['198.18.0.1'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'p1' } },
			];
			return send(response, {
				apiVersion: 'discovery.k8s.io/v1',
				kind: 'EndpointSliceList',
				metadata: {},
				items: [{ addressType: 'IPv4', endpoints }],
			});
		};
		const outputs = await run(contextFor({ operation: 'status' }, { items: [{ json: { kept: 1 } }] }).context);
		const colour = (name: 'blue' | 'green', digest: string) => ({
			colour: name,
			deployment: `api-${name}`,
			revision: '3',
			image: `${REPOSITORY}@${digest}`,
			digest,
			replicas: 2,
			available: 2,
		});
		expect(outputs[0]?.[0]?.json).toEqual({
			kept: 1,
			rollout: {
				workloads: [
					{
						service: 'api',
						live: colour('blue', OLD),
						idle: colour('green', NEW),
						readyEndpoints: 1,
						previewReadyEndpoints: 1,
					},
				],
				workers: [],
			},
		});
		expect(api.asked.every(({ path }) => path.includes('/namespaces/production/'))).toBe(true);
	});

	it('sends an unreadable cluster to Inconclusive, never to Passed', async () => {
		api.answer = (_asked, response) => sendStatus(response, 403, 'forbidden');
		const outputs = await run(contextFor({ operation: 'waitForRollout' }, { continueOnFail: true }).context);
		expect(outputs.map((items) => items.length)).toEqual([1]);
		expect(outputs[0]?.[0]?.json.error).toMatch(/ROLLOUT\.FORBIDDEN/);
	});

	it.each([
		['recordLive', { workloads: '[]' }, /workloads/],
		['setImage', { images: [{ workload: 'api', image: `${REPOSITORY}:latest` }] }, /images\[0\]\.image/],
		['switchTraffic', { timeoutSeconds: 0 }, /timeoutSeconds/],
		['moveWorkers', { workers: [{ ...WORKER, workload: 'apo' }] }, /there is no workload "apo"/],
		['moveWorkers', { timeoutSeconds: 0 }, /timeoutSeconds/],
		['retirePrevious', { images: [{ workload: 'api', image: `${REPOSITORY}:latest` }] }, /images\[0\]\.image/],
		['rollBack', { record: '{}' }, /record/],
		['setStagingImage', { staging: { enabled: false } }, /staging/],
		['waitForStaging', { staging: { enabled: true, namespace: 's', deployments: {} } }, /staging\.deployments/],
		['logs', { tailLines: -1 }, /tailLines/],
		['restart', { deployment: 'api-blue; rm' }, /deployment/],
		['scale', { deployment: 'api-blue', replicas: -1, currentReplicas: -1 }, /replicas/],
		['undo', { deployment: 'api-blue', container: 'app', goTo: 'digest', digest: 'latest' }, /digest/],
	])('refuses %s with bad input before anything is asked', async (operation, parameters, field) => {
		await expect(
			run(contextFor({ operation, maxKilobytes: 1, tailLines: 1, ...parameters }).context),
		).rejects.toThrow(field);
		expect(api.asked).toEqual([]);
	});

	it.each([
		['status', {}],
		['recordLive', {}],
		['setImage', {}],
		['waitForRollout', {}],
		['switchTraffic', {}],
		['moveWorkers', {}],
		['rollBack', { record: { workloads: [RECORD] } }],
		['checkOwnership', {}],
		['checkOtherVersions', {}],
		['logs', {}],
		['listPods', {}],
		['freezeWriters', {}],
		['thawWriters', {}],
		['history', {}],
		['pause', {}],
		['resume', {}],
		['restart', {}],
		['scale', { replicas: 1, currentReplicas: -1 }],
		['undo', { container: 'app', goTo: 'revision', revision: 1 }],
		['setStagingImage', {}],
		['waitForStaging', {}],
	])(
		'refuses %s in another cluster than the pinned one before it asks for anything else',
		async (operation, more) => {
			api.answer = (_asked, response) => send(response, { metadata: { name: 'kube-system', uid: 'uid-here' } });
			const pinned = {
				deployment: 'api-blue',
				clusterUid: 'uid-elsewhere',
				colour: 'live',
				tailLines: 1,
				maxKilobytes: 1,
			};
			const staging = { enabled: true, namespace: 's', deployments: { api: 'api' }, clusterUid: 'uid-elsewhere' };
			await expect(run(contextFor({ operation, ...pinned, staging, ...more }).context)).rejects.toThrow(
				/This is cluster uid-here, not cluster uid-elsewhere \(ROLLOUT\.WRONG_CLUSTER\)/,
			);
			expect(new Set(api.asked.map(({ method, path }) => `${method} ${path}`))).toEqual(
				new Set(['GET /api/v1/namespaces/kube-system']),
			);
		},
	);

	it('refuses a rollback without a record anywhere, naming the Service', async () => {
		api.answer = ({ path }, response) =>
			send(
				response,
				path.includes('/deployments/')
					? wireDeployment(path.includes('blue') ? 'api-blue' : 'api-green')
					: wireService('api', 'green'),
			);
		await expect(run(contextFor({ operation: 'rollBack' }).context)).rejects.toThrow(
			/no record of what was live for api \(ROLLOUT\.RECORD_MISSING\)/,
		);
		expect(new Set(api.asked.map(({ method }) => method))).toEqual(new Set(['GET']));
	});

	const kubeconfig = (user: object): Record<string, string> => ({
		authentication: 'kubeconfig',
		namespace: 'production',
		kubeconfig: JSON.stringify({
			'current-context': 'c',
			contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
			clusters: [{ name: 'c', cluster: { server: api.url } }],
			users: [{ name: 'u', user }],
		}),
	});

	it.each([
		['given as a token', () => ({ serverUrl: api.url, bearerToken: TOKEN, namespace: 'production' })],
		['pasted in a kubeconfig', () => kubeconfig({ token: TOKEN })],
	])('shows a token %s nowhere: not in items, errors or logs', async (_name, kubernetesCluster) => {
		api.answer = (_asked, response) => sendStatus(response, 422, `rejected Bearer ${TOKEN} and ${TOKEN}`);
		const credentials = { kubernetesCluster: kubernetesCluster() };
		const { context, logged } = contextFor({ operation: 'waitForRollout' }, { continueOnFail: true, credentials });
		const outputs = await run(context);
		const thrown = await run(contextFor({ operation: 'recordLive' }, { credentials }).context).catch(
			(error: unknown) => error,
		);
		const shown = JSON.stringify([outputs, logged, thrown, String(thrown), (thrown as Error).stack]);
		expect(shown).toContain('ROLLOUT.TEST_FAILED');
		expect(shown).not.toContain(TOKEN);
		expect(api.asked[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
	});

	it('refuses a kubeconfig that would run a program, before anything is asked or run', async () => {
		const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: ['/nowhere'] };
		const credentials = { kubernetesCluster: kubeconfig({ exec }) };
		await expect(run(contextFor({ operation: 'status' }, { credentials }).context)).rejects.toThrow(
			/its kubeconfig has "exec" \(ROLLOUT\.CREDENTIAL_INVALID\)/,
		);
		expect(api.asked).toEqual([]);
	});

	it('gives every operation a step key, a field set and an action', () => {
		const fields = node.description.properties.filter(({ name }) => name === 'operation');
		const names = fields.flatMap(({ options = [] }) =>
			options.map((option) => ('value' in option ? option.value : '')),
		);
		expect(names).toEqual([
			'checkAccess',
			'checkOtherVersions',
			'checkOwnership',
			'status',
			'moveWorkers',
			'raiseSchemaFloor',
			'recordLive',
			'rollBack',
			'retirePrevious',
			'setImage',
			'setStagingImage',
			'switchTraffic',
			'waitForRollout',
			'waitForStaging',
			'logs',
			'listPods',
			'history',
			'pause',
			'restart',
			'resume',
			'undo',
			'scale',
			'freezeWriters',
			'thawWriters',
		]);
		for (const name of names) {
			const shown = node.description.properties.filter(({ displayOptions }) =>
				displayOptions?.show?.operation?.includes(name as string),
			);
			expect(shown.map((property) => property.name)).toEqual(
				expect.arrayContaining(['namespace', 'recordStep', 'stepKey']),
			);
		}
	});
});

describe('the credential test', () => {
	const test = async (data: Record<string, string>) =>
		await node.methods.credentialTest.clusterConnection.call({} as ICredentialTestFunctions, {
			id: '1',
			name: 'c',
			type: 'kubernetesCluster',
			data,
		});

	it('works with a private authority, and tells a wrong authority and a wrong token apart', async () => {
		const { cert, private: key } = await generate([{ name: 'commonName', value: 'kubernetes' }], {
			algorithm: 'sha256',
			extensions: [
				{ name: 'basicConstraints', cA: true },
				{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
			],
		});
		const server = createServer({ cert, key }, (request, response) => {
			if (request.headers.authorization !== `Bearer ${TOKEN}`) return sendStatus(response, 401, 'Unauthorized');
			return send(response, {
				major: '1',
				minor: '37',
				gitVersion: 'v1.37.0',
				buildDate: '',
				compiler: '',
				gitCommit: '',
				gitTreeState: '',
				goVersion: '',
				platform: '',
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		try {
			const data = {
				serverUrl: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
				certificateAuthority: cert,
				bearerToken: TOKEN,
			};
			expect(await test(data)).toEqual({ status: 'OK', message: 'Connected to Kubernetes v1.37.0' });
			expect(await test({ ...data, bearerToken: 'wrong-token' })).toMatchObject({
				status: 'Error',
				message: expect.stringMatching(/401/) as unknown,
			});
			expect(await test({ ...data, certificateAuthority: '' })).toMatchObject({
				status: 'Error',
				message: expect.stringMatching(/SELF_SIGNED|CERT/) as unknown,
			});
			expect(await test({ ...data, serverUrl: 'http://kubernetes.example.com' })).toMatchObject({
				status: 'Error',
				message: expect.stringMatching(/not https/) as unknown,
			});
		} finally {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	});
});
