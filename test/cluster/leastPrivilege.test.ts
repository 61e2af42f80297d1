import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findClusterUid } from '../../lib/rollout/assertCluster';
import { checkAccess } from '../../lib/rollout/access/checkAccess';
import { createCluster } from '../../lib/rollout/cluster.client';
import type { Cluster } from '../../lib/rollout/cluster';
import { freezeWriters } from '../../lib/rollout/freeze/freezeWriters';
import { thawWriters } from '../../lib/rollout/freeze/thawWriters';
import type { Fence } from '../../lib/rollout/model';
import { checkOwnership } from '../../lib/rollout/ownership/checkOwnership';
import { readLogs } from '../../lib/rollout/readLogs';
import { readStatus } from '../../lib/rollout/readStatus';
import { recordLive } from '../../lib/rollout/recordLive';
import { retirePrevious } from '../../lib/rollout/retire/retirePrevious';
import { rollBack } from '../../lib/rollout/rollBack';
import { setImage } from '../../lib/rollout/setImage';
import { setStagingImage } from '../../lib/rollout/staging/setStagingImage';
import { waitForStaging } from '../../lib/rollout/staging/waitForStaging';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { moveWorkers } from '../../lib/rollout/workers/moveWorkers';
import { systemClock } from '../../lib/support/clock';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { startRolloutCluster, workerOf, type RolloutCluster } from '../integration/rolloutCluster';
import type { ApiObject } from '../integration/kubernetes/connectToApi';

const MANIFEST = path.resolve(__dirname, '..', '..', 'docs', 'kubernetes-rbac.yaml');
const FENCE: Fence = { release: 'r-1', token: 1 };
const { signal } = new AbortController();

jest.setTimeout(120_000);

describe('a service account with the role that the docs give, on an API server with RBAC', () => {
	let target: RolloutCluster;
	let cluster: Cluster;
	let namespace: string;
	const collectionOf = (kind: string | undefined, place = namespace): string => {
		const accounts = `/api/v1/namespaces/${place}/serviceaccounts`;
		return kind === 'ServiceAccount'
			? accounts
			: `/apis/rbac.authorization.k8s.io/v1/namespaces/${place}/${kind === 'Role' ? 'roles' : 'rolebindings'}`;
	};
	const open = async (bearerToken: string): Promise<Cluster> => {
		const { url, ca } = sandboxEndpoints().kubernetes;
		return await createCluster({ serverUrl: url, certificateAuthority: ca, bearerToken, namespace });
	};
	const tokenOf = async (account: string): Promise<string> => {
		const body = { spec: { expirationSeconds: 3600 } };
		const issued = await target.api.call('POST', `${collectionOf('ServiceAccount')}/${account}/token`, { body });
		return String(issued.body.status?.['token']);
	};
	const roleOf = async (): Promise<ApiObject> =>
		(await target.api.call('GET', `${collectionOf('Role')}/deployment-runbook`)).body;

	const mayUseSecrets = async (verb: string): Promise<boolean> => {
		const user = `system:serviceaccount:${namespace}:deployment-runbook`;
		const spec = { user, resourceAttributes: { namespace, verb, resource: 'secrets' } };
		const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
		const { status, body } = await target.api.call('POST', reviews, { body: { spec } });
		expect(status).toBe(201);
		return body.status?.['allowed'] === true;
	};

	beforeAll(async () => {
		target = await startRolloutCluster({ workers: [workerOf('worker', 'worker')] });
		({ namespace } = target.set);
		const { loadAllYaml } = await import('@kubernetes/client-node');
		const text = (await readFile(MANIFEST, 'utf8'))
			.replaceAll(/namespace: (production|staging)/g, `namespace: ${namespace}`)
			.replaceAll('case-management-', '');
		for (const body of loadAllYaml(text) as ApiObject[]) {
			const { status } = await target.api.call('POST', collectionOf(body.kind, body.metadata.namespace), {
				body,
			});
			if (status !== 201) throw new Error(`the ${body.kind} of the docs was answered with ${status}`);
		}
		cluster = await open(await tokenOf('deployment-runbook'));
	}, 120_000);
	afterAll(async () => {
		await cluster.close();
		await target.stop();
	});

	it('may run a whole rollout, read its logs, and roll it back', async () => {
		const images = target.image('good');
		const common = { images, clock: systemClock, signal };
		const record = await recordLive(cluster, target.set, { fence: FENCE });
		await setImage(cluster, target.set, { images, fence: FENCE, record });
		const waited = await waitForRollout(cluster, target.set, { ...common, record, timeoutMs: 60_000 });
		expect(waited.workloads.map(({ verdict }) => verdict)).toEqual(['passed', 'passed']);
		await switchTraffic(cluster, target.set, { ...common, record, fence: FENCE, settleMs: 20_000 });
		const moved = await moveWorkers(cluster, target.set, { ...common, record, fence: FENCE, timeoutMs: 60_000 });
		expect(moved.workers.map(({ deployment }) => deployment)).toEqual(['worker-green']);
		const { workloads } = await readStatus(cluster, target.set);
		expect(workloads.map(({ live }) => live.colour)).toEqual(['green', 'green']);
		const { retired, kept, warnings } = await retirePrevious(cluster, target.set, {
			...common,
			record,
			fence: FENCE,
		});
		expect([retired.length, kept, warnings]).toEqual([2, [], []]);
		const logs = await readLogs(cluster, target.set, { colour: 'live', tailLines: 5, maxBytes: 10_000 });
		expect(JSON.stringify(logs)).toContain('starting');
		const back = { record, fence: FENCE, idleBefore: [], scaleDownReplaced: true, timeoutMs: 60_000 };
		await rollBack(cluster, target.set, { ...common, ...back });
		const after = await readStatus(cluster, target.set);
		expect(after.workloads.map(({ live }) => live.colour)).toEqual(['blue', 'blue']);
		expect(after.workers.map(({ blue, green }) => [blue.replicas, green.replicas])).toEqual([[1, 0]]);
	});

	it('is told that it may do all that it needs, and which rights it works without', async () => {
		const checked = await checkAccess(cluster, target.set, {
			...{ freeze: true, pinned: true, suites: true, previousVersionIn: '' },
		});
		expect(checked).toMatchObject({ verdict: 'passed', missing: [] });
		expect(checked.missingOptional.map(({ missing }) => missing)).toEqual(['delete pods', 'get configmaps']);
	});

	it('may tell this cluster from another, and is told which right that takes', async () => {
		const { clusterUid } = sandboxEndpoints().kubernetes;
		expect(await cluster.readClusterUid()).toBe(clusterUid);
		const staging = await open(await tokenOf('deployment-runbook-staging'));
		try {
			const { verdict, missing } = await checkAccess(staging, target.set, {
				freeze: false,
				pinned: true,
				suites: true,
			});
			expect(verdict).toBe('failed');
			expect(missing.map((one) => one.missing)).toEqual(
				expect.arrayContaining(['get namespaces kube-system', 'create jobs.batch']),
			);
			expect(await findClusterUid(staging)).toBeUndefined();
		} finally {
			await staging.close();
		}
	});

	it('may look for other owners, and finds one that applies the selector of a Service', async () => {
		const options = { declared: [], accepted: [] };
		expect(await checkOwnership(cluster, target.set, options)).toMatchObject({ verdict: 'passed', unseen: [] });
		const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'frontend' } };
		const body = { ...service, spec: { selector: { app: 'frontend', color: 'blue' } } };
		const path = `/api/v1/namespaces/${namespace}/services/frontend?fieldManager=platform-operator&force=true`;
		const { status } = await target.api.call('PATCH', path, { body, contentType: 'application/apply-patch+yaml' });
		expect(status).toBe(200);
		const { verdict, findings } = await checkOwnership(cluster, target.set, options);
		expect([verdict, findings.map(({ name }) => name)]).toEqual(['failed', ['apply:Service/frontend']]);
		expect(findings[0]?.problem).toContain('"platform-operator" applies spec.selector');
	});

	it('may freeze the writers and thaw them', async () => {
		const deployments = ['backend-blue', 'backend-green'];
		const frozen = { namespace, deployments, fence: FENCE };
		const options = { timeoutMs: 60_000, clock: systemClock, signal };
		const { writers } = await freezeWriters(cluster, frozen, options);
		expect(writers.map(({ deployment, replicas }) => [deployment, replicas])).toEqual([
			['backend-blue', 2],
			['backend-green', 0],
		]);
		await thawWriters(cluster, frozen, options);
		expect((await target.read('deployments', 'backend-blue')).spec?.['replicas']).toBe(2);
	});

	it('has another account for staging, which may set images there and nothing in production', async () => {
		for (const name of ['backend', 'frontend']) {
			const labels = { app: `staging-${name}` };
			const spec = { containers: [{ name: 'app', image: `registry.example.com/${name}:2026.11.1` }] };
			const template = { metadata: { labels }, spec };
			const { status } = await target.api.call('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, {
				body: { metadata: { name }, spec: { replicas: 1, selector: { matchLabels: labels }, template } },
			});
			expect(status).toBe(201);
		}
		const account = await open(await tokenOf('deployment-runbook-staging'));
		try {
			const workloads = ['backend', 'frontend'].map((name) => ({
				service: name,
				deployment: name,
				container: 'app',
			}));
			const staging = { namespace, workloads };
			const images = target.image('good');
			await setStagingImage(account, staging, images);
			const waited = await waitForStaging(account, staging, {
				images,
				timeoutMs: 60_000,
				clock: systemClock,
				signal,
			});
			expect(waited.workloads.map(({ verdict }) => verdict)).toEqual(['passed', 'passed']);
			await expect(account.patchDeployment(namespace, 'backend-blue', [])).rejects.toMatchObject({
				code: 'ROLLOUT.FORBIDDEN',
			});
		} finally {
			await account.close();
		}
	});

	it('may nothing else: no other Service, no secret to read, no other namespace', async () => {
		await target.api.call('POST', `/api/v1/namespaces/${namespace}/services`, {
			body: { metadata: { name: 'billing' }, spec: { selector: { app: 'billing' }, ports: [{ port: 80 }] } },
		});
		await expect(cluster.patchService(namespace, 'billing', [])).rejects.toMatchObject({
			code: 'ROLLOUT.FORBIDDEN',
		});
		await expect(cluster.listPods('kube-system', {})).rejects.toMatchObject({ code: 'ROLLOUT.FORBIDDEN' });
		// Secrets are made and deleted, for the previous version on the rehearsed schema, and never read.
		for (const verb of ['create', 'delete']) expect(await mayUseSecrets(verb)).toBe(true);
		expect(await Promise.all(['get', 'list', 'watch', 'update', 'patch'].map(mayUseSecrets))).not.toContain(true);
		const { rules } = (await roleOf()) as unknown as { rules: { resources: string[]; verbs: string[] }[] };
		expect(rules.flatMap(({ resources, verbs }) => [...resources, ...verbs])).not.toContain('*');
	});

	it('is told the verb that its role lacks, and that its token is not one', async () => {
		const role = await roleOf();
		const rules = (role['rules'] as { resources: string[]; verbs: string[] }[]).filter(
			({ resources, verbs }) => !(resources.includes('services') && verbs.includes('patch')),
		);
		await target.api.call('PUT', `${collectionOf('Role')}/deployment-runbook`, { body: { ...role, rules } });
		// The authorizer follows its own watch of the roles.
		const refusal = async (): Promise<unknown> =>
			await cluster.patchService(namespace, 'backend', []).then(
				() => undefined,
				(error: unknown) => error,
			);
		let refused = await refusal();
		for (let tries = 0; refused === undefined && tries < 50; tries += 1) {
			await systemClock.sleep(100, signal);
			refused = await refusal();
		}
		expect(refused).toMatchObject({
			code: 'ROLLOUT.FORBIDDEN',
			message: expect.stringContaining('may not patch services backend') as unknown,
		});
		const { verdict, missing } = await checkAccess(cluster, target.set, {
			freeze: false,
			pinned: false,
			suites: false,
		});
		expect([verdict, missing.map((one) => one.missing)]).toEqual([
			'failed',
			['backend', 'backend-preview', 'frontend', 'frontend-preview'].map((name) => `patch services ${name}`),
		]);
		const stranger = await open('not-a-token');
		try {
			await expect(stranger.readService(namespace, 'backend')).rejects.toMatchObject({
				code: 'ROLLOUT.UNAUTHORIZED',
			});
		} finally {
			await stranger.close();
		}
	});
});
