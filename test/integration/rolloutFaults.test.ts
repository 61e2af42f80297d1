import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createCluster } from '../../lib/rollout/cluster.client';
import type { Cluster, PatchOperation } from '../../lib/rollout/cluster';
import { pause } from '../../lib/rollout/deployment/pause';
import { restart } from '../../lib/rollout/deployment/restart';
import { scale } from '../../lib/rollout/deployment/scale';
import { undo } from '../../lib/rollout/deployment/undo';
import { freezeWriters } from '../../lib/rollout/freeze/freezeWriters';
import { thawWriters } from '../../lib/rollout/freeze/thawWriters';
import type { Fence, LiveRecord } from '../../lib/rollout/model';
import { recordLive } from '../../lib/rollout/recordLive';
import { rollBack } from '../../lib/rollout/rollBack';
import { setImage } from '../../lib/rollout/setImage';
import { setStagingImage } from '../../lib/rollout/staging/setStagingImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { systemClock as clock } from '../../lib/support/clock';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { startAlteringApi, type AlteringApi, type Fate } from './alteringApi';
import { DIGESTS, startRolloutCluster, type RolloutCluster } from './rolloutCluster';

const { signal } = new AbortController();
const DIGEST_OLD = { digest: DIGESTS.old };
const WRITERS = ['backend-blue', 'backend-green'];

jest.setTimeout(120_000);

/** Every kind of write, over a wire on which the first write to each object goes wrong. */
describe('a write that goes wrong', () => {
	let target: RolloutCluster;
	let api: AlteringApi;
	let cluster: Cluster;
	let namespace: string;
	let release = 0;

	beforeAll(async () => {
		target = await startRolloutCluster();
		({ namespace } = target.set);
		api = await startAlteringApi();
		const { token } = sandboxEndpoints().kubernetes;
		cluster = await createCluster({
			serverUrl: api.url,
			certificateAuthority: '',
			bearerToken: token,
			namespace,
		});
	}, 60_000);
	afterEach(() => {
		api.fate = () => undefined;
	});
	afterAll(async () => {
		await cluster.close();
		await api.close();
		await target.stop();
	});

	/** The steps of a release and what else is written, each as often as it is called: all end where the story began. */
	const steps = (fence: Fence): Array<[string, () => Promise<unknown>]> => {
		const images = target.image('good');
		let record: LiveRecord | undefined;
		const common = { images, fence, clock, signal };
		const place = (deployment: string) => ({ namespace, deployment, fence });
		const writers = { namespace, deployments: WRITERS, fence };
		const back = { idleBefore: [], scaleDownReplaced: true, timeoutMs: 20_000 };
		const at = new Date();
		const staging = {
			namespace,
			workloads: [{ service: 'frontend', deployment: 'frontend-green', container: 'app' }],
		};
		const needed = (): LiveRecord => record ?? { workloads: [] };
		return [
			['record', async () => (record = await recordLive(cluster, target.set, { fence, images }))],
			['set image', async () => await setImage(cluster, target.set, { ...common, record })],
			[
				'switch',
				async () => {
					const waited = await waitForRollout(target.cluster, target.set, {
						...common,
						record,
						timeoutMs: 20_000,
					});
					expect(waited.workloads.map(({ verdict }) => verdict)).toEqual(['passed', 'passed']);
					await switchTraffic(cluster, target.set, { ...common, record, settleMs: 20_000 });
				},
			],
			['roll back', async () => await rollBack(cluster, target.set, { ...common, ...back, record: needed() })],
			['undo', async () => await undo(cluster, place('backend-green'), { wanted: DIGEST_OLD, container: 'app' })],
			['pause', async () => await pause(cluster, place('backend-blue'), { paused: true })],
			['resume', async () => await pause(cluster, place('backend-blue'), { paused: false })],
			['restart', async () => await restart(cluster, place('backend-blue'), { at })],
			['scale', async () => await scale(cluster, place('backend-blue'), { replicas: 3, expected: 2 })],
			['scale back', async () => await scale(cluster, place('backend-blue'), { replicas: 2, expected: 3 })],
			['freeze', async () => await freezeWriters(cluster, writers, { timeoutMs: 20_000, clock, signal })],
			['thaw', async () => await thawWriters(cluster, writers, { timeoutMs: 20_000, clock, signal })],
			['set image of staging', async () => await setStagingImage(cluster, staging, target.image('old'))],
			[
				'scale staging back',
				async () => await scale(cluster, place('frontend-green'), { replicas: 0, expected: 1 }),
			],
		];
	};

	/** A new release that has set the good image. */
	const setGoodImage = async () => {
		release += 1;
		const fence = { release: `r-${release}`, token: release };
		const images = target.image('good');
		const record = await recordLive(cluster, target.set, { fence, images });
		await setImage(cluster, target.set, { images, fence, record });
		return { fence, images, record };
	};

	/** What was written to the spec of which object, write for write. */
	const specWrites = (): string[] =>
		api.applied.flatMap(({ path, body }) =>
			(JSON.parse(body) as PatchOperation[])
				.filter((operation) => operation.op !== 'test' && operation.path.startsWith('/spec/'))
				.map((operation) => `${path.split('/').slice(-2).join('/')} ${operation.path}`),
		);

	it.each<[string, Fate]>([
		['is refused with 409', { refuse: 409 }],
		['is refused with 429', { refuse: 429 }],
		['is refused with 500', { refuse: 500 }],
		['is carried out, and the answer gets lost', { lose: true }],
	])('because it %s, is read and decided again: every operation acts once', async (_name, fate) => {
		release += 1;
		for (const [name, step] of steps({ release: `r-${release}`, token: release })) {
			const failed = new Set<string>();
			api.applied.length = 0;
			api.fate = ({ method, path }) => {
				if (method !== 'PATCH' || failed.has(path)) return undefined;
				failed.add(path);
				return fate;
			};
			await step();
			const written = specWrites();
			expect([name, failed.size > 0]).toEqual([name, true]);
			expect([name, written]).toEqual([name, [...new Set(written)]]);
		}
		const { workloads } = await recordLive(target.cluster, target.set, { fence: undefined });
		expect(workloads.map(({ liveColour, live: { digest, replicas } }) => [liveColour, digest, replicas])).toEqual([
			['blue', DIGESTS.old, 2],
			['blue', DIGESTS.old, 2],
		]);
	});

	it.each([409, 429, 500])(
		'always, with %i, ends in an error with a code, and nothing was changed',
		async (status) => {
			release += 1;
			const codes = status === 409 ? 'ROLLOUT.CONFLICT' : 'ROLLOUT.UNREACHABLE';
			api.fate = ({ method }) => (method === 'PATCH' ? { refuse: status } : undefined);
			api.applied.length = 0;
			const fence = { release: `r-${release}`, token: release };
			const place = { namespace, deployment: 'backend-blue', fence };
			for (const step of [
				async () => await recordLive(cluster, target.set, { fence }),
				async () =>
					await setImage(cluster, target.set, { images: target.image('good'), fence, record: undefined }),
				async () => await scale(cluster, place, { replicas: 5, expected: undefined }),
				async () => await restart(cluster, place, { at: new Date() }),
				async () =>
					await freezeWriters(cluster, { ...place, deployments: WRITERS }, { timeoutMs: 1, clock, signal }),
			])
				await expect(step()).rejects.toMatchObject({ code: codes, retryable: true });
			expect(api.applied).toEqual([]);
		},
	);

	it('because somebody puts the selector back at once, as GitOps does, ends the switch: all serve what they served', async () => {
		const { fence, images, record } = await setGoodImage();
		await waitForRollout(cluster, target.set, { images, record, timeoutMs: 20_000, clock, signal });
		const putBack = { spec: { selector: { app: 'frontend', color: 'blue' } } };
		api.fate = ({ method, path, body }) =>
			method === 'PATCH' && path.endsWith('/services/frontend') && body.includes('/spec/selector')
				? { then: async () => await target.patch('services', 'frontend', putBack) }
				: undefined;
		const switched = switchTraffic(cluster, target.set, {
			images,
			record,
			fence,
			settleMs: 2_000,
			clock,
			signal,
		});
		await expect(switched).rejects.toMatchObject({
			code: 'ROLLOUT.PARTIAL',
			message: expect.stringMatching(/backend selects blue, frontend selects blue/) as unknown,
			cause: { code: 'ROLLOUT.NOT_SETTLED' },
		});
		const { workloads } = await recordLive(target.cluster, target.set, { fence: undefined });
		expect(workloads.map(({ liveColour }) => liveColour)).toEqual(['blue', 'blue']);
	});

	it('is not refused because the endpoints follow their pods a moment later', async () => {
		const { fence, images, record } = await setGoodImage();
		await waitForRollout(cluster, target.set, { images, record, timeoutMs: 20_000, clock, signal });
		let late = 2;
		const unready = (text: string): string => text.replaceAll('"ready":true', '"ready":false');
		api.fate = ({ method, path }) =>
			method === 'GET' && path.endsWith('/endpointslices') && late-- > 0 ? { alter: unready } : undefined;
		const options = { images, record, fence, settleMs: 10_000, clock, signal };
		await expect(switchTraffic(cluster, target.set, options)).resolves.toMatchObject({ alreadySwitched: false });
		expect(late).toBeLessThan(0);
		const back = { idleBefore: [], scaleDownReplaced: true, timeoutMs: 20_000 };
		await rollBack(cluster, target.set, { ...options, ...back });
	});

	it('because an autoscaler writes the replicas, too, is not fought: traffic stays until there are as many as serve now', async () => {
		const { fence, images, record } = await setGoodImage();
		await target.patch('deployments', 'backend-green', { spec: { replicas: 1 } });
		await waitForRollout(cluster, target.set, { images, record, timeoutMs: 20_000, clock, signal });
		api.applied.length = 0;
		const switched = switchTraffic(cluster, target.set, { images, record, fence, settleMs: 500, clock, signal });
		await expect(switched).rejects.toMatchObject({
			code: 'ROLLOUT.NOT_READY',
			message: expect.stringMatching(/backend is not ready to take traffic: .*1 of 2/) as unknown,
		});
		expect(specWrites()).toEqual([]);
	});
});
