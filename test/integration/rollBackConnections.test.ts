import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Cluster } from '../../lib/rollout/cluster';
import { endConnections } from '../../lib/rollout/endConnections';
import { rolloutErrors } from '../../lib/rollout/errors';
import type { PodFacts } from '../../lib/rollout/model';
import { createFakeClock } from '../support/fakeClock';
import { startRolloutCluster, type RolloutCluster } from './rolloutCluster';

const { signal } = new AbortController();

jest.setTimeout(60_000);

describe('the connections to a version that was rolled back', () => {
	let target: RolloutCluster;
	beforeEach(async () => {
		target = await startRolloutCluster();
	});
	afterEach(async () => await target.stop());

	/** The real cluster, but for the pods of the backend's green colour. */
	const withPods = (pods: () => PodFacts[], deleted: Array<[string, number]> = [], refuse = false): Cluster => ({
		...target.cluster,
		listPods: async (namespace, selector) =>
			selector['app'] === 'backend' ? pods() : await target.cluster.listPods(namespace, selector),
		deletePod: async (namespace, name, { graceSeconds }) => {
			deleted.push([name, graceSeconds]);
			if (refuse) throw rolloutErrors.FORBIDDEN({ verb: 'delete', kind: 'pods', name, namespace });
		},
	});
	const end = async (cluster: Cluster) => {
		const deployments = target.set.workloads.map((workload) => workload.deployments.green);
		const clock = createFakeClock();
		return { ...(await endConnections(cluster, target.set.namespace, { deployments, clock, signal })), clock };
	};
	const pod = (name: string, changes: Partial<PodFacts> = {}): PodFacts => ({
		name,
		labels: { app: 'backend', color: 'green' },
		terminating: true,
		ended: false,
		graceSeconds: 10,
		ready: false,
		unschedulable: '',
		containers: [],
		...changes,
	});

	it('are ended when the last pod is gone; one that was evicted before is not waited for', async () => {
		let looks = 0;
		const evicted = pod('evicted', { terminating: false, ended: true });
		const { ended, warnings } = await end(withPods(() => ((looks += 1) < 5 ? [pod('a'), evicted] : [evicted])));
		expect(ended).toEqual([{ deployment: 'backend-green', pods: 1, afterMs: 2_000 }]);
		expect(warnings).toEqual([]);
	});

	it('are cut at 30 s where a pod would take longer by itself, once', async () => {
		const deleted: Array<[string, number]> = [];
		let looks = 0;
		const slow = pod('slow', { graceSeconds: 300 });
		const pods = () => ((looks += 1) === 1 ? [{ ...slow, terminating: false }] : looks < 8 ? [slow] : []);
		const { warnings } = await end(withPods(pods, deleted));
		expect(deleted).toEqual([['slow', 29]]);
		expect(warnings).toEqual([]);
	});

	it('that do not end are a warning that names the pod, after little more than 30 s', async () => {
		const { ended, warnings, clock } = await end(withPods(() => [pod('stuck')]));
		expect(ended).toEqual([]);
		expect(warnings).toEqual([
			'connections to backend-green are not proven to be ended: pod stuck is still there after 30 s (its own grace is 10 s)',
		]);
		expect(clock.monotonicMs()).toBeLessThanOrEqual(34_000);
	});

	it('are waited for also when the role may not delete pods, and the warning says why', async () => {
		const { warnings } = await end(withPods(() => [pod('slow', { graceSeconds: 300 })], [], true));
		expect(warnings[0]).toMatch(/its own grace is 300 s; The credential may not delete pods slow/);
	});

	it('belong to a pod that the API ends within the shorter time', async () => {
		const { cluster, set } = target;
		const { selector } = await cluster.readDeployment(set.namespace, 'backend-blue');
		const [first] = await cluster.listPods(set.namespace, selector);
		await cluster.deletePod(set.namespace, first?.name ?? '', { graceSeconds: 5 });
		const after = (await cluster.listPods(set.namespace, selector)).find(({ name }) => name === first?.name);
		expect(after === undefined || (after.terminating && after.graceSeconds === 5)).toBe(true);
	});
});
