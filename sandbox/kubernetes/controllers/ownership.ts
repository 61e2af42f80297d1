import { apiVersionOf } from '../resources.ts';
import { matchesLabelSelector } from '../matchSelectors.ts';
import type { ClusterClient } from '../clusterClient.ts';
import type { ApiObject, LabelSelector, ObjectMeta, OwnerReference } from '../model.ts';
import type { Resource } from '../resources.ts';

/** The reference of the owner that manages the object, if it has one. */
export function controllerOf(metadata: ObjectMeta): OwnerReference | undefined {
	return metadata.ownerReferences?.find((reference) => reference.controller);
}

/** The reference that makes `owner` the managing owner of an object. */
export function controllerReference(resource: Resource, owner: ApiObject): OwnerReference {
	const { name, uid } = owner.metadata;
	return {
		apiVersion: apiVersionOf(resource),
		kind: resource.kind,
		name,
		uid,
		controller: true,
		blockOwnerDeletion: true,
	};
}

/**
 * The objects that a workload owns: those that carry its reference and match its selector. Matching objects without an
 * owner are adopted, owned ones that no longer match are released, as a person does who relabels a pod to look into it.
 */
export async function claimObjects<T extends ApiObject>(
	client: ClusterClient,
	owner: { resource: Resource; object: ApiObject; selector: LabelSelector },
	dependents: Resource,
): Promise<T[]> {
	const { uid, namespace, deletionTimestamp } = owner.object.metadata;
	const claimed: T[] = [];
	for (const object of await client.list<T>(dependents, namespace)) {
		const { metadata } = object;
		const controller = controllerOf(metadata);
		const matches = matchesLabelSelector(owner.selector, metadata.labels);
		if (controller?.uid === uid) {
			if (matches) claimed.push(object);
			else if (!deletionTimestamp) {
				metadata.ownerReferences = (metadata.ownerReferences ?? []).filter(
					(reference) => reference.uid !== uid,
				);
				await client.update(dependents, object);
			}
		} else if (!controller && matches && !deletionTimestamp && !metadata.deletionTimestamp) {
			const reference = controllerReference(owner.resource, owner.object);
			metadata.ownerReferences = [...(metadata.ownerReferences ?? []), reference];
			claimed.push(await client.update(dependents, object));
		}
	}
	return claimed;
}
