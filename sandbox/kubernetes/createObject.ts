import { randomInt, randomUUID } from 'node:crypto';
import { ApiError, alreadyExists, badRequest, invalid, notFound } from './apiError.ts';
import { timestamp } from './clock.ts';
import { readObject } from './readObject.ts';
import { namespaces, qualifiedName, services } from './resources.ts';
import { setDefaults } from './setDefaults.ts';
import { validateObject } from './validateObject.ts';
import type { ApiObject, ObjectMeta, Service } from './model.ts';
import type { ObjectStore } from './objectStore.ts';
import type { Resource } from './resources.ts';

/** Where a write goes, and whether it is only tried (`dryRun`). `namespace` is absent for cluster-scoped kinds. */
export interface WriteTarget {
	readonly resource: Resource;
	readonly namespace?: string | undefined;
	readonly dryRun?: boolean;
}

/**
 * Creates an object from a request body: defaults, validation, identity, generation. Throws ApiError 400 (undecodable, or
 * another namespace than the path's), 403 (namespace being deleted), 404 (no such namespace), 409 (exists), 422 (invalid).
 */
export function createObject(store: ObjectStore, target: WriteTarget, input: unknown): ApiObject {
	const { resource, namespace } = target;
	const object = readObject(resource, input);
	const given = object.metadata;
	if (given.namespace && given.namespace !== namespace) {
		throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
	}
	if (given.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
	object.metadata = newMetadata(resource, given, namespace);
	resetStatus(resource, object);
	setDefaults(resource, object);
	const name = object.metadata.name;
	if (!name) {
		throw invalid(resource, '', [
			{
				reason: 'FieldValueRequired',
				message: 'Required value: name or generateName is required',
				field: 'metadata.name',
			},
		]);
	}
	if (resource === services) assignClusterIp(store, object as Service);
	if (store.get(resource, namespace, name)) throw alreadyExists(resource, name);
	checkNamespace(store, target, name);
	const causes = validateObject(resource, object);
	if (causes.length > 0) throw invalid(resource, name, causes);
	return target.dryRun ? object : store.put(resource, object);
}

function newMetadata(resource: Resource, given: ObjectMeta, namespace: string | undefined): ObjectMeta {
	const { name, generateName, labels, annotations, ownerReferences, finalizers } = given;
	return {
		...(generateName === undefined ? {} : { generateName }),
		name: name || (generateName ? generateName + randomSuffix() : ''),
		...(namespace === undefined ? {} : { namespace }),
		uid: randomUUID(),
		resourceVersion: '',
		...(resource.generation === 'uncounted' ? {} : { generation: 1 }),
		creationTimestamp: timestamp(),
		...(labels ? { labels } : {}),
		...(annotations ? { annotations } : {}),
		...(ownerReferences ? { ownerReferences } : {}),
		...(finalizers?.length ? { finalizers } : {}),
	};
}

/** Five letters and digits that spell no words, as the API appends to `generateName`. */
function randomSuffix(): string {
	const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
	return Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

function resetStatus(resource: Resource, object: ApiObject): void {
	switch (resource.kind) {
		case 'Namespace':
			object['status'] = { phase: 'Active' };
			object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
			break;
		case 'Pod':
			object['status'] = { phase: 'Pending', qosClass: 'BestEffort' };
			break;
		case 'Deployment':
			object['status'] = {};
			break;
		case 'ReplicaSet':
			object['status'] = { replicas: 0 };
			break;
		case 'Job':
			object['status'] = {};
			break;
		case 'Service':
			object['status'] = { loadBalancer: {} };
			break;
		default:
	}
}

function checkNamespace(store: ObjectStore, { resource, namespace }: WriteTarget, name: string): void {
	if (namespace === undefined) return;
	const found = store.get(namespaces, undefined, namespace);
	if (!found) throw notFound(namespaces, namespace);
	if (found.metadata.deletionTimestamp) {
		throw new ApiError(
			403,
			'Forbidden',
			`${qualifiedName(resource)} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it \
is being terminated`,
			{
				name,
				kind: resource.plural,
				causes: [{ reason: 'NamespaceTerminating', message: 'namespace is being terminated' }],
			},
		);
	}
}

/** Gives the service a free address of 10.96.0.0/12 unless it brought one or wants none. */
function assignClusterIp(store: ObjectStore, service: Service): void {
	if (!service.spec || service.spec['type'] === 'ExternalName') return;
	const taken = new Set(store.list(services).map((other) => (other as Service).spec.clusterIP));
	while (!service.spec.clusterIP) {
		const candidate = `10.${96 + randomInt(16)}.${randomInt(256)}.${1 + randomInt(254)}`;
		if (!taken.has(candidate)) service.spec.clusterIP = candidate;
	}
	service.spec['clusterIPs'] = [service.spec.clusterIP];
}
