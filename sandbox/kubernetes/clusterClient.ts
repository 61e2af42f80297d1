import type { DeleteOptions } from './deleteObject.ts';
import type { ApiObject } from './model.ts';
import type { Resource } from './resources.ts';
import type { WatchEvent } from './watchObjects.ts';

/** Names one object. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectKey {
	readonly namespace?: string | undefined;
	readonly name: string;
}

/**
 * The few calls of the API that controllers make, with its semantics: writes with a stale `resourceVersion` fail with
 * ApiError 409, results are copies. Whatever implements it, in this process or over HTTPS, can drive the controllers.
 */
export interface ClusterClient {
	/** The object, or undefined when there is none. */
	get<T extends ApiObject>(resource: Resource, key: ObjectKey): Promise<T | undefined>;
	list<T extends ApiObject>(resource: Resource, namespace?: string): Promise<T[]>;
	create<T extends ApiObject>(resource: Resource, namespace: string, object: object): Promise<T>;
	update<T extends ApiObject>(resource: Resource, object: T): Promise<T>;
	updateStatus<T extends ApiObject>(resource: Resource, object: T): Promise<T>;
	/** Deletes the object; one that is gone already counts as deleted. */
	delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void>;
	/** Reports every object as ADDED, then each change. The returned function ends it. */
	watch(resource: Resource, onEvent: (event: WatchEvent) => void): () => void;
	/** Takes a namespace that holds nothing any more out of the store (the API's `finalize` call). */
	finalizeNamespace(name: string): Promise<void>;
}
