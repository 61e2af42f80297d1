import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createCluster } from '../../lib/rollout/cluster.client';
import type { Cluster } from '../../lib/rollout/cluster';
import { pause } from '../../lib/rollout/deployment/pause';
import { readHistory } from '../../lib/rollout/deployment/readHistory';
import { undo } from '../../lib/rollout/deployment/undo';
import { readRolloutState } from '../../lib/rollout/readRolloutState';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import type { ApiObject } from './kubernetes/connectToApi';
import { startAlteringApi, type AlteringApi } from './alteringApi';
import { DIGESTS, startRolloutCluster, type RolloutCluster } from './rolloutCluster';

const run = promisify(execFile);
const NAME = 'backend-blue';

jest.setTimeout(60_000);

function isInstalled(): boolean {
	try {
		execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
}

const installed = isInstalled();
if (!installed) console.warn('SKIPPED: kubectl is not on the PATH, so that nothing is compared with what it says.');

/** kubectl itself says what is right: its own verdict, history and undo, over the same wire. */
(installed ? describe : describe.skip)('what kubectl says', () => {
	let target: RolloutCluster;
	let api: AlteringApi;
	let cluster: Cluster;
	let folder: string;

	beforeAll(async () => {
		target = await startRolloutCluster();
		api = await startAlteringApi();
		const { token } = sandboxEndpoints().kubernetes;
		const { namespace } = target.set;
		cluster = await createCluster({
			serverUrl: api.url,
			certificateAuthority: '',
			bearerToken: token,
			namespace,
		});
		folder = await mkdtemp(join(tmpdir(), 'rollout-kubectl-'));
		const config = {
			apiVersion: 'v1',
			kind: 'Config',
			'current-context': 'here',
			clusters: [{ name: 'here', cluster: { server: api.url } }],
			contexts: [{ name: 'here', context: { cluster: 'here', user: '', namespace } }],
		};
		await writeFile(join(folder, 'config'), JSON.stringify(config));
	}, 60_000);
	afterAll(async () => {
		await rm(folder, { recursive: true });
		await cluster.close();
		await api.close();
		await target.stop();
	});

	const kubectl = async (...args: string[]): Promise<{ code: number; said: string }> => {
		const options = ['--kubeconfig', join(folder, 'config'), '--cache-dir', join(folder, 'cache')];
		return await run('kubectl', [...options, ...args], { env: { ...process.env, HOME: folder } }).then(
			({ stdout }) => ({ code: 0, said: stdout }),
			(error: unknown) => {
				const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
				return { code, said: `${stdout}${stderr}` };
			},
		);
	};
	const setImage = async (version: keyof typeof DIGESTS): Promise<void> => {
		const { code, said } = await kubectl('set', 'image', `deployment/${NAME}`, `app=${imageOf(version)}`);
		expect([code, said]).toEqual([0, expect.stringContaining('image updated')]);
	};
	const settled = async (): Promise<void> => {
		const { code, said } = await kubectl('rollout', 'status', `deployment/${NAME}`, '--timeout=30s');
		expect([code, said]).toEqual([0, expect.stringContaining('successfully rolled out')]);
	};
	/** Its verdict of this moment, in our words. */
	const kubectlState = async (): Promise<string> => {
		const { code, said } = await kubectl('rollout', 'status', `deployment/${NAME}`, '--watch=false');
		if (code !== 0) return `failed: ${said.trim()}`;
		return said.includes('successfully rolled out') ? 'complete' : 'progressing';
	};
	const ourState = async (version: keyof typeof DIGESTS): Promise<string> => {
		const expected = { container: 'app', digest: DIGESTS[version], replicas: 2 };
		const { rollout } = await readRolloutState(cluster, target.set.namespace, { deployment: NAME, expected });
		return rollout.state === 'failed' ? `failed: ${rollout.reason}` : rollout.state;
	};
	const until = async (holds: (status: Record<string, unknown>, generation: number) => boolean): Promise<void> => {
		const path = `/apis/apps/v1/namespaces/${target.set.namespace}/deployments`;
		const reached = ({ status = {}, metadata }: ApiObject): boolean => holds(status, metadata.generation ?? 0);
		await target.api.until(path, NAME, reached, 45_000);
	};
	const templateOf = async (): Promise<unknown> => (await target.read('deployments', NAME)).spec?.['template'];
	/** Revisions with their change causes, as its table shows them. */
	const kubectlHistory = async (): Promise<Array<[number, string]>> => {
		const { said } = await kubectl('rollout', 'history', `deployment/${NAME}`);
		return [...said.matchAll(/^(\d+) +(.*)$/gm)].map(([, revision, cause = '']) => [
			Number(revision),
			cause === '<none>' ? '' : cause,
		]);
	};
	const ourHistory = async (): Promise<Array<[number, string]>> => {
		const { revisions } = await readHistory(cluster, target.set.namespace, NAME);
		return revisions.map(({ revision, changeCause }) => [revision, changeCause]);
	};
	const imageOf = (version: keyof typeof DIGESTS): string => `registry.example.com/backend@${DIGESTS[version]}`;

	it('of a rollout that is complete, we say', async () => {
		await settled();
		expect([await kubectlState(), await ourState('old')]).toEqual(['complete', 'complete']);
	});

	it('of a change that the controller has not seen, we say: it is still under way', async () => {
		api.fate = ({ path }) =>
			path.endsWith('/deployments') || path.endsWith(`/deployments/${NAME}`)
				? { alter: (text) => text.replaceAll(/"observedGeneration":\d+/g, '"observedGeneration":0') }
				: undefined;
		const states = [await kubectlState(), await ourState('old')];
		api.fate = () => undefined;
		expect(states).toEqual(['progressing', 'progressing']);
	});

	it('of pods that are not ready, we say, before and after the deadline', async () => {
		await target.patch('deployments', NAME, { spec: { progressDeadlineSeconds: 8 } });
		await setImage('slow');
		await until(
			(status, generation) =>
				status['observedGeneration'] === generation && Number(status['updatedReplicas']) >= 1,
		);
		expect([await kubectlState(), await ourState('slow')]).toEqual(['progressing', 'progressing']);
		await until((status) => JSON.stringify(status).includes('ProgressDeadlineExceeded'));
		expect([await kubectlState(), await ourState('slow')]).toEqual([
			expect.stringMatching(/^failed: .*exceeded its progress deadline/s),
			expect.stringMatching(/^failed: ProgressDeadlineExceeded/),
		]);
	});

	it('of a paused rollout is that it is under way for ever; we name the pause, and never say complete', async () => {
		await target.patch('deployments', NAME, { spec: { progressDeadlineSeconds: 600 } });
		await setImage('old');
		await settled();
		const place = { namespace: target.set.namespace, deployment: NAME, fence: undefined };
		await pause(cluster, place, { paused: true });
		await setImage('good');
		await until((status, generation) => status['observedGeneration'] === generation);
		expect([await kubectlState(), await ourState('good')]).toEqual(['progressing', 'failed: it is paused']);
		await pause(cluster, place, { paused: false });
		await settled();
		expect([await kubectlState(), await ourState('good')]).toEqual(['complete', 'complete']);
	});

	it('of the history, we say, with its causes and images', async () => {
		await kubectl('annotate', `deployment/${NAME}`, 'kubernetes.io/change-cause=the good one');
		await target.api.until(
			`/apis/apps/v1/namespaces/${target.set.namespace}/replicasets`,
			await currentReplicaSet(),
			({ metadata }) => metadata.annotations?.['kubernetes.io/change-cause'] === 'the good one',
		);
		const history = await kubectlHistory();
		expect(history.length).toBeGreaterThanOrEqual(3);
		expect(history.at(-1)?.[1]).toBe('the good one');
		expect(await ourHistory()).toEqual(history);
		const { revisions } = await readHistory(cluster, target.set.namespace, NAME);
		for (const { revision, containers } of revisions) {
			const { said } = await kubectl('rollout', 'history', `deployment/${NAME}`, `--revision=${revision}`);
			expect(/Image:\s+(\S+)/.exec(said)?.[1]).toBe(containers[0]?.image);
		}
	});

	const currentReplicaSet = async (): Promise<string> => {
		const { revisions } = await readHistory(cluster, target.set.namespace, NAME);
		return revisions.find(({ current }) => current)?.replicaSet ?? '';
	};

	it('to undo puts the same template back as we do; only kubectl takes "the one before" for an answer', async () => {
		const place = { namespace: target.set.namespace, deployment: NAME, fence: undefined };
		const wanted = { digest: DIGESTS.old };
		const revisionOf = async (version: keyof typeof DIGESTS): Promise<number> => {
			const { revisions } = await readHistory(cluster, target.set.namespace, NAME);
			return revisions.find(({ containers }) => containers[0]?.digest === DIGESTS[version])?.revision ?? 0;
		};
		const toRevision = `--to-revision=${await revisionOf('old')}`;
		const undone = await kubectl('rollout', 'undo', `deployment/${NAME}`, toRevision);
		expect([undone.code, undone.said]).toEqual([0, expect.stringContaining('rolled back')]);
		await settled();
		const byKubectl = await templateOf();
		const historyByKubectl = await kubectlHistory();

		await setImage('good');
		await settled();
		const { alreadyThere, toRevision: chosen } = await undo(cluster, place, { wanted, container: 'app' });
		expect([alreadyThere, chosen]).toEqual([false, historyByKubectl.at(-1)?.[0]]);
		await settled();
		expect(await templateOf()).toEqual(byKubectl);
		expect((await kubectlHistory()).length).toBe(historyByKubectl.length);

		expect(await undo(cluster, place, { wanted, container: 'app' })).toMatchObject({ alreadyThere: true });
		const again = await kubectl(
			'rollout',
			'undo',
			`deployment/${NAME}`,
			`--to-revision=${await revisionOf('old')}`,
		);
		expect(again.said).toContain('skipped rollback');
		await kubectl('rollout', 'undo', `deployment/${NAME}`);
		await settled();
		expect(await ourState('good')).toBe('complete');
	});
});
