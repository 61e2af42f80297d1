import type { V1Pod } from '@kubernetes/client-node';
import { createCleanups } from '../cleanups.ts';
import { createPodIpAllocator } from './allocatePodIp.ts';
import { bindPod } from './bindPod.ts';
import { connectToApi } from './connectToApi.ts';
import type { ApiAddress } from './connectToApi.ts';
import { followObjects } from './followObjects.ts';
import type { Followed } from './followObjects.ts';
import { registerNode } from './registerNode.ts';
import { runPod } from './runPod.ts';
import type { RunningPod } from './runPod.ts';
import { serveLogs } from './serveLogs.ts';
import type { PodUsage } from './serveLogs.ts';

export interface KubeletOptions {
	readonly api: ApiAddress;
	readonly namespaces: readonly string[];
	readonly nodeName?: string;
	/** Where the pods' processes may keep compiled code, for a faster start; absent: nowhere. */
	readonly compileCacheDirectory?: string;
}

export interface KubeletHandle {
	readonly nodeName: string;
	/** Kills every pod's process; the objects in the API stay as they are. */
	stop(): Promise<void>;
}

/**
 * Starts a kubelet whose containers are processes of the demo application. It is a client of the Kubernetes API and of
 * nothing else: it registers a node, binds pods that nobody scheduled, runs those bound to it and tells their status.
 */
export async function startKubelet({
	api,
	namespaces,
	nodeName = 'sandbox-node',
	compileCacheDirectory,
}: KubeletOptions): Promise<KubeletHandle> {
	const cleanups = createCleanups();
	const connection = connectToApi(api);
	const running = new Map<string, RunningPod>();
	const followed: Followed<V1Pod>[] = [];
	const allocate = createPodIpAllocator();
	const allocated = new Map<string, string>();
	const baseEnvironment = {
		PATH: process.env['PATH'] ?? '',
		...(compileCacheDirectory ? { NODE_COMPILE_CACHE: compileCacheDirectory } : {}),
	};
	let stopped = false;

	function change(pod: V1Pod): void {
		const uid = pod.metadata?.uid ?? '';
		const existing = running.get(uid);
		if (existing) {
			existing.update(pod);
			return;
		}
		if (stopped) return;
		const assigned = pod.spec?.nodeName;
		if (!assigned && !pod.metadata?.deletionTimestamp) {
			bindPod(connection, pod, nodeName).catch(() => setTimeout(() => retryBinding(pod), 500).unref());
			return;
		}
		const phase = pod.status?.phase;
		if (assigned !== nodeName || phase === 'Succeeded' || phase === 'Failed') return;
		const podIp = allocateIp(pod);
		allocated.set(uid, podIp);
		running.set(uid, runPod({ connection, podIp, baseEnvironment }, pod));
		if (pod.metadata?.deletionTimestamp) running.get(uid)?.update(pod);
	}

	/** The pods that run, with what their containers use. */
	function listUsage(): PodUsage[] {
		return followed
			.flatMap((part) => part.objects())
			.flatMap(({ metadata }) => {
				const used = running.get(metadata?.uid ?? '')?.usage();
				return used ? [{ name: metadata?.name ?? '', namespace: metadata?.namespace ?? '', used }] : [];
			});
	}

	/** A watch says nothing about an object that does not change: what failed is tried again from our copy. */
	function retryBinding({ metadata }: V1Pod): void {
		const latest = followed.flatMap((part) => part.objects()).find((pod) => pod.metadata?.uid === metadata?.uid);
		if (latest) change(latest);
	}

	function allocateIp(pod: V1Pod): string {
		const known = pod.status?.podIP;
		if (known && ![...allocated.values()].includes(known)) return known;
		const seen = followed.flatMap((part) => part.objects()).map(({ status }) => status?.podIP ?? '');
		return allocate(new Set([...seen, ...allocated.values()]));
	}

	function forget(pod: V1Pod): void {
		const uid = pod.metadata?.uid ?? '';
		const gone = running.get(uid);
		running.delete(uid);
		allocated.delete(uid);
		void gone?.kill();
	}

	try {
		cleanups.add('pods', async () => {
			stopped = true;
			await Promise.all([...running.values()].map((pod) => pod.kill()));
		});
		const logs = await serveLogs(({ namespace, pod: name, container, previous }) => {
			const pod = followed
				.flatMap((part) => part.objects())
				.find(({ metadata }) => metadata?.name === name && metadata.namespace === namespace);
			return running.get(pod?.metadata?.uid ?? '')?.log(container, previous);
		}, listUsage);
		cleanups.add('log server', () => logs.close());
		cleanups.add('heartbeat', await registerNode(connection, { name: nodeName, port: logs.port }));
		for (const namespace of namespaces) {
			const pods = await followObjects<V1Pod>({
				connection,
				path: `/api/v1/namespaces/${namespace}/pods`,
				list: () => connection.core.listNamespacedPod({ namespace }),
				onChange: change,
				onDelete: forget,
			});
			followed.push(pods);
			cleanups.add(`watch of ${namespace}`, () => pods.stop());
		}
	} catch (error) {
		await cleanups.run();
		throw error;
	}
	return { nodeName, stop: () => cleanups.run() };
}
