import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { checkAccess } from '../../lib/rollout/access/checkAccess';
import { checkOwnership } from '../../lib/rollout/ownership/checkOwnership';
import { startRolloutCluster, type RolloutCluster } from './rolloutCluster';

jest.setTimeout(60_000);

describe('the preflight of a release set', () => {
	let target: RolloutCluster;
	beforeAll(async () => {
		target = await startRolloutCluster();
	});
	afterAll(async () => await target.stop());

	const look = async (
		accepted: readonly string[] = [],
		others: Parameters<typeof checkOwnership>[2]['declared'] = [],
	) => await checkOwnership(target.cluster, target.set, { declared: others, accepted });

	it('may do all that a release does with a token that may do everything', async () => {
		const checked = await checkAccess(target.cluster, target.set, {
			...{ freeze: true, pinned: true, suites: true, previousVersionIn: '' },
		});
		expect(checked).toMatchObject({ verdict: 'passed', missing: [], missingOptional: [], remedy: '' });
		expect(checked.checked).toBeGreaterThan(20);
	});

	it('finds no owner where there is none, in a cluster without mesh, Argo and KEDA', async () => {
		expect(await look()).toEqual({ verdict: 'passed', findings: [], accepted: [], unseen: [], notMoved: [] });
	});

	it('finds GitOps on the Service, until it is accepted by its name', async () => {
		const tracked = { 'argocd.argoproj.io/tracking-id': 'shop:/Service:production/backend' };
		await target.patch('services', 'backend', { metadata: { annotations: tracked } });
		const { verdict, findings } = await look();
		expect([verdict, findings.map(({ name }) => name)]).toEqual(['failed', ['gitops:Service/backend']]);
		expect(await look(['gitops:Service/backend'])).toMatchObject({ verdict: 'passed', accepted: findings });
		await target.patch('services', 'backend', {
			metadata: { annotations: { 'argocd.argoproj.io/tracking-id': null } },
		});
	});

	it('finds an autoscaler that may shrink the idle colour, and a worker that nobody declared', async () => {
		const { namespace, workloads } = target.set;
		const body = {
			metadata: { name: 'backend' },
			spec: {
				scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'backend-green' },
				minReplicas: 1,
				maxReplicas: 5,
			},
		};
		const scalers = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
		expect((await target.api.call('POST', scalers, { body })).status).toBe(201);
		const labels = { app: 'worker' };
		const spec = { containers: [{ name: 'app', image: `${workloads[0]?.repository}:2026.11.1` }] };
		const worker = {
			metadata: { name: 'worker' },
			spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
		};
		const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
		expect((await target.api.call('POST', deployments, { body: worker })).status).toBe(201);
		const { findings } = await look();
		expect(findings.map(({ name }) => name).sort()).toEqual([
			'autoscaler:HorizontalPodAutoscaler/backend',
			'undeclared:Deployment/worker',
		]);
		const declared = [{ object: 'Deployment/worker', role: 'worker' as const }];
		expect(await look(['autoscaler:HorizontalPodAutoscaler/backend'], declared)).toMatchObject({
			verdict: 'passed',
			notMoved: ['Deployment/worker (worker)'],
		});
	});
});
