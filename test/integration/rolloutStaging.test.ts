import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Staging } from '../../lib/rollout/staging/model';
import { observeStagedImages, setStagingImage } from '../../lib/rollout/staging/setStagingImage';
import { waitForStaging } from '../../lib/rollout/staging/waitForStaging';
import { systemClock } from '../../lib/support/clock';
import { DIGESTS, LAST_WORDS, startRolloutCluster, type RolloutCluster } from './rolloutCluster';

jest.setTimeout(60_000);

describe('staging', () => {
	let target: RolloutCluster;
	let staging: Staging;
	beforeAll(async () => {
		target = await startRolloutCluster();
		// To staging the colours of this namespace are plain Deployments: blue runs, green is scaled to 0.
		const { namespace, workloads } = target.set;
		const colours = { backend: 'blue', frontend: 'green' } as const;
		staging = {
			namespace,
			workloads: workloads.map(({ service, deployments, container }) => ({
				service,
				deployment: deployments[colours[service as keyof typeof colours]],
				container,
			})),
		};
	});
	afterAll(async () => await target.stop());

	const wait = async (version: keyof typeof DIGESTS, timeoutMs = 30_000) =>
		await waitForStaging(target.cluster, staging, {
			images: target.image(version),
			timeoutMs,
			clock: systemClock,
			signal: new AbortController().signal,
		});
	const generations = async (): Promise<unknown[]> =>
		await Promise.all(
			staging.workloads.map(
				async ({ deployment }) => (await target.read('deployments', deployment)).metadata.generation,
			),
		);

	it('gets the digests of the release, and a replica where it had none; a second run writes nothing', async () => {
		const images = target.image('good');
		await expect(observeStagedImages(target.cluster, staging, images)).resolves.toBeUndefined();
		const staged = await setStagingImage(target.cluster, staging, images);
		expect(staged.workloads.map(({ service, image, replicas }) => [service, image, replicas])).toEqual([
			['backend', images[0]?.image, 2],
			['frontend', images[1]?.image, 1],
		]);
		const before = await generations();
		await expect(setStagingImage(target.cluster, staging, images)).resolves.toEqual(staged);
		await expect(observeStagedImages(target.cluster, staging, images)).resolves.toEqual(staged);
		await expect(generations()).resolves.toEqual(before);
		expect((await wait('good')).workloads.map(({ verdict }) => verdict)).toEqual(['passed', 'passed']);
	});

	it('fails a version that crashes, with its pod and what it said last', async () => {
		await setStagingImage(target.cluster, staging, target.image('crash'));
		const { workloads } = await wait('crash');
		expect(workloads.map(({ verdict }) => verdict)).toEqual(['failed', 'failed']);
		expect(workloads[0]).toMatchObject({
			digest: DIGESTS.crash,
			pod: { reason: expect.stringContaining('CrashLoopBackOff') as unknown },
			lastLogLine: LAST_WORDS,
		});
	});

	it('does not take another version for the release’s', async () => {
		await setStagingImage(target.cluster, staging, target.image('good'));
		const { workloads } = await wait('old', 1_000);
		expect(workloads.map(({ verdict }) => verdict)).toEqual(['failed', 'failed']);
	});

	it('is not changed when a workload has no image', async () => {
		const before = await generations();
		await expect(setStagingImage(target.cluster, staging, target.image('old').slice(0, 1))).rejects.toMatchObject({
			code: 'ROLLOUT.IMAGE_MISSING',
		});
		await expect(generations()).resolves.toEqual(before);
	});
});
