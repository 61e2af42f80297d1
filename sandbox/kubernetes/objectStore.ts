import type { ApiObject, ChangeType } from './model.ts';
import type { Resource } from './resources.ts';

/** One change, as the watch history keeps it. `previous` is absent for a creation. */
export interface StoreChange {
	readonly type: ChangeType;
	readonly version: number;
	readonly resource: Resource;
	readonly object: ApiObject;
	readonly previous: ApiObject | undefined;
}

/**
 * Versions begin here, as if the store had already been compacted up to this one: a watch from a lower version is told
 * that its version is too old, so that clients' handling of it can be tried at any time.
 */
const firstVersion = 1000;

/**
 * The objects, one version counter over all of them, and the last `historyLimit` changes. Objects are frozen: whoever
 * wants to change one changes a copy and puts that.
 */
export class ObjectStore {
	readonly #objects = new Map<Resource, Map<string, ApiObject>>();
	readonly #listeners = new Set<(change: StoreChange) => void>();
	readonly #historyLimit: number;
	#history: StoreChange[] = [];
	#version = firstVersion;
	#oldestVersion = firstVersion;

	constructor(historyLimit: number) {
		this.#historyLimit = historyLimit;
	}

	/** The version of the newest change. */
	get version(): number {
		return this.#version;
	}

	/** The oldest version that a watch can still begin from. */
	get oldestVersion(): number {
		return this.#oldestVersion;
	}

	get(resource: Resource, namespace: string | undefined, name: string): ApiObject | undefined {
		return this.#objects.get(resource)?.get(keyOf(namespace, name));
	}

	/** The objects of a kind, ordered by namespace and name; of one namespace when it is given. */
	list(resource: Resource, namespace?: string): ApiObject[] {
		const found = [...(this.#objects.get(resource)?.values() ?? [])];
		return found
			.filter((object) => namespace === undefined || object.metadata.namespace === namespace)
			.sort((a, b) =>
				keyOf(a.metadata.namespace, a.metadata.name) < keyOf(b.metadata.namespace, b.metadata.name) ? -1 : 1,
			);
	}

	/** Stores the object under a new version and reports the change. */
	put(resource: Resource, object: ApiObject): ApiObject {
		const ofKind = this.#objects.get(resource) ?? new Map<string, ApiObject>();
		this.#objects.set(resource, ofKind);
		const key = keyOf(object.metadata.namespace, object.metadata.name);
		const previous = ofKind.get(key);
		const stored = this.#stamp(object);
		ofKind.set(key, stored);
		this.#record({
			type: previous ? 'MODIFIED' : 'ADDED',
			resource,
			object: stored,
			previous,
			version: this.#version,
		});
		return stored;
	}

	/** Takes the object out; the change carries its last state (`last` when given) under a new version. */
	remove(resource: Resource, last: ApiObject): ApiObject {
		const previous = this.get(resource, last.metadata.namespace, last.metadata.name);
		this.#objects.get(resource)?.delete(keyOf(last.metadata.namespace, last.metadata.name));
		const stored = this.#stamp(last);
		this.#record({ type: 'DELETED', resource, object: stored, previous, version: this.#version });
		return stored;
	}

	/** The kept changes that are newer than `version`, oldest first. */
	changesSince(version: number): StoreChange[] {
		return this.#history.filter((change) => change.version > version);
	}

	/** Calls the listener on every later change, in order; the returned function ends that. */
	subscribe(listener: (change: StoreChange) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#stamp(object: ApiObject): ApiObject {
		this.#version += 1;
		const copy = structuredClone(object);
		copy.metadata.resourceVersion = String(this.#version);
		return freezeDeep(copy);
	}

	#record(change: StoreChange): void {
		this.#history.push(change);
		if (this.#history.length > this.#historyLimit * 1.2) {
			this.#history = this.#history.slice(-this.#historyLimit);
			this.#oldestVersion = (this.#history[0]?.version ?? this.#version) - 1;
		}
		for (const listener of [...this.#listeners]) listener(change);
	}
}

function keyOf(namespace: string | undefined, name: string): string {
	return `${namespace ?? ''}/${name}`;
}

function freezeDeep<T>(value: T): T {
	if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
		Object.freeze(value);
		for (const inner of Object.values(value)) freezeDeep(inner);
	}
	return value;
}
