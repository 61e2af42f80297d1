import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createCluster } from '../../lib/rollout/cluster.client';
import type { Cluster } from '../../lib/rollout/cluster';
import type { Fence } from '../../lib/rollout/model';
import { readLogs } from '../../lib/rollout/readLogs';
import { readStatus } from '../../lib/rollout/readStatus';
import { recordLive } from '../../lib/rollout/recordLive';
import { rollBack } from '../../lib/rollout/rollBack';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { systemClock } from '../../lib/support/clock';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { startRolloutCluster, type RolloutCluster } from '../integration/rolloutCluster';
import type { ApiObject } from '../integration/kubernetes/connectToApi';

const MANIFEST = path.resolve(__dirname, '..', '..', 'docs', 'kubernetes-rbac.yaml');
const FENCE: Fence = { release: 'r-1', token: 1 };
const { signal } = new AbortController();

jest.setTimeout(120_000);

describe('a service account with the role that the docs give, on an API server with RBAC', () => {
	let target: RolloutCluster;
	let cluster: Cluster;
	let namespace: string;
	const collectionOf = (kind: string | undefined): string => {
		const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
		return kind === 'ServiceAccount'
			? accounts
			: `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${kind === 'Role' ? 'roles' : 'rolebindings'}`;
	};
	const open = async (bearerToken: string): Promise<Cluster> => {
		const { url, ca } = sandboxEndpoints().kubernetes;
		return await createCluster({ serverUrl: url, certificateAuthority: ca, bearerToken, namespace });
	};
	const roleOf = async (): Promise<ApiObject> =>
		(await target.api.call('GET', `${collectionOf('Role')}/deployment-runbook`)).body;

	beforeAll(async () => {
		target = await startRolloutCluster();
		({ namespace } = target.set);
		const { loadAllYaml } = await import('@kubernetes/client-node');
		const text = (await readFile(MANIFEST, 'utf8'))
			.replaceAll('namespace: production', `namespace: ${namespace}`)
			.replaceAll('case-management-', '');
		for (const body of loadAllYaml(text) as ApiObject[]) {
			const { status } = await target.api.call('POST', collectionOf(body.kind), { body });
			if (status !== 201) throw new Error(`the ${body.kind} of the docs was answered with ${status}`);
		}
		const request = { spec: { expirationSeconds: 3600 } };
		const issued = await target.api.call('POST', `${collectionOf('ServiceAccount')}/deployment-runbook/token`, {
			body: request,
		});
		cluster = await open(String(issued.body.status?.['token']));
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
		const { workloads } = await readStatus(cluster, target.set);
		expect(workloads.map(({ live }) => live.colour)).toEqual(['green', 'green']);
		const logs = await readLogs(cluster, target.set, { colour: 'live', tailLines: 5, maxBytes: 10_000 });
		expect(JSON.stringify(logs)).toContain('starting');
		const back = { record, fence: FENCE, idleBefore: [], scaleDownReplaced: true, timeoutMs: 60_000 };
		await rollBack(cluster, target.set, { ...common, ...back });
		const after = await readStatus(cluster, target.set);
		expect(after.workloads.map(({ live }) => live.colour)).toEqual(['blue', 'blue']);
	});

	it('may nothing else: no other Service, no secret, no other namespace', async () => {
		await target.api.call('POST', `/api/v1/namespaces/${namespace}/services`, {
			body: { metadata: { name: 'billing' }, spec: { selector: { app: 'billing' }, ports: [{ port: 80 }] } },
		});
		await expect(cluster.patchService(namespace, 'billing', [])).rejects.toMatchObject({
			code: 'ROLLOUT.FORBIDDEN',
		});
		await expect(cluster.listPods('kube-system', {})).rejects.toMatchObject({ code: 'ROLLOUT.FORBIDDEN' });
		const { rules } = (await roleOf()) as unknown as { rules: { resources: string[]; verbs: string[] }[] };
		expect(rules.flatMap(({ resources }) => resources)).not.toContain('secrets');
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
