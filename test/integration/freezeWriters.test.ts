import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { freezeWriters, type FreezeTarget } from '../../lib/rollout/freeze/freezeWriters';
import { thawWriters } from '../../lib/rollout/freeze/thawWriters';
import { recordLive } from '../../lib/rollout/recordLive';
import { rollBack } from '../../lib/rollout/rollBack';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { systemClock } from '../../lib/support/clock';
import { DIGESTS, startRolloutCluster, type RolloutCluster } from './rolloutCluster';

jest.setTimeout(90_000);

const { signal } = new AbortController();
const options = { timeoutMs: 30_000, clock: systemClock, signal };

describe('the writers', () => {
	let target: RolloutCluster;
	let writers: FreezeTarget;
	beforeEach(async () => {
		target = await startRolloutCluster();
		const deployments = target.set.workloads.flatMap((workload) => Object.values(workload.deployments));
		writers = { namespace: target.set.namespace, deployments, fence: undefined };
	});
	afterEach(async () => await target.stop());

	const replicasOf = async (name: string): Promise<unknown> =>
		(await target.read('deployments', name)).spec?.['replicas'];
	const autoscalers = (): string => `/apis/autoscaling/v2/namespaces/${writers.namespace}/horizontalpodautoscalers`;
	const createAutoscaler = async (least: number): Promise<void> => {
		const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'backend-blue' };
		const { status } = await target.api.call('POST', autoscalers(), {
			body: { metadata: { name: 'backend' }, spec: { scaleTargetRef, minReplicas: least, maxReplicas: 8 } },
		});
		if (status !== 201) throw new Error(`the autoscaler was answered with ${status}`);
	};

	it('are stopped to the last pod, and get back exactly what they had', async () => {
		await createAutoscaler(2);
		const frozen = await freezeWriters(target.cluster, writers, options);
		expect(frozen.writers[0]).toEqual({
			deployment: 'backend-blue',
			replicas: 2,
			autoscaler: { name: 'backend', least: 2, most: 8 },
			already: false,
		});
		expect(await Promise.all(writers.deployments.map(replicasOf))).toEqual([0, 0, 0, 0]);
		const again = await freezeWriters(target.cluster, writers, options);
		expect(again.writers.map(({ replicas, already }) => [replicas, already])).toEqual([
			[2, true],
			[0, true],
			[2, true],
			[0, true],
		]);
		await target.api.call('PATCH', `${autoscalers()}/backend`, {
			body: { spec: { minReplicas: 1, maxReplicas: 3 } },
			contentType: 'application/merge-patch+json',
		});
		await thawWriters(target.cluster, writers, options);
		expect(await Promise.all(writers.deployments.map(replicasOf))).toEqual([2, 0, 2, 0]);
		expect((await target.cluster.listAutoscalers(writers.namespace))[0]).toMatchObject({ least: 2, most: 8 });
		await expect(thawWriters(target.cluster, writers, options)).rejects.toMatchObject({
			code: 'ROLLOUT.NOT_FROZEN',
		});
	});

	it('are thawed and do not come up: that is an error that names them, and nothing is frozen any more', async () => {
		await freezeWriters(target.cluster, writers, options);
		const containers = [{ name: 'app', image: target.image('slow')[0]?.image }];
		await target.patch('deployments', 'backend-blue', { spec: { template: { spec: { containers } } } });
		const thaw = thawWriters(target.cluster, writers, { ...options, timeoutMs: 1_000 });
		await expect(thaw).rejects.toMatchObject({
			code: 'ROLLOUT.WRITERS_NOT_BACK',
			message: expect.stringContaining('backend-blue (0 of 2 available)') as unknown,
		});
		expect(await Promise.all(writers.deployments.map(replicasOf))).toEqual([2, 0, 2, 0]);
	});

	it('are not touched when an autoscaler could start them again', async () => {
		await createAutoscaler(0);
		await expect(freezeWriters(target.cluster, writers, options)).rejects.toMatchObject({
			code: 'ROLLOUT.SCALES_FROM_ZERO',
		});
		expect(await replicasOf('frontend-blue')).toBe(2);
	});

	it('stay stopped through a rollback, and the thaw starts the version that was rolled back to', async () => {
		const { cluster, set } = target;
		const images = target.image('good');
		const record = await recordLive(cluster, set, { fence: undefined });
		await setImage(cluster, set, { images, fence: undefined, record });
		await waitForRollout(cluster, set, { images, record, timeoutMs: 20_000, clock: systemClock, signal });
		const common = { images, record, fence: undefined, clock: systemClock, signal };
		await switchTraffic(cluster, set, { ...common, settleMs: 10_000 });
		await freezeWriters(cluster, writers, options);

		const rolledBack = await rollBack(cluster, set, {
			...common,
			idleBefore: [],
			scaleDownReplaced: true,
			timeoutMs: 10_000,
		});
		expect(rolledBack.workloads.map(({ action }) => action)).toEqual(['switch-back', 'switch-back']);
		expect(await Promise.all(writers.deployments.map(replicasOf))).toEqual([0, 0, 0, 0]);
		expect((await target.read('services', 'backend')).spec).toMatchObject({ selector: { color: 'blue' } });

		await thawWriters(cluster, writers, options);
		expect(await Promise.all(writers.deployments.map(replicasOf))).toEqual([2, 0, 2, 0]);
		expect(JSON.stringify((await target.read('deployments', 'backend-blue')).spec)).toContain(DIGESTS.old);
	});

	it('are not started by a release that goes forward meanwhile', async () => {
		await freezeWriters(target.cluster, writers, options);
		const images = target.image('good');
		await expect(
			setImage(target.cluster, target.set, { images, fence: undefined, record: undefined }),
		).rejects.toMatchObject({ code: 'ROLLOUT.FROZEN' });
		expect(await replicasOf('backend-green')).toBe(0);
	});
});
