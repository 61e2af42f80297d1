import { badRequest, conflict, notFound } from './apiError.ts';
import { timestamp } from './clock.ts';
import { pods } from './resources.ts';
import type { Condition, Pod } from './model.ts';
import type { ObjectStore } from './objectStore.ts';

/**
 * Binds an unscheduled pod to the node that a `Binding` names, and copies the binding's annotations. Throws ApiError 400
 * (no target, another name), 404, 409 (bound already, being deleted, or another pod of that name).
 */
export function bindPod(store: ObjectStore, namespace: string, name: string, binding: unknown): void {
	const pod = store.get(pods, namespace, name) as Pod | undefined;
	if (!pod) throw notFound(pods, name);
	const { target, metadata } = (binding ?? {}) as {
		target?: { kind?: string; name?: string };
		metadata?: { name?: string; uid?: string; annotations?: Record<string, string> };
	};
	if (metadata?.name !== name) throw badRequest('name in URL does not match name in Binding object');
	if (!target?.name || (target.kind ?? 'Node') !== 'Node') throw badRequest('binding.target.name: Required value');
	if (metadata?.uid && metadata.uid !== pod.metadata.uid)
		throw conflict(pods, name, 'Precondition failed: UID differs');
	if (pod.metadata.deletionTimestamp)
		throw conflict(pods, name, `pod ${name} is being deleted, cannot be assigned to a host`);
	if (pod.spec.nodeName) {
		throw conflict(pods, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
	}
	const bound = structuredClone(pod);
	bound.spec.nodeName = target.name;
	if (metadata?.annotations) bound.metadata.annotations = { ...bound.metadata.annotations, ...metadata.annotations };
	const scheduled: Condition = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp() };
	const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
	bound.status = { ...bound.status, conditions: [...others, scheduled] };
	store.put(pods, bound);
}
