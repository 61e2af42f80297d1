import { queueKey, startWorkQueue } from './workQueue.ts';
import { events, resources } from '../resources.ts';
import type { ClusterClient } from '../clusterClient.ts';
import type { ApiObject, OwnerReference } from '../model.ts';
import type { Resource } from '../resources.ts';

/** Events name what they are about but are owned by nothing. */
const collected = resources.filter((resource) => resource !== events);

/**
 * Deletes objects whose owners are all gone, and carries out the `foregroundDeletion` and `orphan` finalizers. The
 * returned function stops it.
 */
export function startGarbageCollector(client: ClusterClient): () => void {
	const queue = startWorkQueue((key) => collect(client, key, (other) => queue.enqueue(other)));
	const stops = collected.map((resource) =>
		client.watch(resource, ({ type, object }) => {
			const { metadata } = object;
			const isBound = (metadata.ownerReferences?.length ?? 0) > 0 || (metadata.finalizers?.length ?? 0) > 0;
			if (type === 'DELETED') {
				queue.enqueue(`dependents|${metadata.uid}`);
				for (const { uid } of metadata.ownerReferences ?? []) queue.enqueue(`owner|${uid}`);
			} else if (isBound) queue.enqueue(objectTask(resource, object));
		}),
	);
	return () => {
		queue.stop();
		for (const stop of stops) stop();
	};
}

function objectTask(resource: Resource, { metadata }: ApiObject): string {
	return `object|${resource.plural}|${queueKey(metadata)}`;
}

async function collect(client: ClusterClient, task: string, enqueue: (task: string) => void): Promise<void> {
	const [kind, subject = '', key = ''] = task.split('|');
	if (kind === 'dependents') {
		for (const { resource, object } of await findObjects(client, ({ metadata }) =>
			owns(subject, metadata.ownerReferences),
		)) {
			enqueue(objectTask(resource, object));
		}
	} else if (kind === 'owner') {
		for (const { resource, object } of await findObjects(client, ({ metadata }) => metadata.uid === subject)) {
			if (object.metadata.finalizers?.length) enqueue(objectTask(resource, object));
		}
	} else {
		const resource = resources.find(({ plural }) => plural === subject);
		const [namespace, name = ''] = key.split('/');
		const object = resource && (await client.get(resource, { namespace: namespace || undefined, name }));
		if (resource && object) await collectObject(client, resource, object);
	}
}

async function collectObject(client: ClusterClient, resource: Resource, object: ApiObject): Promise<void> {
	const { metadata } = object;
	if (metadata.deletionTimestamp && metadata.finalizers?.includes('orphan'))
		await orphanDependents(client, resource, object);
	else if (metadata.deletionTimestamp && metadata.finalizers?.includes('foregroundDeletion')) {
		await deleteDependents(client, resource, object);
	} else if (!metadata.deletionTimestamp && metadata.ownerReferences?.length) {
		const alive = await Promise.all(
			metadata.ownerReferences.map((owner) => isAlive(client, metadata.namespace, owner)),
		);
		if (!alive.includes(true)) await client.delete(resource, metadata, { preconditions: { uid: metadata.uid } });
	}
}

async function isAlive(client: ClusterClient, namespace: string | undefined, owner: OwnerReference): Promise<boolean> {
	const resource = resources.find(({ kind }) => kind === owner.kind);
	if (!resource) return true;
	const found = await client.get(resource, {
		namespace: resource.namespaced ? namespace : undefined,
		name: owner.name,
	});
	return found?.metadata.uid === owner.uid;
}

async function orphanDependents(client: ClusterClient, resource: Resource, owner: ApiObject): Promise<void> {
	const { uid } = owner.metadata;
	for (const dependent of await findObjects(client, ({ metadata }) => owns(uid, metadata.ownerReferences))) {
		const { metadata } = dependent.object;
		metadata.ownerReferences = (metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
		await client.update(dependent.resource, dependent.object);
	}
	await removeFinalizer(client, resource, { owner, finalizer: 'orphan' });
}

async function deleteDependents(client: ClusterClient, resource: Resource, owner: ApiObject): Promise<void> {
	const { uid } = owner.metadata;
	const dependents = await findObjects(client, ({ metadata }) => owns(uid, metadata.ownerReferences));
	for (const { resource: kind, object } of dependents) {
		if (!object.metadata.deletionTimestamp)
			await client.delete(kind, object.metadata, { propagationPolicy: 'Foreground' });
	}
	const isBlocked = dependents.some(({ object }) =>
		object.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion),
	);
	if (!isBlocked) await removeFinalizer(client, resource, { owner, finalizer: 'foregroundDeletion' });
}

async function removeFinalizer(
	client: ClusterClient,
	resource: Resource,
	{ owner, finalizer }: { owner: ApiObject; finalizer: string },
): Promise<void> {
	const finalizers = (owner.metadata.finalizers ?? []).filter((name) => name !== finalizer);
	await client.update(resource, { ...owner, metadata: { ...owner.metadata, finalizers } });
}

async function findObjects(
	client: ClusterClient,
	matches: (object: ApiObject) => boolean,
): Promise<{ resource: Resource; object: ApiObject }[]> {
	const lists = await Promise.all(
		collected.map(async (resource) =>
			(await client.list(resource)).filter(matches).map((object) => ({ resource, object })),
		),
	);
	return lists.flat();
}

function owns(uid: string, references: readonly OwnerReference[] | undefined): boolean {
	return references?.some((reference) => reference.uid === uid) ?? false;
}
