import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Cluster } from '../../lib/rollout/cluster';
import type { DeploymentPlace } from '../../lib/rollout/deployment/changeDeployment';
import { pause } from '../../lib/rollout/deployment/pause';
import { readHistory } from '../../lib/rollout/deployment/readHistory';
import { restart } from '../../lib/rollout/deployment/restart';
import { scale } from '../../lib/rollout/deployment/scale';
import { undo } from '../../lib/rollout/deployment/undo';
import { rolloutErrors } from '../../lib/rollout/errors';
import { listPods } from '../../lib/rollout/listPods';
import { DIGESTS, startRolloutCluster, type RolloutCluster } from './rolloutCluster';

jest.setTimeout(60_000);

describe('one Deployment, by what kubectl calls it', () => {
	let target: RolloutCluster;
	let place: DeploymentPlace;
	beforeAll(async () => {
		target = await startRolloutCluster();
		place = { namespace: target.set.namespace, deployment: 'backend-blue', fence: undefined };
	});
	afterAll(async () => await target.stop());

	const read = async () => (await target.read('deployments', 'backend-blue')).spec as Record<string, unknown>;
	const imageOf = async (): Promise<string> => {
		const { template } = (await read()) as { template: { spec: { containers: Array<{ image: string }> } } };
		return template.spec.containers[0]?.image ?? '';
	};
	const setImage = async (version: keyof typeof DIGESTS): Promise<void> => {
		const image = `registry.example.com/backend@${DIGESTS[version]}`;
		await target.patch('deployments', 'backend-blue', {
			spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
		});
		await target.api.until(
			`/apis/apps/v1/namespaces/${place.namespace}/deployments`,
			'backend-blue',
			({ metadata, status }) =>
				status?.['observedGeneration'] === metadata.generation && Number(status?.['updatedReplicas']) >= 1,
		);
	};
	/** The cluster, but the answer to the next write gets lost after it was applied. */
	const losingAnAnswer = (): Cluster => {
		let lost = false;
		return {
			...target.cluster,
			patchDeployment: async (namespace, name, operations) => {
				const patched = await target.cluster.patchDeployment(namespace, name, operations);
				if (lost) return patched;
				lost = true;
				throw rolloutErrors.UNREACHABLE({ verb: 'patch', kind: 'deployments', name, problem: 'timeout' });
			},
		};
	};

	it('is paused and resumed, once', async () => {
		const { cluster } = target;
		expect(await pause(cluster, place, { paused: true })).toEqual({ paused: true, changed: true });
		expect(await pause(cluster, place, { paused: true })).toEqual({ paused: true, changed: false });
		await expect(restart(cluster, place, { at: new Date() })).rejects.toMatchObject({ code: 'ROLLOUT.PAUSED' });
		expect(await pause(cluster, place, { paused: false })).toEqual({ paused: false, changed: true });
		expect((await read())['paused'] ?? false).toBe(false);
	});

	it('is restarted once, also when the answer to the write got lost', async () => {
		const at = new Date('2026-11-23T20:00:00Z');
		const before = (await target.read('deployments', 'backend-blue')).metadata.generation;
		expect(await restart(losingAnAnswer(), place, { at })).toMatchObject({ changed: true });
		const { metadata, spec } = await target.read('deployments', 'backend-blue');
		expect(metadata.generation).toBe((before ?? 0) + 1);
		expect(spec).toMatchObject({
			template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at.toISOString() } } },
		});
	});

	it('is scaled only from as many replicas as were expected', async () => {
		const { cluster } = target;
		await expect(scale(cluster, place, { replicas: 5, expected: 3 })).rejects.toMatchObject({
			code: 'ROLLOUT.REPLICAS_DIFFER',
		});
		expect(await scale(cluster, place, { replicas: 3, expected: 2 })).toEqual({
			replicas: 3,
			from: 2,
			changed: true,
		});
		expect(await scale(cluster, place, { replicas: 3, expected: 2 })).toMatchObject({ changed: false });
		expect((await scale(cluster, place, { replicas: 2, expected: undefined })).from).toBe(3);
	});

	describe('written to by others between the read and the write', () => {
		/** The cluster as seen by a writer before whose first write somebody else is faster; `writes` counts those sent. */
		const overtaken = (first: () => Promise<void>): { cluster: Cluster; writes: () => number } => {
			let writes = 0;
			const patchDeployment: Cluster['patchDeployment'] = async (...call) => {
				if ((writes += 1) === 1) await first();
				return await target.cluster.patchDeployment(...call);
			};
			return { cluster: { ...target.cluster, patchDeployment }, writes: () => writes };
		};
		const path = () => `/apis/apps/v1/namespaces/${place.namespace}/deployments/backend-blue`;
		const versionOf = async (): Promise<string | undefined> =>
			(await target.read('deployments', 'backend-blue')).metadata.resourceVersion;

		it.each([
			['alone', undefined],
			['for a release that has not stamped it yet', { release: 'r-7', token: 7 }],
			['for a release that has', { release: 'r-7', token: 8 }],
		])('is not hindered by a status: %s', async (_, fence) => {
			const before = await versionOf();
			const { cluster, writes } = overtaken(async () => {
				// As a controller writes it; another reason each time, or it would be no write.
				const condition = { type: 'Seen', status: 'True', reason: `${fence?.token ?? 'alone'}`, message: '' };
				const { status } = await target.api.call('PATCH', `${path()}/status`, {
					body: { status: { conditions: [condition] } },
					contentType: 'application/merge-patch+json',
				});
				expect(status).toBe(200);
				expect(await versionOf()).not.toBe(before);
			});
			const { wanted } = await target.cluster.readDeployment(place.namespace, 'backend-blue');
			const replicas = wanted === 2 ? 3 : 2;
			expect(await scale(cluster, { ...place, fence }, { replicas, expected: wanted })).toMatchObject({
				changed: true,
			});
			expect(writes()).toBe(1);
		});

		it('reads and decides again after the spec was changed', async () => {
			await target.patch('deployments', 'backend-blue', { spec: { replicas: 2 } });
			const { cluster, writes } = overtaken(
				async () => await target.patch('deployments', 'backend-blue', { spec: { replicas: 3 } }),
			);
			await expect(scale(cluster, place, { replicas: 1, expected: 2 })).rejects.toMatchObject({
				code: 'ROLLOUT.REPLICAS_DIFFER',
			});
			expect(writes()).toBe(1);
			const unexpecting = overtaken(
				async () => await target.patch('deployments', 'backend-blue', { spec: { replicas: 4 } }),
			);
			expect(await scale(unexpecting.cluster, place, { replicas: 2, expected: undefined })).toMatchObject({
				from: 4,
			});
			expect(unexpecting.writes()).toBe(2);
		});

		it('is refused once a newer holder has stamped it, which is no change of the spec', async () => {
			const { cluster, writes } = overtaken(async () => {
				const annotations = { 'deployment-runbook/release': 'r-9', 'deployment-runbook/token': '9' };
				await target.patch('deployments', 'backend-blue', { metadata: { annotations } });
			});
			const held = { ...place, fence: { release: 'r-7', token: 8 } };
			await expect(scale(cluster, held, { replicas: 5, expected: undefined })).rejects.toMatchObject({
				code: 'ROLLOUT.FENCED_OUT',
			});
			expect(writes()).toBe(1);
			expect((await read())['replicas']).toBe(2);
		});
	});

	it('goes back to a digest of its history, once, and never to "the one before"', async () => {
		const { cluster } = target;
		await setImage('good');
		await setImage('slow');
		const { revisions } = await readHistory(cluster, place.namespace, 'backend-blue');
		const digests = revisions.map(({ containers }) => containers[0]?.digest);
		expect(digests.slice(-2)).toEqual([DIGESTS.good, DIGESTS.slow]);
		expect(revisions.filter(({ current }) => current).map(({ revision }) => revision)).toEqual([
			revisions.at(-1)?.revision,
		]);

		const options = { wanted: { digest: DIGESTS.good }, container: 'app' };
		expect(await undo(losingAnAnswer(), place, options)).toMatchObject({
			alreadyThere: false,
			image: `registry.example.com/backend@${DIGESTS.good}`,
		});
		expect(await imageOf()).toContain(DIGESTS.good);
		await target.api.until(
			`/apis/apps/v1/namespaces/${place.namespace}/deployments`,
			'backend-blue',
			({ metadata, status }) => status?.['observedGeneration'] === metadata.generation,
		);
		expect(await undo(cluster, place, options)).toMatchObject({ alreadyThere: true });
		expect(await imageOf()).toContain(DIGESTS.good);
		await expect(undo(cluster, place, { wanted: { revision: 99 }, container: 'app' })).rejects.toMatchObject({
			code: 'ROLLOUT.REVISION_MISSING',
		});
	});

	it('does not go back to a revision that its history limit has pruned: it says which there are, and writes nothing', async () => {
		const { cluster } = target;
		await target.patch('deployments', 'backend-blue', { spec: { revisionHistoryLimit: 1 } });
		const [oldest] = (await readHistory(cluster, place.namespace, 'backend-blue')).revisions;
		await setImage('old');
		await setImage('good');
		await target.api.untilAll(
			`/apis/apps/v1/namespaces/${place.namespace}/replicasets`,
			(sets) => sets.filter(({ metadata }) => metadata.name.startsWith('backend-blue-')).length === 2,
		);
		const { revisions } = await readHistory(cluster, place.namespace, 'backend-blue');
		const there = revisions.map(({ revision }) => revision);
		expect(there).not.toContain(oldest?.revision);
		const before = (await target.read('deployments', 'backend-blue')).metadata.generation;
		for (const wanted of [{ revision: oldest?.revision ?? 0 }, { digest: DIGESTS.slow }])
			await expect(undo(cluster, place, { wanted, container: 'app' })).rejects.toMatchObject({
				code: 'ROLLOUT.REVISION_MISSING',
				message: expect.stringContaining(`There are: ${String(there[0])} (`) as unknown,
			});
		expect((await target.read('deployments', 'backend-blue')).metadata.generation).toBe(before);
	});

	it('has its pods listed, with colour, digest and whether they have the traffic', async () => {
		const { pods } = await listPods(target.cluster, target.set);
		const frontend = pods.filter(({ service }) => service === 'frontend');
		expect(frontend).toHaveLength(2);
		expect(frontend[0]).toMatchObject({
			colour: 'blue',
			live: true,
			ready: true,
			containers: [{ name: 'app', digest: DIGESTS.old, restarts: 0, waiting: '' }],
		});
	});
});
