import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { createCluster } from '../../lib/rollout/cluster.client';
import type { Cluster } from '../../lib/rollout/cluster';
import type { ReleaseSet, TargetImage, Worker, Workload } from '../../lib/rollout/model';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { connectToApi, type Api, type ApiObject } from './kubernetes/connectToApi';

/** Digests by what the played kubelet makes of them. */
export const DIGESTS = {
	old: `sha256:${'a'.repeat(64)}`,
	good: `sha256:${'b'.repeat(64)}`,
	crash: `sha256:${'c'.repeat(64)}`,
	unpullable: `sha256:${'d'.repeat(64)}`,
	slow: `sha256:${'e'.repeat(64)}`,
} as const;
export const LAST_WORDS = 'Error: the configuration has no DATABASE_URL';

/** A namespace of a test's own with two blue-green workloads whose blue colour is live. */
export interface RolloutCluster {
	readonly api: Api;
	readonly cluster: Cluster;
	readonly set: ReleaseSet;
	readonly image: (version: keyof typeof DIGESTS) => TargetImage[];
	/** One object of the namespace. */
	read(collection: 'services' | 'deployments', name: string): Promise<ApiObject>;
	/** A merge patch, as somebody else would send it. */
	patch(collection: 'services' | 'deployments', name: string, body: object): Promise<void>;
	stop(): Promise<void>;
}

/**
 * Creates the namespace, plays its kubelet, and waits until blue serves. `pinned`: whether blue asks for a digest or a tag. `workers`: what runs
 * the backend's image without traffic; blue of each has one replica.
 */
export async function startRolloutCluster({
	pinned = true,
	workers = [],
}: { pinned?: boolean; workers?: readonly Worker[] } = {}): Promise<RolloutCluster> {
	const api = connectToApi();
	const namespace = await api.createNamespace();
	const workloads = ['backend', 'frontend'].map(workloadOf);
	const kubelet = await playKubelet(api, namespace);
	for (const workload of workloads) await createWorkload(api, { namespace, workload, pinned });
	for (const worker of workers) await createWorker(api, { namespace, worker });
	for (const { deployments } of workers) {
		await api.until(
			`/apis/apps/v1/namespaces/${namespace}/deployments`,
			deployments.blue,
			({ status }) => status?.['availableReplicas'] === 1,
		);
	}
	for (const { deployments } of workloads) {
		await api.until(
			`/apis/apps/v1/namespaces/${namespace}/deployments`,
			deployments.blue,
			({ status }) => status?.['availableReplicas'] === 2,
		);
	}
	const { url, ca, token } = sandboxEndpoints().kubernetes;
	const cluster = await createCluster({ serverUrl: url, certificateAuthority: ca, bearerToken: token, namespace });
	const pathOf = (collection: string, name: string): string =>
		`${collection === 'services' ? '/api/v1' : '/apis/apps/v1'}/namespaces/${namespace}/${collection}/${name}`;
	return {
		api,
		cluster,
		set: workers.length === 0 ? { namespace, workloads } : { namespace, workloads, workers },
		image: (version) =>
			workloads.map(({ service, repository }) => ({
				workload: service,
				image: `${repository}@${DIGESTS[version]}`,
			})),
		read: async (collection, name) => (await api.call('GET', pathOf(collection, name))).body,
		patch: async (collection, name, body) => {
			const { status } = await api.call('PATCH', pathOf(collection, name), {
				body,
				contentType: 'application/merge-patch+json',
			});
			if (status !== 200) throw new Error(`the patch of ${name} was answered with ${status}`);
		},
		stop: async () => {
			await cluster.close();
			await kubelet.stop();
			await api.close();
		},
	};
}

function workloadOf(name: string): Workload {
	return {
		service: name,
		previewService: `${name}-preview`,
		deployments: { blue: `${name}-blue`, green: `${name}-green` },
		container: 'app',
		repository: `registry.example.com/${name}`,
		role: 'web',
	};
}

async function createWorkload(
	api: Api,
	{ namespace, workload, pinned }: { namespace: string; workload: Workload; pinned: boolean },
): Promise<void> {
	const { service: app, repository } = workload;
	for (const color of ['blue', 'green'] as const) {
		const labels = { app, color };
		const image = pinned ? `${repository}@${DIGESTS.old}` : `${repository}:2026.11.1`;
		const template = {
			metadata: { labels },
			spec: { containers: [{ name: 'app', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
		};
		const spec = { replicas: color === 'blue' ? 2 : 0, selector: { matchLabels: labels }, template };
		await api.call('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, {
			body: { metadata: { name: workload.deployments[color], labels }, spec },
		});
	}
	for (const [name, color] of [
		[app, 'blue'],
		[workload.previewService, 'green'],
	]) {
		const spec = { selector: { app, color }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] };
		await api.call('POST', `/api/v1/namespaces/${namespace}/services`, { body: { metadata: { name }, spec } });
	}
}

/** A worker of the release set that runs the backend's image. */
export function workerOf(name: string, role: Worker['role']): Worker {
	const deployments = { blue: `${name}-blue`, green: `${name}-green` };
	return { name, role, workload: 'backend', deployments, container: 'app' };
}

async function createWorker(api: Api, { namespace, worker }: { namespace: string; worker: Worker }): Promise<void> {
	const image = `${workloadOf(worker.workload).repository}@${DIGESTS.old}`;
	for (const color of ['blue', 'green'] as const) {
		const labels = { app: worker.name, color };
		const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image }] } };
		const spec = { replicas: color === 'blue' ? 1 : 0, selector: { matchLabels: labels }, template };
		await api.call('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, {
			body: { metadata: { name: worker.deployments[color], labels }, spec },
		});
	}
}

/** Binds pods and reports them by their digest; a tag stands for the old version. Serves the last words of those that crash. */
async function playKubelet(api: Api, namespace: string): Promise<{ stop(): Promise<void> }> {
	const { cert, private: key } = await generate([{ name: 'commonName', value: 'kubelet' }], { algorithm: 'sha256' });
	const logs = createServer({ cert, key }, (_request, response) => response.end(`starting\n${LAST_WORDS}\n`));
	await new Promise<void>((resolve) => logs.listen(0, '127.0.0.1', resolve));
	const port = (logs.address() as AddressInfo).port;
	const node = `rollout-${port}`;
	await api.call('POST', '/api/v1/nodes', { body: { metadata: { name: node } } });
	const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
	const nodeStatus = { addresses, daemonEndpoints: { kubeletEndpoint: { Port: port } } };
	await api.call('PATCH', `/api/v1/nodes/${node}/status`, {
		body: { status: nodeStatus },
		contentType: 'application/merge-patch+json',
	});

	const pods = `/api/v1/namespaces/${namespace}/pods`;
	let started = 0;
	let work: Promise<unknown> = Promise.resolve();
	const watch = api.watch(pods, ({ type, object }) => {
		const { name, deletionTimestamp } = object.metadata;
		if (type === 'DELETED') return;
		if (deletionTimestamp)
			work = work.then(
				async () => await api.call('DELETE', `${pods}/${name}`, { body: { gracePeriodSeconds: 0 } }),
			);
		else if (object.spec?.['nodeName'] === undefined) {
			work = work.then(
				async () =>
					await api.call('POST', `${pods}/${name}/binding`, {
						body: { metadata: { name }, target: { kind: 'Node', name: node } },
					}),
			);
		} else if (object.status?.['containerStatuses'] === undefined) {
			const status = podStatus(object, `198.18.7.${(started += 1)}`);
			work = work.then(
				async () =>
					await api.call('PATCH', `${pods}/${name}/status`, {
						body: { status },
						contentType: 'application/merge-patch+json',
					}),
			);
		}
	});
	return {
		stop: async () => {
			await api.call('DELETE', `/api/v1/namespaces/${namespace}`);
			// The namespace itself may take its time; without its pods it needs no kubelet.
			await api.untilAll(pods, (left) => left.length === 0);
			watch.stop();
			await work;
			await api.call('DELETE', `/api/v1/nodes/${node}`);
			logs.closeAllConnections();
			await new Promise((resolve) => logs.close(resolve));
		},
	};
}

function podStatus(pod: ApiObject, podIP: string): object {
	const image = (pod.spec as { containers: Array<{ image: string }> }).containers[0]?.image ?? '';
	const [repository, digest = DIGESTS.old] = image.includes('@') ? image.split('@') : [image.replace(/:[^:/]+$/, '')];
	const waiting = { [DIGESTS.crash]: 'CrashLoopBackOff', [DIGESTS.unpullable]: 'ImagePullBackOff' }[digest];
	const ready = waiting === undefined && digest !== DIGESTS.slow;
	const state = waiting === undefined ? { running: {} } : { waiting: { reason: waiting } };
	const imageID = waiting === 'ImagePullBackOff' ? '' : `${repository}@${digest}`;
	return {
		phase: 'Running',
		podIP,
		podIPs: [{ ip: podIP }],
		conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
			type,
			status: ready || type === 'PodScheduled' || type === 'Initialized' ? 'True' : 'False',
		})),
		containerStatuses: [
			{ name: 'app', image, imageID, ready, restartCount: waiting === 'CrashLoopBackOff' ? 3 : 0, state },
		],
	};
}
