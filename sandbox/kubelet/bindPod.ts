import type { V1Binding, V1Pod } from '@kubernetes/client-node';
import { statusOf } from './connectToApi.ts';
import type { ApiConnection } from './connectToApi.ts';
import type { Plain } from './plain.ts';

/** Binds a pod that no scheduler placed to the node. Another scheduler being faster, or the pod being gone, is fine. */
export async function bindPod(connection: ApiConnection, { metadata }: V1Pod, nodeName: string): Promise<void> {
	const name = metadata?.name ?? '';
	const namespace = metadata?.namespace ?? '';
	const uid = metadata?.uid;
	const body: Plain<V1Binding> = {
		metadata: { name, namespace, ...(uid ? { uid } : {}) },
		target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
	};
	try {
		await connection.core.createNamespacedPodBinding({ name, namespace, body });
	} catch (error) {
		if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
	}
}
