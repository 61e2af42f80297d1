import { conflict, notFound } from './apiError.ts';
import { timestamp } from './clock.ts';
import type { ApiObject, Pod } from './model.ts';
import type { ObjectStore } from './objectStore.ts';
import type { Resource } from './resources.ts';

/** The part of `metav1.DeleteOptions` that is honoured; what is absent takes the kind's default. */
export interface DeleteOptions {
	readonly gracePeriodSeconds?: number;
	readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
	readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
	readonly dryRun?: boolean;
}

/** The outcome: `gone` is false while a grace period or a finalizer keeps the object, now marked as being deleted. */
export interface Deletion {
	readonly object: ApiObject;
	readonly gone: boolean;
}

const finalizerOf = { Background: undefined, Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const;

/**
 * Deletes an object. A bound pod is only marked, for its kubelet to end and then delete with grace period 0; a namespace,
 * and whatever has finalizers, is marked too. Throws ApiError 404, 409 (preconditions).
 */
export function deleteObject(
	store: ObjectStore,
	target: { resource: Resource; namespace?: string | undefined; name: string },
	options: DeleteOptions = {},
): Deletion {
	const { resource, namespace, name } = target;
	const current = store.get(resource, namespace, name);
	if (!current) throw notFound(resource, name);
	checkPreconditions(resource, current, options);
	const object = structuredClone(current);
	const finalizer = finalizerOf[options.propagationPolicy ?? 'Background'];
	if (finalizer) object.metadata.finalizers = [...new Set([...(object.metadata.finalizers ?? []), finalizer])];
	const graceSeconds = gracePeriod(resource, current, options);
	const isKept = graceSeconds > 0 || resource.kind === 'Namespace' || (object.metadata.finalizers?.length ?? 0) > 0;
	if (options.dryRun) return { object, gone: !isKept };
	if (!isKept) return { object: store.remove(resource, object), gone: true };
	const previous = current.metadata.deletionGracePeriodSeconds;
	const isMarked = current.metadata.deletionTimestamp !== undefined && !finalizer;
	if (isMarked && (previous === undefined || previous <= graceSeconds)) return { object: current, gone: false };
	object.metadata.deletionTimestamp = timestamp(Date.now() + graceSeconds * 1000);
	object.metadata.deletionGracePeriodSeconds = graceSeconds;
	if (resource.kind === 'Namespace') object['status'] = { phase: 'Terminating' };
	return { object: store.put(resource, object), gone: false };
}

function checkPreconditions(resource: Resource, current: ApiObject, { preconditions }: DeleteOptions): void {
	for (const field of ['uid', 'resourceVersion'] as const) {
		const wanted = preconditions?.[field];
		if (wanted !== undefined && wanted !== current.metadata[field]) {
			const label = field === 'uid' ? 'UID' : 'ResourceVersion';
			throw conflict(
				resource,
				current.metadata.name,
				`Precondition failed: ${label} in precondition: ${wanted}, ${label} in object meta: ${current.metadata[field]}`,
			);
		}
	}
}

/** Seconds of grace: only pods have any, and only when a kubelet is there to end them. */
function gracePeriod(resource: Resource, current: ApiObject, options: DeleteOptions): number {
	if (resource.kind !== 'Pod') return 0;
	const { spec, status } = current as Pod;
	if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0;
	return Math.max(0, options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30);
}
