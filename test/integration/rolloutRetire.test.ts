import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Cluster } from '../../lib/rollout/cluster';
import { rolloutErrors } from '../../lib/rollout/errors';
import type { Fence, LiveRecord } from '../../lib/rollout/model';
import { recordLive } from '../../lib/rollout/recordLive';
import { retirePrevious } from '../../lib/rollout/retire/retirePrevious';
import { rollBack } from '../../lib/rollout/rollBack';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { systemClock } from '../../lib/support/clock';
import { DIGESTS, startRolloutCluster, type RolloutCluster } from './rolloutCluster';

/** Each test brings up a namespace with eight pods. */
jest.setTimeout(90_000);

const FENCE: Fence = { release: 'r-7', token: 7 };
const { signal } = new AbortController();

describe('the colour that a release replaced', () => {
	let target: RolloutCluster;
	let cluster: Cluster;
	beforeEach(async () => {
		target = await startRolloutCluster();
		({ cluster } = target);
	});
	afterEach(async () => await target.stop());

	const replicasOf = async (name: string): Promise<unknown> =>
		(await target.read('deployments', name)).spec?.['replicas'];
	const old = async (): Promise<unknown[]> => await Promise.all(['backend-blue', 'frontend-blue'].map(replicasOf));
	const switched = async (): Promise<LiveRecord> => {
		const images = target.image('good');
		const record = await recordLive(cluster, target.set, { fence: FENCE });
		await setImage(cluster, target.set, { images, fence: FENCE, record });
		const common = { images, record, clock: systemClock, signal };
		await waitForRollout(cluster, target.set, { ...common, timeoutMs: 20_000 });
		await switchTraffic(cluster, target.set, { ...common, fence: FENCE, settleMs: 10_000 });
		return record;
	};
	const retire = async (record: LiveRecord, { through = cluster, fence = FENCE } = {}) =>
		await retirePrevious(through, target.set, { images: target.image('good'), record, fence, clock: systemClock });
	const goBack = async (record: LiveRecord, fence: Fence = { release: 'r-7', token: 8 }) =>
		await rollBack(cluster, target.set, {
			record,
			images: target.image('good'),
			idleBefore: [],
			fence,
			scaleDownReplaced: true,
			timeoutMs: 20_000,
			clock: systemClock,
			signal,
		});
	const createAutoscaler = async (): Promise<void> => {
		const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'backend-blue' };
		const { status } = await target.api.call(
			'POST',
			`/apis/autoscaling/v2/namespaces/${target.set.namespace}/horizontalpodautoscalers`,
			{ body: { metadata: { name: 'backend' }, spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 8 } } },
		);
		if (status !== 201) throw new Error(`the autoscaler was answered with ${status}`);
	};

	it('is scaled to 0 and carries what it had; a second run finds it done and writes nothing', async () => {
		const record = await switched();
		await createAutoscaler();
		const autoscaler = { name: 'backend', least: 2 };
		const first = await retire(record);
		expect(first).toEqual({
			retired: [
				{ deployment: 'backend-blue', from: 2, to: 0, already: false, autoscaler },
				{ deployment: 'frontend-blue', from: 2, to: 0, already: false, autoscaler: null },
			],
			kept: [],
			warnings: [],
		});
		expect(await old()).toEqual([0, 0]);
		const { annotations } = (await target.read('deployments', 'backend-blue')).metadata;
		expect(JSON.parse(annotations?.['deployment-runbook/scaled-down'] ?? '')).toEqual({
			release: 'r-7',
			digest: DIGESTS.old,
			replicas: 2,
			autoscaler,
			at: expect.any(String),
		});
		const again = await retire(record);
		expect(again.retired).toEqual(first.retired.map((one) => ({ ...one, already: true })));
		expect((await target.read('deployments', 'backend-blue')).metadata.annotations).toEqual(annotations);
	});

	it('is scaled up again before a rollback moves any traffic, to what it had when it was scaled down', async () => {
		const record = await switched();
		await target.patch('deployments', 'backend-blue', { spec: { replicas: 3 } });
		await retire(record);
		const order: string[] = [];
		// A write that met a controller's comes again.
		const note = (line: string): void => {
			if (!order.includes(line)) order.push(line);
		};
		const watching: Cluster = {
			...cluster,
			patchDeployment: async (namespace, name, operations) => {
				for (const operation of operations)
					if (operation.path === '/spec/replicas' && 'value' in operation)
						note(`${name} to ${String(operation.value)}`);
				return await cluster.patchDeployment(namespace, name, operations);
			},
			patchService: async (namespace, name, operations) => {
				if (operations.some(({ path }) => path === '/spec/selector/color')) note(`traffic of ${name}`);
				return await cluster.patchService(namespace, name, operations);
			},
		};
		await rollBack(watching, target.set, {
			record,
			images: target.image('good'),
			idleBefore: [],
			fence: { release: 'r-7', token: 8 },
			scaleDownReplaced: true,
			timeoutMs: 20_000,
			clock: systemClock,
			signal,
		});
		expect(order.slice(0, 2).toSorted()).toEqual(['backend-blue to 3', 'frontend-blue to 2']);
		expect(order.slice(2, 4)).toEqual(['traffic of backend', 'traffic of frontend']);
		expect(await old()).toEqual([3, 2]);
		expect(await goBack(record)).toMatchObject({ alreadyThere: true });
	});

	it('keeps its replicas where an autoscaler may choose 0 itself', async () => {
		const record = await switched();
		// Real API servers take such a minimum only behind a feature gate.
		const autoscaler = { name: 'backend', deployment: 'backend-blue', least: 0, most: 8 };
		const through = { ...cluster, listAutoscalers: async () => await Promise.resolve([autoscaler]) };
		const { kept, retired } = await retire(record, { through });
		expect(kept).toEqual([
			{ deployment: 'backend-blue', reason: expect.stringContaining('autoscaler backend may choose 0') },
		]);
		expect(retired.map(({ deployment }) => deployment)).toEqual(['frontend-blue']);
		expect(await old()).toEqual([2, 0]);
	});

	it('keeps its replicas when the traffic is back on it, or something else serves', async () => {
		const record = await switched();
		await target.patch('services', 'backend', { spec: { selector: { color: 'blue' } } });
		const containers = [{ name: 'app', image: `registry.example.com/frontend@${DIGESTS.slow}` }];
		await target.patch('deployments', 'frontend-green', { spec: { template: { spec: { containers } } } });
		const { kept, retired } = await retire(record);
		expect(retired).toEqual([]);
		expect(kept.map(({ deployment }) => deployment)).toEqual(['backend-blue', 'frontend-blue']);
		expect(await old()).toEqual([2, 2]);
	});

	it('is not touched by a release that a rollback has fenced out', async () => {
		const record = await switched();
		await goBack(record, { release: 'r-9', token: 9 });
		await expect(retire(record)).rejects.toMatchObject({ code: 'ROLLOUT.FENCED_OUT' });
		expect(await old()).toEqual([2, 2]);
	});

	it('is scaled down without the right to list autoscalers, and that is said; a refused write keeps only that one', async () => {
		const record = await switched();
		const refusing: Cluster = {
			...cluster,
			listAutoscalers: async (namespace) => {
				const kind = 'horizontalpodautoscalers';
				return await Promise.reject(rolloutErrors.FORBIDDEN({ verb: 'list', kind, name: '', namespace }));
			},
			patchDeployment: async (namespace, name, operations) => {
				if (name === 'frontend-blue' && operations.some(({ path }) => path === '/spec/replicas'))
					throw rolloutErrors.FORBIDDEN({ verb: 'patch', kind: 'deployments', name, namespace });
				return await cluster.patchDeployment(namespace, name, operations);
			},
		};
		const { retired, kept, warnings } = await retire(record, { through: refusing });
		expect(retired.map(({ deployment }) => deployment)).toEqual(['backend-blue']);
		expect(kept).toEqual([{ deployment: 'frontend-blue', reason: expect.stringContaining('may not patch') }]);
		expect(warnings).toEqual([expect.stringContaining('autoscalers were not looked at')]);
	});
});
