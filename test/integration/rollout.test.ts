import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Cluster } from '../../lib/rollout/cluster';
import { rolloutErrors } from '../../lib/rollout/errors';
import type { Fence, LiveRecord, TargetImage } from '../../lib/rollout/model';
import { readLogs } from '../../lib/rollout/readLogs';
import { readRecordAnnotations } from '../../lib/rollout/readRecordAnnotations';
import { readStatus } from '../../lib/rollout/readStatus';
import { recordLive } from '../../lib/rollout/recordLive';
import { rollBack, type RollBackOptions } from '../../lib/rollout/rollBack';
import { readIdle, setImage } from '../../lib/rollout/setImage';
import { switchTraffic, type SwitchOptions } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { systemClock } from '../../lib/support/clock';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { DIGESTS, LAST_WORDS, startRolloutCluster, type RolloutCluster } from './rolloutCluster';

const FENCE: Fence = { release: 'r-7', token: 7 };
const { signal } = new AbortController();

/** Each test brings up a namespace with eight pods. */
jest.setTimeout(60_000);

describe('a blue-green rollout', () => {
	let target: RolloutCluster;
	let cluster: Cluster;
	beforeEach(async () => {
		target = await startRolloutCluster();
		({ cluster } = target);
	});
	afterEach(async () => await target.stop());

	const colourOf = async (service: string): Promise<unknown> =>
		((await target.read('services', service)).spec as { selector: { color: string } }).selector.color;
	const annotationsOf = async (service: string) =>
		(await target.read('services', service)).metadata.annotations ?? {};
	const replicasOf = async (name: string): Promise<unknown> =>
		(await target.read('deployments', name)).spec?.['replicas'];
	const wait = async (images: TargetImage[], timeoutMs = 20_000, record?: LiveRecord) =>
		await waitForRollout(cluster, target.set, { images, record, timeoutMs, clock: systemClock, signal });
	const switchTo = async (images: TargetImage[], more: Partial<SwitchOptions> = {}, through = cluster) =>
		await switchTraffic(through, target.set, {
			images,
			record: undefined,
			fence: FENCE,
			settleMs: 5_000,
			clock: systemClock,
			signal,
			...more,
		});
	const goBack = async (record: LiveRecord, images: TargetImage[], more: Partial<RollBackOptions> = {}) =>
		await rollBack(cluster, target.set, {
			record,
			images,
			idleBefore: [],
			fence: FENCE,
			scaleDownReplaced: true,
			timeoutMs: 15_000,
			clock: systemClock,
			signal,
			...more,
		});
	/** A release up to the wait. */
	const deploy = async (version: keyof typeof DIGESTS, fence: Fence | undefined = FENCE) => {
		const images = target.image(version);
		const record = await recordLive(cluster, target.set, { fence });
		await setImage(cluster, target.set, { images, fence, record });
		return { images, record };
	};
	const switched = async (version: keyof typeof DIGESTS = 'good') => {
		const { images, record } = await deploy(version);
		await wait(images);
		await switchTo(images, { record });
		return { images, record };
	};

	it('records colour, digest, revision and replicas of every workload, in the answer and on the Services', async () => {
		const record = await recordLive(cluster, target.set, { fence: FENCE });
		expect(record.workloads).toEqual(
			['backend', 'frontend'].map((service) => ({
				service,
				liveColour: 'blue',
				idleColour: 'green',
				live: {
					deployment: `${service}-blue`,
					revision: '1',
					image: `registry.example.com/${service}@${DIGESTS.old}`,
					digest: DIGESTS.old,
					replicas: 2,
				},
				selector: { app: service, color: 'blue' },
				cluster: sandboxEndpoints().kubernetes.clusterUid,
				configuration: { templateHash: expect.stringMatching(/^[0-9a-f]{64}$/), references: [], versions: {} },
			})),
		);
		expect(await readRecordAnnotations(cluster, target.set)).toEqual(record);
		expect(await annotationsOf('backend')).toMatchObject({
			'deployment-runbook/token': '7',
			'deployment-runbook/release': 'r-7',
		});
	});

	it('starts the new version on the idle colour, shows it through the preview, and leaves the live one alone', async () => {
		const images = target.image('good');
		expect(await readIdle(cluster, target.set, undefined)).toEqual(
			['backend', 'frontend'].map((service) => ({
				service,
				deployment: `${service}-green`,
				image: `registry.example.com/${service}@${DIGESTS.old}`,
				replicas: 0,
				previewColour: 'green',
			})),
		);
		const { spec } = await target.read('deployments', 'backend-blue');
		const result = await setImage(cluster, target.set, { images, fence: FENCE, record: undefined });
		expect(result.workloads[0]).toEqual({
			service: 'backend',
			colour: 'green',
			deployment: 'backend-green',
			image: images[0]?.image,
			replicas: 2,
		});
		const { workloads } = await wait(images);
		expect(workloads.map(({ verdict, reason }) => [verdict, reason])).toEqual([
			['passed', ''],
			['passed', ''],
		]);
		expect(await colourOf('backend')).toBe('blue');
		expect((await target.read('deployments', 'backend-blue')).spec).toEqual(spec);
		const before = (await target.read('deployments', 'backend-green')).metadata.resourceVersion;
		await setImage(cluster, target.set, { images, fence: FENCE, record: undefined });
		expect((await target.read('deployments', 'backend-green')).metadata.resourceVersion).toBe(before);
	});

	it('points the preview at the idle colour when the last release left it on the live one', async () => {
		await switched();
		expect(await colourOf('backend-preview')).toBe('green');
		await deploy('good', { release: 'r-8', token: 8 });
		expect(await colourOf('backend-preview')).toBe('blue');
	});

	it('switches all workloads, and a second run finds them switched', async () => {
		const { images, record } = await deploy('good');
		await wait(images);
		const result = {
			workloads: [
				{ service: 'backend', from: 'blue', to: 'green' },
				{ service: 'frontend', from: 'blue', to: 'green' },
			],
		};
		expect(await switchTo(images, { record })).toEqual({ ...result, alreadySwitched: false });
		expect(await switchTo(images, { record })).toEqual({ ...result, alreadySwitched: true });
		expect(await switchTo(images)).toEqual({ ...result, alreadySwitched: true });
		const status = await readStatus(cluster, target.set);
		expect(status.workloads[0]).toMatchObject({
			live: { colour: 'green', digest: DIGESTS.good, available: 2 },
			idle: { colour: 'blue', replicas: 2 },
			readyEndpoints: 2,
		});
	});

	it('fails the wait at once for a crashing pod, naming it, why, and its last words', async () => {
		const { images, record } = await deploy('crash');
		const { workloads } = await wait(images, 60_000, record);
		expect(workloads[0]).toMatchObject({
			verdict: 'failed',
			lastLogLine: LAST_WORDS,
			pod: { container: 'app', reason: 'CrashLoopBackOff' },
		});
		expect(workloads[0]?.pod?.name).toMatch(/^backend-green-/);
		expect(workloads[0]?.waitedMs).toBeLessThan(20_000);
	});

	it('fails the wait for an image that cannot be pulled', async () => {
		const { images } = await deploy('unpullable');
		expect((await wait(images, 60_000)).workloads[0]?.reason).toMatch(/^pod backend-green-.*: ImagePullBackOff$/);
	});

	it('fails the wait at its deadline, naming what was missing', async () => {
		const { images } = await deploy('slow');
		const { workloads } = await wait(images, 2_000);
		expect(workloads[1]).toMatchObject({
			verdict: 'failed',
			reason: 'not complete after 2 s: 0 of 2 pods are available',
		});
	});

	it('refuses to switch to a colour that is not ready, and switches nothing', async () => {
		const { images, record } = await deploy('slow');
		await expect(switchTo(images, { record })).rejects.toMatchObject({ code: 'ROLLOUT.NOT_READY' });
		expect([await colourOf('backend'), await colourOf('frontend')]).toEqual(['blue', 'blue']);
	});

	it('switches the first workload back when the second cannot be switched, and names the state', async () => {
		const { images, record } = await deploy('good');
		await wait(images);
		const refusing: Cluster = {
			...cluster,
			patchService: async (namespace, name, operations) => {
				if (name !== 'frontend') return await cluster.patchService(namespace, name, operations);
				throw rolloutErrors.FORBIDDEN({ verb: 'patch', kind: 'services', name, namespace });
			},
		};
		await expect(switchTo(images, { record }, refusing)).rejects.toMatchObject({
			code: 'ROLLOUT.PARTIAL',
			meta: { workload: 'frontend', state: 'backend selects blue, frontend selects blue' },
		});
		expect([await colourOf('backend'), await colourOf('frontend')]).toEqual(['blue', 'blue']);
	});

	it('rolls back to the record, scales the replaced version to 0, and says "already there" when pressed twice', async () => {
		const { images, record } = await switched();
		const first = await goBack(record, images);
		expect(first).toMatchObject({
			alreadyThere: false,
			warnings: [],
			scaledDown: [
				{ deployment: 'backend-green', from: 2, to: 0 },
				{ deployment: 'frontend-green', from: 2, to: 0 },
			],
		});
		expect(first.workloads[0]).toEqual({
			service: 'backend',
			action: 'switch-back',
			from: 'green',
			to: 'blue',
			deployment: 'backend-blue',
			digest: DIGESTS.old,
		});
		expect([await colourOf('backend'), await colourOf('frontend'), await replicasOf('backend-green')]).toEqual([
			'blue',
			'blue',
			0,
		]);
		const second = await goBack(record, images);
		expect(second).toMatchObject({ alreadyThere: true, scaledDown: [] });
		expect([await colourOf('backend'), await replicasOf('backend-blue')]).toEqual(['blue', 2]);
	});

	it('brings the recorded digest and replicas back before it moves traffic', async () => {
		const { images, record } = await switched();
		await target.patch('deployments', 'backend-blue', { spec: { replicas: 0 } });
		const containers = [{ name: 'app', image: `registry.example.com/backend@${DIGESTS.slow}` }];
		await target.patch('deployments', 'backend-blue', { spec: { template: { spec: { containers } } } });
		await goBack(record, images);
		const status = await readStatus(cluster, target.set);
		expect(status.workloads[0]?.live).toMatchObject({
			colour: 'blue',
			digest: DIGESTS.old,
			replicas: 2,
			available: 2,
		});
	});

	it('says which configuration the image does not bring back, and never what it says', async () => {
		const maps = `/api/v1/namespaces/${target.set.namespace}/configmaps`;
		const { api } = target;
		await api.call('POST', maps, { body: { metadata: { name: 'settings' }, data: { LEVEL: 'hush-1' } } });
		const envFrom = [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys', optional: true } }];
		const setEnvironment = async (value: string): Promise<void> => {
			const containers = [
				{
					name: 'app',
					image: `registry.example.com/backend@${DIGESTS.old}`,
					env: [{ name: 'PLAIN', value }],
					envFrom,
				},
			];
			await target.patch('deployments', 'backend-blue', { spec: { template: { spec: { containers } } } });
		};
		await setEnvironment('hush-2');
		const { images, record } = await switched();
		expect(record.workloads[0]?.configuration).toMatchObject({
			references: ['ConfigMap/settings', 'Secret/keys'],
			versions: { 'ConfigMap/settings': expect.any(String) },
		});
		await api.call('PATCH', `${maps}/settings`, {
			body: { data: { LEVEL: 'hush-3' } },
			contentType: 'application/merge-patch+json',
		});
		await setEnvironment('hush-4');
		const rolledBack = await goBack(record, images);
		expect(rolledBack.configurationDiffers).toEqual([
			'ConfigMap/settings of backend-blue was changed',
			'the pod template of backend-blue was changed in more than its image',
		]);
		expect(rolledBack.summary).toMatch(/^rolled back, configuration differs: ConfigMap\/settings/);
		expect(JSON.stringify([record, rolledBack])).not.toContain('hush');
	});

	it('moves no traffic when the recorded version cannot become ready', async () => {
		const { images, record } = await switched();
		await target.patch('deployments', 'frontend-blue', { spec: { paused: true, replicas: 0 } });
		await expect(goBack(record, images, { timeoutMs: 1_500 })).rejects.toMatchObject({
			code: 'ROLLOUT.RECORD_NOT_READY',
		});
		expect([await colourOf('backend'), await colourOf('frontend')]).toEqual(['green', 'green']);
	});

	it('only scales the idle colour down when nothing had been switched', async () => {
		const { images, record } = await deploy('crash');
		const result = await goBack(record, images);
		expect(result).toMatchObject({
			alreadyThere: true,
			scaledDown: [
				{ deployment: 'backend-green', from: 2, to: 0 },
				{ deployment: 'frontend-green', from: 2, to: 0 },
			],
		});
		expect(await colourOf('backend')).toBe('blue');
	});

	it('goes back when only the first workload was switched', async () => {
		const { images, record } = await deploy('good');
		await wait(images);
		await target.patch('services', 'backend', { spec: { selector: { color: 'green' } } });
		const result = await goBack(record, images);
		expect(result.workloads.map(({ action }) => action)).toEqual(['switch-back', 'already-there']);
		expect([await colourOf('backend'), await colourOf('frontend')]).toEqual(['blue', 'blue']);
	});

	it('refuses to roll back what this release did not deploy, names what is live, and writes nothing', async () => {
		const { record } = await switched();
		const versions = async (): Promise<unknown> =>
			await Promise.all([
				...['backend', 'frontend'].map(async (name) => (await target.read('services', name)).metadata),
				...['backend-blue', 'backend-green'].map(async (name) => (await target.read('deployments', name)).spec),
			]);
		const before = await versions();
		const refused = goBack(record, target.image('crash'), { fence: { release: 'r-3', token: 9 } });
		await expect(refused).rejects.toMatchObject({
			code: 'ROLLBACK.NOT_LIVE',
			message: expect.stringContaining(`green ${DIGESTS.good}, last written by release r-7`),
		});
		expect(await versions()).toEqual(before);
	});

	it('refuses every write of a release whose token was superseded', async () => {
		const { images, record } = await deploy('good');
		await wait(images);
		const fence: Fence = { release: 'r-6', token: 6 };
		const fencedOut = { code: 'ROLLOUT.FENCED_OUT' };
		await expect(recordLive(cluster, target.set, { fence })).rejects.toMatchObject(fencedOut);
		await expect(
			setImage(cluster, target.set, { images: target.image('crash'), fence, record }),
		).rejects.toMatchObject(fencedOut);
		await expect(switchTo(images, { record, fence })).rejects.toMatchObject(fencedOut);
		expect([await colourOf('backend'), (await readStatus(cluster, target.set)).workloads[0]?.idle.digest]).toEqual([
			'blue',
			DIGESTS.good,
		]);
		await switchTo(images, { record, fence: { release: 'r-8', token: 8 } });
		expect((await annotationsOf('backend'))['deployment-runbook/token']).toBe('8');
	});

	it('loses no write to a rival: a changed object is read again before it is written', async () => {
		let rivals = 0;
		const raced: Cluster = {
			...cluster,
			patchDeployment: async (namespace, name, operations) => {
				// A newer release writes its token between our read and our write.
				if (rivals++ === 0)
					await target.patch('deployments', name, {
						metadata: { annotations: { 'deployment-runbook/token': '9' } },
					});
				return await cluster.patchDeployment(namespace, name, operations);
			},
		};
		const options = { images: target.image('crash'), fence: FENCE, record: undefined };
		await expect(setImage(raced, target.set, options)).rejects.toMatchObject({ code: 'ROLLOUT.FENCED_OUT' });
		expect((await readStatus(cluster, target.set)).workloads[0]?.idle).toMatchObject({
			digest: DIGESTS.old,
			replicas: 0,
		});
	});

	it('refuses to record a Service whose selector names no colour, or whose preview is missing', async () => {
		await target.patch('services', 'frontend', { spec: { selector: { color: 'purple' } } });
		await expect(recordLive(cluster, target.set, { fence: FENCE })).rejects.toMatchObject({
			code: 'ROLLOUT.COLOUR_UNKNOWN',
		});
		await target.patch('services', 'frontend', { spec: { selector: { color: 'blue' } } });
		const [backend, frontend] = target.set.workloads;
		if (!backend || !frontend) throw new Error('two workloads');
		const set = { ...target.set, workloads: [backend, { ...frontend, previewService: 'nowhere' }] };
		await expect(recordLive(cluster, set, { fence: FENCE })).rejects.toMatchObject({
			code: 'ROLLOUT.NOT_FOUND',
			meta: { kind: 'services', name: 'nowhere' },
		});
		expect(await annotationsOf('backend')).toEqual({});
	});

	it('reads the last lines of all pods of a colour, and of the run before for those that restarted', async () => {
		const { images } = await deploy('crash');
		await wait(images);
		const { logs } = await readLogs(cluster, target.set, { colour: 'idle', tailLines: 10, maxBytes: 65_536 });
		expect(
			logs
				.filter(({ pod }) => pod.startsWith('backend-green'))
				.map(({ previous, text, incomplete }) => ({ previous, text, incomplete })),
		).toEqual(
			[true, false, true, false].map((previous) => ({
				previous,
				text: `starting\n${LAST_WORDS}\n`,
				incomplete: '',
			})),
		);
	});
});

describe('a workload that was deployed by tag', () => {
	it('is recorded by the digest its pods report, and restored to it', async () => {
		const target = await startRolloutCluster({ pinned: false });
		try {
			const { cluster, set } = target;
			const images = target.image('good');
			const record = await recordLive(cluster, set, { fence: undefined });
			expect(record.workloads[0]?.live).toMatchObject({
				image: `registry.example.com/backend@${DIGESTS.old}`,
				digest: DIGESTS.old,
			});
			await setImage(cluster, set, { images, fence: undefined, record });
			await waitForRollout(cluster, set, { images, record, timeoutMs: 20_000, clock: systemClock, signal });
			await switchTraffic(cluster, set, {
				images,
				record,
				fence: undefined,
				settleMs: 5_000,
				clock: systemClock,
				signal,
			});
			const options = {
				record,
				images,
				idleBefore: [],
				fence: undefined,
				scaleDownReplaced: true,
				timeoutMs: 15_000,
				clock: systemClock,
				signal,
			};
			expect(await rollBack(cluster, set, options)).toMatchObject({ alreadyThere: false });
			// The record's annotation counts as a generation; the rollback had nothing to change.
			expect((await target.read('deployments', 'backend-blue')).metadata.generation).toBe(2);
			expect((await target.read('services', 'backend')).metadata.annotations).not.toHaveProperty(
				'deployment-runbook/token',
			);
			expect(await rollBack(cluster, set, options)).toMatchObject({ alreadyThere: true });
		} finally {
			await target.stop();
		}
	});
});
