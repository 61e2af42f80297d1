import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { recordLive } from '../../lib/rollout/recordLive';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { systemClock as clock } from '../../lib/support/clock';
import { startRolloutCluster, type RolloutCluster } from '../integration/rolloutCluster';

const { signal } = new AbortController();

jest.setTimeout(120_000);

describe('a namespace whose quota is used up by the live colour', () => {
	let target: RolloutCluster;
	beforeAll(async () => {
		target = await startRolloutCluster();
		const { namespace } = target.set;
		const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
		const body = { metadata: { name: 'pods' }, spec: { hard: { pods: '4' } } };
		const { status } = await target.api.call('POST', quotas, { body });
		if (status !== 201) throw new Error(`the quota was answered with ${status}`);
		// Until its controller has counted, admission lets everything pass.
		await target.api.until(
			quotas,
			'pods',
			(quota) => (quota.status?.['used'] as Record<string, string> | undefined)?.['pods'] === '4',
			60_000,
		);
	}, 120_000);
	afterAll(async () => await target.stop());

	it('fails the wait with what the quota says, long before its deadline, and nothing is switched', async () => {
		const { cluster, set } = target;
		const images = target.image('good');
		const record = await recordLive(cluster, set, { fence: undefined });
		await setImage(cluster, set, { images, fence: undefined, record });
		const startedAt = clock.monotonicMs();
		const { workloads } = await waitForRollout(cluster, set, { images, record, timeoutMs: 90_000, clock, signal });
		expect(clock.monotonicMs() - startedAt).toBeLessThan(60_000);
		expect(workloads[0]).toMatchObject({
			verdict: 'failed',
			reason: expect.stringMatching(/^ReplicaFailure: .*exceeded quota: pods/) as unknown,
		});
		const switched = switchTraffic(cluster, set, {
			images,
			record,
			fence: undefined,
			settleMs: 1_000,
			clock,
			signal,
		});
		await expect(switched).rejects.toMatchObject({ code: 'ROLLOUT.NOT_READY' });
	});
});
