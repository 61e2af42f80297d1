import { availableParallelism, totalmem } from 'node:os';
import type { V1Node, V1NodeStatus } from '@kubernetes/client-node';
import { asMergePatch, statusOf } from './connectToApi.ts';
import type { ApiConnection } from './connectToApi.ts';
import type { Plain } from './plain.ts';

/** An API server calls a node lost after 40 s without one. */
const heartbeatMs = 10_000;

/** Registers this kubelet as a Node, with the port its logs are served on, and keeps saying that it lives until the returned function is called. */
export async function registerNode(
	connection: ApiConnection,
	{ name, port }: { name: string; port: number },
): Promise<() => void> {
	const startedAt = new Date();
	const node: Plain<V1Node> = {
		apiVersion: 'v1',
		kind: 'Node',
		metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
		spec: {},
	};
	try {
		await connection.core.createNode({ body: node });
	} catch (error) {
		if (statusOf(error) !== 409) throw error;
	}
	const beat = () =>
		connection.core.patchNodeStatus({ name, body: { status: describeNode({ port, startedAt }) } }, asMergePatch);
	await beat();
	const timer = setInterval(() => {
		beat().catch(() => {});
	}, heartbeatMs);
	return () => clearInterval(timer);
}

/** No Hostname among the addresses: API servers prefer it, and nothing resolves ours. */
function describeNode({ port, startedAt }: { port: number; startedAt: Date }): Plain<V1NodeStatus> {
	const capacity = { cpu: String(availableParallelism()), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: '110' };
	return {
		addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
		daemonEndpoints: { kubeletEndpoint: { Port: port } },
		capacity,
		allocatable: capacity,
		conditions: [
			{
				type: 'Ready',
				status: 'True',
				reason: 'KubeletReady',
				message: 'the process kubelet runs pods',
				lastHeartbeatTime: new Date(),
				lastTransitionTime: startedAt,
			},
		],
	};
}
