import { startWorkQueue } from './workQueue.ts';
import { namespaces, resources } from '../resources.ts';
import type { ClusterClient } from '../clusterClient.ts';

/** How soon a namespace that still holds objects (pods that are ending) is looked at again, in milliseconds. */
const recheckMs = 100;

/** Empties and then removes every namespace that is being deleted. The returned function stops it. */
export function startNamespaceController(client: ClusterClient): () => void {
	const queue = startWorkQueue(async (name) => {
		const namespace = await client.get(namespaces, { name });
		if (!namespace?.metadata.deletionTimestamp) return;
		let left = 0;
		for (const resource of resources.filter(({ namespaced }) => namespaced)) {
			for (const { metadata } of await client.list(resource, name)) {
				if (!metadata.deletionTimestamp) await client.delete(resource, metadata);
			}
			left += (await client.list(resource, name)).length;
		}
		if (left === 0) await client.finalizeNamespace(name);
		else queue.enqueueAfter(name, recheckMs);
	});
	const stop = client.watch(namespaces, ({ object: { metadata } }) => {
		if (metadata.deletionTimestamp) queue.enqueue(metadata.name);
	});
	return () => {
		queue.stop();
		stop();
	};
}
