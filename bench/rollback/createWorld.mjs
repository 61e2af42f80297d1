import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const APPLICATIONS = ['backend', 'frontend'];
export const OLD = '2026.11.1';
export const NEW = '2026.11.2';
const DAY_MS = 24 * 3_600_000;

/**
 * Production with both versions running: the old one on blue, which serves, and the new one on green. `record` is what was live before;
 * the package's own functions are those of the build.
 */
export async function createWorld({ endpoints, registry }, require) {
	const lib = (path) => require(`../dist/lib/${path}.js`);
	const { createCluster } = lib('rollout/cluster.client');
	const { recordLive } = lib('rollout/recordLive');
	const { setImage } = lib('rollout/setImage');
	const { switchTraffic } = lib('rollout/switchTraffic');
	const { waitForRollout } = lib('rollout/waitForRollout');
	const { rollBack } = lib('rollout/rollBack');
	const { systemClock: clock } = lib('support/clock');

	const { url, ca, token, namespace } = endpoints.kubernetes;
	const cluster = await createCluster({ serverUrl: url, certificateAuthority: ca, bearerToken: token, namespace });
	const set = { namespace, workloads: APPLICATIONS.map((name) => workloadOf(name, registry)) };
	const imagesOf = (version) =>
		APPLICATIONS.map((name) => ({
			workload: `case-management-${name}`,
			image: registry.image(name, version),
		}));
	const signal = AbortSignal.timeout(DAY_MS);
	const record = await recordLive(cluster, set, { fence: undefined });
	const folder = await mkdtemp(join(tmpdir(), 'bench-rollback-'));
	const kubeconfig = join(folder, 'config');
	await writeFile(kubeconfig, kubeconfigOf(endpoints.kubernetes), { mode: 0o600 });

	/** Both colours up, the new version without traffic. */
	async function bringUp() {
		const images = imagesOf(NEW);
		await setImage(cluster, set, { images, fence: undefined, record: undefined });
		return await wait();
	}
	async function wait() {
		const options = { images: imagesOf(NEW), record, timeoutMs: 180_000, clock, signal };
		const { workloads } = await waitForRollout(cluster, set, options);
		const failed = workloads.find(({ verdict }) => verdict !== 'passed');
		if (failed) throw new Error(`${failed.deployment} did not come up: ${failed.reason}`);
	}
	/** Sends the traffic to a version that runs. */
	async function switchTo(version) {
		const images = imagesOf(version);
		await setImage(cluster, set, { images, fence: undefined, record: undefined });
		await switchTraffic(cluster, set, {
			images,
			record: undefined,
			fence: undefined,
			settleMs: 30_000,
			clock,
			signal,
		});
	}
	async function goBack({ scaleDownReplaced }) {
		const options = {
			record,
			images: imagesOf(NEW),
			idleBefore: [],
			scaleDownReplaced,
			timeoutMs: 60_000,
			clock,
			signal,
		};
		return await rollBack(cluster, set, { ...options, fence: undefined });
	}
	await bringUp();
	return {
		services: endpoints.services,
		namespace,
		kubeconfig,
		set,
		bringUp,
		wait,
		switchTo,
		goBack,
		async close() {
			await cluster.close();
			await rm(folder, { recursive: true });
		},
	};
}

function workloadOf(name, registry) {
	const service = `case-management-${name}`;
	return {
		service,
		previewService: `${service}-preview`,
		deployments: { blue: `${service}-blue`, green: `${service}-green` },
		container: name,
		repository: `${registry.host}/${service}`,
		role: 'web',
	};
}

function kubeconfigOf({ url, ca, token, namespace }) {
	const authority = Buffer.from(ca).toString('base64');
	return JSON.stringify({
		apiVersion: 'v1',
		kind: 'Config',
		'current-context': 'bench',
		clusters: [{ name: 'bench', cluster: { server: url, 'certificate-authority-data': authority } }],
		users: [{ name: 'bench', user: { token } }],
		contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench', namespace } }],
	});
}
