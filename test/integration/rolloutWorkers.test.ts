import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { rollbackCommand } from '../../cli/rollbackCommand';
import type { Cluster } from '../../lib/rollout/cluster';
import { findRecord } from '../../lib/rollout/findRecord';
import { freezeWriters, type FreezeTarget } from '../../lib/rollout/freeze/freezeWriters';
import { thawWriters } from '../../lib/rollout/freeze/thawWriters';
import type { Fence, LiveRecord } from '../../lib/rollout/model';
import { deploymentsOf } from '../../lib/rollout/objectsOf';
import { findRollbackRecord, readRecordAnnotations } from '../../lib/rollout/readRecordAnnotations';
import { recordLive } from '../../lib/rollout/recordLive';
import { rollBack } from '../../lib/rollout/rollBack';
import { planRollBackOffline } from '../../lib/rollout/rollBackOffline';
import { parseRollbackRecord, writeRollbackRecord } from '../../lib/rollout/rollbackRecord';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { moveWorkers } from '../../lib/rollout/workers/moveWorkers';
import { observeMoves } from '../../lib/rollout/workers/observeMoves';
import { systemClock } from '../../lib/support/clock';
import { sandboxKubeconfig } from './sandboxKubeconfig';
import { DIGESTS, LAST_WORDS, startRolloutCluster, workerOf, type RolloutCluster } from './rolloutCluster';

/** Each test brings up a namespace with ten pods. */
jest.setTimeout(90_000);

const FENCE: Fence = { release: 'r-7', token: 7 };
/** The same release, resumed. */
const RESUMED: Fence = { release: 'r-7', token: 8 };
const CONSUMER = workerOf('consumer', 'worker');
const SCHEDULER = workerOf('scheduler', 'singleton');
const { signal } = new AbortController();

describe('the workers of a release', () => {
	let target: RolloutCluster;
	let cluster: Cluster;
	beforeEach(async () => {
		target = await startRolloutCluster({ workers: [CONSUMER, SCHEDULER] });
		({ cluster } = target);
	});
	afterEach(async () => await target.stop());

	const replicas = async (): Promise<Record<string, unknown>> =>
		Object.fromEntries(
			await Promise.all(
				deploymentsOf({ workloads: [], workers: [CONSUMER, SCHEDULER] }).map(
					async (name) => [name, (await target.read('deployments', name)).spec?.['replicas']] as const,
				),
			),
		);
	const OLD_RUNS = { 'consumer-blue': 1, 'consumer-green': 0, 'scheduler-blue': 1, 'scheduler-green': 0 };
	const NEW_RUNS = { 'consumer-blue': 0, 'consumer-green': 1, 'scheduler-blue': 0, 'scheduler-green': 1 };
	/** A release up to the switch. */
	const switched = async () => {
		const images = target.image('good');
		const record = await recordLive(cluster, target.set, { fence: FENCE, images });
		await setImage(cluster, target.set, { images, fence: FENCE, record });
		const common = { images, record, clock: systemClock, signal };
		await waitForRollout(cluster, target.set, { ...common, timeoutMs: 20_000 });
		expect(await replicas()).toEqual(OLD_RUNS);
		await switchTraffic(cluster, target.set, { ...common, fence: FENCE, settleMs: 10_000 });
		return { images, record };
	};
	const move = async (
		record: LiveRecord | undefined,
		{
			through = cluster,
			fence = FENCE,
			version = 'good',
		}: { through?: Cluster; fence?: Fence; version?: keyof typeof DIGESTS } = {},
	) =>
		await moveWorkers(through, target.set, {
			images: target.image(version),
			record,
			fence,
			timeoutMs: 20_000,
			clock: systemClock,
			signal,
		});
	const goBack = async (
		record: LiveRecord,
		{ fence = RESUMED, images = target.image('good'), timeoutMs = 20_000 } = {},
	) =>
		await rollBack(cluster, target.set, {
			record,
			images,
			idleBefore: [],
			fence,
			scaleDownReplaced: true,
			timeoutMs,
			clock: systemClock,
			signal,
		});
	/** The cluster as a process sees it that is killed when it is about to give a Deployment replicas or an image. */
	const killedAt = (name: string): Cluster => ({
		...cluster,
		patchDeployment: async (namespace, patched, operations) => {
			if (patched === name && operations.some(({ path }) => path.startsWith('/spec'))) throw new Error('killed');
			return await cluster.patchDeployment(namespace, patched, operations);
		},
	});

	it('are recorded in the answer, on every Service, and in the file for object storage', async () => {
		const images = target.image('good');
		const record = await recordLive(cluster, target.set, { fence: FENCE, images });
		expect(record.workers?.map(({ worker, liveColour, live }) => [worker, liveColour, live])).toEqual(
			['consumer', 'scheduler'].map((name) => [
				name,
				'blue',
				{
					deployment: `${name}-blue`,
					revision: '1',
					image: `registry.example.com/backend@${DIGESTS.old}`,
					digest: DIGESTS.old,
					replicas: 1,
				},
			]),
		);
		expect(await readRecordAnnotations(cluster, target.set)).toEqual(record);
		expect(await findRecord(cluster, target.set, { fence: RESUMED })).toEqual(record);
		const found = await findRollbackRecord(cluster, target.set.namespace);
		expect(found).toEqual({ release: 'r-7', set: target.set, images, record });
		expect(parseRollbackRecord(writeRollbackRecord(found))).toEqual(found);
	});

	it('are not recorded while it cannot be told which colour runs; then nothing is written', async () => {
		await target.patch('deployments', 'consumer-green', { spec: { replicas: 1 } });
		const before = (await target.read('services', 'backend')).metadata.annotations;
		await expect(recordLive(cluster, target.set, { fence: FENCE })).rejects.toMatchObject({
			code: 'ROLLOUT.WORKER_UNCLEAR',
			message: expect.stringContaining('both consumer-blue and consumer-green') as unknown,
		});
		expect((await target.read('services', 'backend')).metadata.annotations).toEqual(before);
	});

	it('start in the new colour with the switch, in the declared order: a worker overlaps, a singleton never does', async () => {
		const { record } = await switched();
		const pods = async (name: string): Promise<number> =>
			(
				await cluster.listPods(target.set.namespace, {
					app: name.replace(/-.*/, ''),
					color: name.replace(/.*-/, ''),
				})
			).length;
		const seen: string[] = [];
		const watching: Cluster = {
			...cluster,
			patchDeployment: async (namespace, name, operations) => {
				// A write that met a controller's comes again.
				const isFirst = !seen.some((one) => one.startsWith(`${name} `));
				if (isFirst && operations.some(({ path }) => path === '/spec/replicas')) {
					const other = name.endsWith('blue') ? name.replace('blue', 'green') : name.replace('green', 'blue');
					seen.push(`${name} with ${await pods(other)} of ${other}`);
				}
				return await cluster.patchDeployment(namespace, name, operations);
			},
		};
		const moved = await move(record, { through: watching });
		expect(seen).toEqual([
			'consumer-green with 1 of consumer-blue',
			'consumer-blue with 1 of consumer-green',
			'scheduler-blue with 0 of scheduler-green',
			'scheduler-green with 0 of scheduler-blue',
		]);
		expect(moved).toEqual({
			alreadyMoved: false,
			workers: [CONSUMER, SCHEDULER].map(({ name, role }) => ({
				worker: name,
				role,
				from: 'blue',
				to: 'green',
				deployment: `${name}-green`,
				image: `registry.example.com/backend@${DIGESTS.good}`,
				replicas: 1,
			})),
		});
		expect(await replicas()).toEqual(NEW_RUNS);
	});

	it('are moved once: a second run writes nothing but its token', async () => {
		const { images, record } = await switched();
		const options = { images, record, fence: FENCE };
		expect(await observeMoves(cluster, target.set, options)).toBeUndefined();
		const { workers } = await move(record);
		expect(await observeMoves(cluster, target.set, options)).toEqual({ workers, alreadyMoved: true });
		const generation = async () =>
			await Promise.all(
				deploymentsOf({ workloads: [], workers: [CONSUMER, SCHEDULER] }).map(
					async (name) => (await cluster.readDeployment(target.set.namespace, name)).generation,
				),
			);
		const before = await generation();
		expect(await move(record)).toEqual({ workers, alreadyMoved: true });
		expect(await generation()).toEqual(before);
		// Without a release, too, it is not moved back.
		expect(await move(undefined, { fence: FENCE })).toMatchObject({ alreadyMoved: true });
	});

	it.each(['consumer-green', 'consumer-blue', 'scheduler-blue', 'scheduler-green'])(
		'are moved to the end by the resume of a run that was killed before it wrote %s',
		async (name) => {
			const { images, record } = await switched();
			await expect(move(record, { through: killedAt(name) })).rejects.toThrow('killed');
			expect(await observeMoves(cluster, target.set, { images, record, fence: RESUMED })).toBeUndefined();
			expect(await move(record, { fence: RESUMED })).toMatchObject({ alreadyMoved: false });
			expect(await replicas()).toEqual(NEW_RUNS);
		},
	);

	it('are not moved by a holder that a newer one has fenced out', async () => {
		const { record } = await switched();
		await goBack(record, { fence: { release: 'r-9', token: 9 } });
		await expect(move(record)).rejects.toMatchObject({ code: 'ROLLOUT.FENCED_OUT' });
		expect(await replicas()).toEqual(OLD_RUNS);
	});

	it('keep the old version of a worker until the new one runs; what cannot come up is told with its last words', async () => {
		const { record } = await switched();
		await expect(move(record, { version: 'crash' })).rejects.toMatchObject({
			code: 'ROLLOUT.WORKER_NOT_READY',
			message: expect.stringContaining(LAST_WORDS) as unknown,
		});
		expect(await replicas()).toEqual({ ...OLD_RUNS, 'consumer-green': 1 });
		// Nothing is said of the images: the workers' are not those of the workloads here.
		const { workers } = await goBack(record, { images: [] });
		expect(workers.map(({ action }) => action)).toEqual(['go-back', 'already-there']);
		expect(await replicas()).toEqual(OLD_RUNS);
	});

	it('are taken back by the rollback, and the second press finds them there', async () => {
		const { record } = await switched();
		await move(record);
		const first = await goBack(record);
		expect(first).toMatchObject({
			alreadyThere: false,
			warnings: [],
			workers: [
				{ worker: 'consumer', action: 'go-back', deployment: 'consumer-blue', digest: DIGESTS.old },
				{ worker: 'scheduler', action: 'go-back', deployment: 'scheduler-blue', digest: DIGESTS.old },
			],
		});
		expect(await replicas()).toEqual(OLD_RUNS);
		const second = await goBack(record);
		expect(second.alreadyThere).toBe(true);
		expect(second.workers.map(({ action }) => action)).toEqual(['already-there', 'already-there']);
	});

	it('that do not come back are an error that names them and the repair, and the traffic is back', async () => {
		const { record } = await switched();
		await move(record);
		await target.patch('deployments', 'scheduler-blue', { spec: { paused: true } });
		await expect(goBack(record, { timeoutMs: 5_000 })).rejects.toMatchObject({
			code: 'ROLLOUT.WORKERS_NOT_BACK',
			message: expect.stringContaining('scheduler') as unknown,
			fix: expect.stringContaining('scale deployment scheduler-blue --replicas 1') as unknown,
		});
		expect((await target.read('services', 'backend')).spec).toMatchObject({ selector: { color: 'blue' } });
		await target.patch('deployments', 'scheduler-blue', { spec: { paused: false } });
		await goBack(record);
		expect(await replicas()).toEqual(OLD_RUNS);
	});

	it('that cannot be read keep nothing else from going back, and are an error that names them', async () => {
		const { record } = await switched();
		await move(record);
		const { namespace } = target.set;
		const path = `/apis/apps/v1/namespaces/${namespace}/deployments/consumer-blue`;
		expect((await target.api.call('DELETE', path)).status).toBe(200);
		await expect(goBack(record)).rejects.toMatchObject({
			code: 'ROLLOUT.WORKERS_NOT_BACK',
			message: expect.stringContaining('consumer: There is no deployments consumer-blue') as unknown,
		});
		expect((await target.read('services', 'backend')).spec).toMatchObject({ selector: { color: 'blue' } });
		expect((await target.read('deployments', 'scheduler-blue')).spec).toMatchObject({ replicas: 1 });
		// With nothing but the cluster, too, and nothing of it is taken for done.
		const { done, workers } = await planRollBackOffline(cluster, await findRollbackRecord(cluster, namespace));
		expect(workers.unread.map(({ worker, error }) => [worker.name, error.code])).toEqual([
			['consumer', 'ROLLOUT.NOT_FOUND'],
		]);
		expect(done).toBe(false);
	});

	it("leave a version alone that is neither the record nor the release's, and say so", async () => {
		const { record } = await switched();
		await move(record);
		const containers = [{ name: 'app', image: `registry.example.com/backend@${DIGESTS.slow}` }];
		await target.patch('deployments', 'consumer-green', { spec: { template: { spec: { containers } } } });
		const { workers, warnings } = await goBack(record);
		expect(workers.map(({ action }) => action)).toEqual(['left-alone', 'go-back']);
		expect(warnings.join()).toContain('consumer runs a version');
		expect(await replicas()).toEqual({ ...OLD_RUNS, 'consumer-blue': 0, 'consumer-green': 1 });
	});

	it('stay stopped through a rollback while the writers are frozen, and the thaw starts those that were recorded', async () => {
		const { record } = await switched();
		await move(record);
		const { namespace } = target.set;
		const writers: FreezeTarget = { namespace, deployments: deploymentsOf(target.set), fence: undefined };
		const options = { timeoutMs: 30_000, clock: systemClock, signal };
		await freezeWriters(cluster, writers, options);
		await goBack(record);
		expect(Object.values(await replicas())).toEqual([0, 0, 0, 0]);
		await thawWriters(cluster, writers, options);
		expect(await replicas()).toEqual(OLD_RUNS);
	});

	describe('with nothing but the cluster', () => {
		let folder: string;
		beforeEach(async () => {
			folder = await mkdtemp(join(tmpdir(), 'offline-workers-'));
			await writeFile(join(folder, 'config'), sandboxKubeconfig(target.set.namespace));
		});
		afterEach(async () => await rm(folder, { recursive: true }));

		const press = async () => {
			const lines: string[] = [];
			const print = (line: string): void => void lines.push(line);
			const args = ['--environment', 'production', '--out', join(folder, 'done.json'), '--yes'];
			const env = { KUBECONFIG: join(folder, 'config') };
			const code = await rollbackCommand(args, { env, signal, print, complain: print });
			return { code, said: lines.join('\n') };
		};

		it('are taken back by the command, too, and the second press says that they are there', async () => {
			const { record } = await switched();
			await move(record);
			const first = await press();
			expect(first).toMatchObject({ code: 0, said: expect.stringContaining('consumer: stopped, then blue') });
			expect(await replicas()).toEqual(OLD_RUNS);
			expect(await press()).toMatchObject({
				code: 0,
				said: expect.stringContaining('Already there: nothing was changed.'),
			});
		});
	});
});
