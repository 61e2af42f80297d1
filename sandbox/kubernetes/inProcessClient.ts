import { ApiError } from './apiError.ts';
import { createObject } from './createObject.ts';
import { deleteObject } from './deleteObject.ts';
import { namespaces } from './resources.ts';
import { updateObject } from './updateObject.ts';
import { watchObjects } from './watchObjects.ts';
import type { ClusterClient } from './clusterClient.ts';
import type { ApiObject } from './model.ts';
import type { ObjectStore } from './objectStore.ts';
import type { Resource } from './resources.ts';

/** A client of the API that skips the network but nothing else: the same checks, the same errors, copies on both ways. */
export function createInProcessClient(store: ObjectStore): ClusterClient {
	const replace = async <T extends ApiObject>(resource: Resource, object: T, part: 'object' | 'status') => {
		const { namespace, name } = object.metadata;
		return overTheWire(updateObject(store, { resource, namespace, name, part }, overTheWire(object)) as T);
	};
	return {
		get: async <T extends ApiObject>(
			resource: Resource,
			{ namespace, name }: { namespace?: string | undefined; name: string },
		) => {
			const found = store.get(resource, namespace, name);
			return found && overTheWire(found as T);
		},
		list: async <T extends ApiObject>(resource: Resource, namespace?: string) =>
			store.list(resource, namespace).map((object) => overTheWire(object as T)),
		create: async <T extends ApiObject>(resource: Resource, namespace: string, object: object) =>
			overTheWire(createObject(store, { resource, namespace }, overTheWire(object)) as T),
		update: (resource, object) => replace(resource, object, 'object'),
		updateStatus: (resource, object) => replace(resource, object, 'status'),
		delete: async (resource, { namespace, name }, options) => {
			try {
				deleteObject(store, { resource, namespace, name }, options);
			} catch (error) {
				if (!(error instanceof ApiError) || error.status.code !== 404) throw error;
			}
		},
		watch: (resource, onEvent) => watchObjects(store, { selection: { resource } }, onEvent).stop,
		finalizeNamespace: async (name) => {
			const found = store.get(namespaces, undefined, name);
			if (found) store.remove(namespaces, found);
		},
	};
}

function overTheWire<T>(value: T): T {
	return JSON.parse(JSON.stringify(value)) as T;
}
