import { isDeepStrictEqual } from 'node:util';
import { badRequest, conflict, invalid, notFound } from './apiError.ts';
import { readObject } from './readObject.ts';
import { setDefaults } from './setDefaults.ts';
import { validateObject } from './validateObject.ts';
import type { ApiObject, ObjectMeta } from './model.ts';
import type { ObjectStore } from './objectStore.ts';
import type { Resource } from './resources.ts';
import type { WriteTarget } from './createObject.ts';

/** An object to be changed; `part` says which of its two halves the writer may change. */
export interface UpdateTarget extends WriteTarget {
	readonly name: string;
	readonly part: 'object' | 'status';
}

/**
 * Replaces an object (or its status) by a request body. A body that carries `metadata.resourceVersion` or `uid` is only
 * written over exactly that object. A write that changes nothing makes no new version. Throws ApiError 400, 404, 409, 422.
 */
export function updateObject(store: ObjectStore, target: UpdateTarget, input: unknown): ApiObject {
	const { resource, namespace, name, part } = target;
	const current = store.get(resource, namespace, name);
	if (!current) throw notFound(resource, name);
	const object = readObject(resource, input);
	checkIdentity(target, current, object.metadata);
	object.metadata = mergeMetadata(resource, object.metadata, current.metadata);
	setDefaults(resource, object);
	keepOtherPart(target, object, current);
	if (part === 'object') raiseGeneration(resource, object, current);
	const causes = validateObject(resource, object, current);
	if (causes.length > 0) throw invalid(resource, name, causes);
	if (isDeepStrictEqual(object, current)) return current;
	if (target.dryRun) return object;
	const isFinished = object.metadata.deletionTimestamp !== undefined && isReleased(resource, object.metadata);
	return isFinished ? store.remove(resource, object) : store.put(resource, object);
}

function checkIdentity({ resource, namespace, name }: UpdateTarget, current: ApiObject, given: ObjectMeta): void {
	if (given.name && given.name !== name) {
		throw badRequest(`the name of the object (${given.name}) does not match the name on the URL (${name})`);
	}
	if (given.namespace && given.namespace !== namespace) {
		throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
	}
	if (given.uid && given.uid !== current.metadata.uid) {
		throw conflict(
			resource,
			name,
			`Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${current.metadata.uid}`,
		);
	}
	if (given.resourceVersion && given.resourceVersion !== current.metadata.resourceVersion)
		throw conflict(resource, name);
}

/** Of the metadata only labels, annotations, owners and finalizers are the writer's; the rest is the server's. */
function mergeMetadata(resource: Resource, given: ObjectMeta, current: ObjectMeta): ObjectMeta {
	const merged: ObjectMeta = structuredClone(current);
	for (const field of ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const) {
		const value = given[field];
		const isEmpty = value === undefined || value === null || Object.keys(value).length === 0;
		if (isEmpty) Reflect.deleteProperty(merged, field);
		else Object.assign(merged, { [field]: value });
	}
	if (resource.kind === 'Namespace') {
		merged.labels = { ...merged.labels, 'kubernetes.io/metadata.name': current.name };
	}
	return merged;
}

function keepOtherPart({ resource, part }: UpdateTarget, object: ApiObject, current: ApiObject): void {
	if (!resource.subresources.includes('status')) return;
	const kept = part === 'object' ? 'status' : 'spec';
	if (current[kept] === undefined) Reflect.deleteProperty(object, kept);
	else object[kept] = structuredClone(current[kept]);
	if (part === 'status') {
		restore(object, current, 'ownerReferences');
		if (resource.kind === 'Deployment') restore(object, current, 'labels');
	} else if (resource.kind === 'Service') {
		const spec = object['spec'] as Record<string, unknown>;
		const before = current['spec'] as Record<string, unknown>;
		for (const field of ['clusterIP', 'clusterIPs']) spec[field] ??= structuredClone(before[field]);
	}
}

function restore(object: ApiObject, current: ApiObject, field: 'ownerReferences' | 'labels'): void {
	if (current.metadata[field] === undefined) Reflect.deleteProperty(object.metadata, field);
	else Object.assign(object.metadata, { [field]: structuredClone(current.metadata[field]) });
}

function raiseGeneration(resource: Resource, object: ApiObject, current: ApiObject): void {
	if (resource.generation === 'uncounted') return;
	const isEdited =
		!isDeepStrictEqual(desired(object), desired(current)) ||
		(resource.generation === 'spec-and-annotations' &&
			!isDeepStrictEqual(object.metadata.annotations ?? {}, current.metadata.annotations ?? {}));
	if (isEdited) object.metadata.generation = (current.metadata.generation ?? 0) + 1;
}

/** What a writer asks for: everything but identity and status. */
function desired(object: ApiObject): unknown {
	const { metadata: _metadata, status: _status, ...rest } = object;
	return rest;
}

function isReleased(resource: Resource, metadata: ObjectMeta): boolean {
	const isWaiting = resource.kind === 'Namespace' || (metadata.deletionGracePeriodSeconds ?? 0) > 0;
	return !isWaiting && !metadata.finalizers?.length;
}
