import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Cluster } from '../../lib/rollout/cluster';
import { findRecord } from '../../lib/rollout/findRecord';
import type { Fence, LiveRecord } from '../../lib/rollout/model';
import { observeImages } from '../../lib/rollout/observeImages';
import { observeSwitch } from '../../lib/rollout/observeSwitch';
import { pointService } from '../../lib/rollout/pointService';
import { recordLive } from '../../lib/rollout/recordLive';
import { raiseFence } from '../../lib/rollout/raiseFence';
import { rollBack } from '../../lib/rollout/rollBack';
import { runImage, setImage } from '../../lib/rollout/setImage';
import { switchTraffic, type SwitchOptions } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { RunbookError } from '../../lib/support/runbookError';
import { systemClock } from '../../lib/support/clock';
import { startRolloutCluster, type RolloutCluster } from './rolloutCluster';

/** Each test brings up a namespace with eight pods. */
jest.setTimeout(60_000);

const FENCE: Fence = { release: 'r-5', token: 5 };
/** The same release, resumed. */
const RESUMED: Fence = { release: 'r-5', token: 6 };
const NEWER: Fence = { release: 'r-9', token: 9 };

describe('a rollout whose process was killed', () => {
	let target: RolloutCluster;
	let cluster: Cluster;
	const { signal } = new AbortController();
	beforeEach(async () => {
		target = await startRolloutCluster();
		cluster = target.cluster;
	});
	afterEach(async () => await target.stop());

	/** The cluster as a process sees it that is killed when it is about to patch `name`. */
	const killedAt = (name: string): Cluster => {
		const kill = (patched: string): void => {
			if (patched === name) throw new Error('killed');
		};
		return {
			...cluster,
			patchService: async (namespace, patched, operations) => {
				if (operations.some(({ path }) => path === '/spec/selector/color' || path.endsWith('record')))
					kill(patched);
				return await cluster.patchService(namespace, patched, operations);
			},
			patchDeployment: async (namespace, patched, operations) => {
				if (operations.some(({ path }) => path.endsWith('/image'))) kill(patched);
				return await cluster.patchDeployment(namespace, patched, operations);
			},
		};
	};
	const selected = async (): Promise<unknown[]> =>
		await Promise.all(
			['backend', 'frontend'].map(
				async (name) => (await cluster.readService(target.set.namespace, name)).selector.color,
			),
		);
	const wait = async (record: LiveRecord) =>
		await waitForRollout(cluster, target.set, {
			images: target.image('good'),
			record,
			timeoutMs: 20_000,
			clock: systemClock,
			signal,
		});
	const ready = async (fence = FENCE) => {
		const images = target.image('good');
		const record = await recordLive(cluster, target.set, { fence });
		await setImage(cluster, target.set, { images, fence, record });
		await wait(record);
		await awaitPreviews();
		return { images, record };
	};
	/** Endpoints follow their pods a moment later. */
	const awaitPreviews = async (): Promise<void> => {
		const readyBehind = async (service: string): Promise<number> =>
			(await cluster.listEndpointSlices(target.set.namespace, service)).filter(({ ready: isReady }) => isReady)
				.length;
		for (const { previewService } of target.set.workloads)
			for (let look = 0; look < 100 && (await readyBehind(previewService)) < 2; look += 1)
				await systemClock.sleep(100, signal);
	};
	const switchOptions = (record: LiveRecord, fence: Fence): SwitchOptions => ({
		images: target.image('good'),
		record,
		fence,
		settleMs: 5_000,
		clock: systemClock,
		signal,
	});
	const goBack = async (record: LiveRecord, fence: Fence) =>
		await rollBack(cluster, target.set, {
			record,
			fence,
			images: target.image('good'),
			idleBefore: [],
			scaleDownReplaced: true,
			timeoutMs: 15_000,
			clock: systemClock,
			signal,
		});

	it('between two records: the resume keeps the first, completes the second, and then finds both', async () => {
		await expect(recordLive(killedAt('frontend'), target.set, { fence: FENCE })).rejects.toThrow('killed');
		expect(await findRecord(cluster, target.set, { fence: RESUMED })).toBeUndefined();
		const record = await recordLive(cluster, target.set, { fence: RESUMED });
		expect(record.workloads.map(({ liveColour }) => liveColour)).toEqual(['blue', 'blue']);
		expect(await findRecord(cluster, target.set, { fence: RESUMED })).toEqual(record);
		expect(await findRecord(cluster, target.set, { fence: NEWER })).toBeUndefined();
	});

	it('never takes a new record once its release has changed something; a later release does', async () => {
		const { images, record } = await ready();
		await switchTraffic(cluster, target.set, { ...switchOptions(record, FENCE), images });
		expect(await recordLive(cluster, target.set, { fence: RESUMED })).toEqual(record);
		const later = await recordLive(cluster, target.set, { fence: NEWER });
		expect(later.workloads.map(({ liveColour }) => liveColour)).toEqual(['green', 'green']);
	});

	it('between two images: not done, and done with the same facts after the resume', async () => {
		const images = target.image('good');
		const record = await recordLive(cluster, target.set, { fence: FENCE });
		const observe = async (fence: Fence) => await observeImages(cluster, target.set, { images, record, fence });
		expect(await observe(RESUMED)).toBeUndefined();
		await expect(
			setImage(killedAt('frontend-green'), target.set, { images, fence: FENCE, record }),
		).rejects.toThrow('killed');
		expect(await observe(RESUMED)).toBeUndefined();
		const result = await setImage(cluster, target.set, { images, fence: RESUMED, record });
		expect(await observe(RESUMED)).toEqual(result);
		// The same image by another release, or another image, is not this step done.
		expect(await observe(NEWER)).toBeUndefined();
		expect(
			await observeImages(cluster, target.set, { images: target.image('slow'), record, fence: RESUMED }),
		).toBeUndefined();
	});

	it('between two Services: the resume switches the other one, and is then observed as done', async () => {
		const { record } = await ready();
		await expect(switchTraffic(killedAt('frontend'), target.set, switchOptions(record, FENCE))).rejects.toThrow();
		await pointService(cluster, target.set.namespace, { service: 'backend', to: 'green', fence: FENCE });
		expect(await selected()).toEqual(['green', 'blue']);
		expect(await observeSwitch(cluster, target.set, switchOptions(record, RESUMED))).toBeUndefined();
		const { workloads } = await switchTraffic(cluster, target.set, switchOptions(record, RESUMED));
		expect(await selected()).toEqual(['green', 'green']);
		expect(await observeSwitch(cluster, target.set, switchOptions(record, RESUMED))).toEqual({
			workloads,
			alreadySwitched: true,
		});
	});

	it('between two Services, of which the other cannot follow any more: the first goes back', async () => {
		const { record } = await ready();
		await pointService(cluster, target.set.namespace, { service: 'backend', to: 'green', fence: FENCE });
		await target.patch('deployments', 'frontend-green', { spec: { replicas: 0 } });
		await target.api.until(
			`/apis/apps/v1/namespaces/${target.set.namespace}/deployments`,
			'frontend-green',
			({ status }) => !status?.['replicas'],
		);
		const error = await switchTraffic(cluster, target.set, switchOptions(record, RESUMED)).catch(
			(problem: unknown) => problem,
		);
		expect(error).toMatchObject({
			code: 'ROLLOUT.PARTIAL',
			message: expect.stringContaining('backend selects blue') as unknown,
		});
		expect(await selected()).toEqual(['blue', 'blue']);
	});

	it('is refused also where the newer holder had nothing to write', async () => {
		const { record } = await ready();
		// Nothing was switched, so that this touches none of the Services' selectors and not the recorded colour.
		expect(await goBack(record, NEWER)).toMatchObject({ alreadyThere: true, warnings: [] });
		const { namespace } = target.set;
		const code = async (work: Promise<unknown>): Promise<unknown> =>
			await work.then(
				() => 'written',
				(error: unknown) => (error instanceof RunbookError ? error.code : error),
			);
		const wanted = { image: target.image('slow')[1]!.image, replicas: 3, container: 'app' };
		const writes = ['backend-blue', 'backend-green', 'frontend-blue', 'frontend-green'].map(
			async (deployment) => await code(runImage(cluster, namespace, { deployment, wanted, fence: FENCE })),
		);
		for (const service of ['backend', 'backend-preview', 'frontend', 'frontend-preview'])
			writes.push(code(pointService(cluster, namespace, { service, to: 'green', fence: FENCE })));
		writes.push(code(recordLive(cluster, target.set, { fence: FENCE })));
		writes.push(code(raiseFence(cluster, target.set, FENCE)));
		writes.push(code(goBack(record, FENCE)));
		expect(new Set(await Promise.all(writes))).toEqual(new Set(['ROLLOUT.FENCED_OUT']));
	});

	it('is not told to take back by hand what a newer holder has decided', async () => {
		const { record } = await ready();
		// It switches the backend; before the frontend, somebody else rolls back.
		const overtaken: Cluster = {
			...cluster,
			patchService: async (namespace, name, operations) => {
				const switches = operations.some(({ path }) => path === '/spec/selector/color');
				if (name === 'frontend' && switches) await goBack(record, NEWER);
				return await cluster.patchService(namespace, name, operations);
			},
		};
		await expect(switchTraffic(overtaken, target.set, switchOptions(record, FENCE))).rejects.toMatchObject({
			code: 'ROLLOUT.FENCED_OUT',
		});
		expect(await selected()).toEqual(['blue', 'blue']);
	});

	it('goes back although one object cannot be stamped, and says which', async () => {
		const { record } = await ready();
		await switchTraffic(cluster, target.set, switchOptions(record, FENCE));
		await target.api.call('DELETE', `/api/v1/namespaces/${target.set.namespace}/services/frontend-preview`);
		const { alreadyThere, warnings } = await goBack(record, NEWER);
		expect(alreadyThere).toBe(false);
		expect(warnings).toEqual([expect.stringContaining('Service frontend-preview does not carry the fence')]);
		expect(await selected()).toEqual(['blue', 'blue']);
	});
});
