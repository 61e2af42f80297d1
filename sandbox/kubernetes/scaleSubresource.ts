import { badRequest, invalid, notFound } from './apiError.ts';
import { formatLabelSelector } from './matchSelectors.ts';
import { updateObject } from './updateObject.ts';
import type { ReplicaSet, Scale } from './model.ts';
import type { ObjectStore } from './objectStore.ts';
import type { UpdateTarget } from './updateObject.ts';

/** The `autoscaling/v1` Scale of a Deployment or ReplicaSet. Throws ApiError 404. */
export function readScale(store: ObjectStore, target: UpdateTarget): Scale {
	const found = store.get(target.resource, target.namespace, target.name) as ReplicaSet | undefined;
	if (!found) throw notFound(target.resource, target.name);
	return toScale(found);
}

/**
 * Sets the replicas of the workload behind a Scale. A Scale that carries a `resourceVersion` or `uid` is only written over
 * exactly that workload. Throws ApiError 400, 404, 409, 422.
 */
export function updateScale(store: ObjectStore, target: UpdateTarget, input: unknown): Scale {
	const current = store.get(target.resource, target.namespace, target.name) as ReplicaSet | undefined;
	if (!current) throw notFound(target.resource, target.name);
	const { metadata, spec, kind } = (input ?? {}) as Partial<Scale>;
	if (kind !== undefined && kind !== 'Scale') throw badRequest(`expected input object type to be Scale, but ${kind}`);
	if (metadata?.name && metadata.name !== target.name) {
		throw badRequest(
			`the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`,
		);
	}
	const replicas = spec?.replicas ?? 0;
	if (!Number.isInteger(replicas))
		throw badRequest('json: cannot unmarshal value into ScaleSpec.spec.replicas of type int32');
	if (replicas < 0) {
		const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
		throw invalid(target.resource, target.name, [{ reason: 'FieldValueInvalid', message, field: 'spec.replicas' }]);
	}
	const scaled = structuredClone(current);
	scaled.spec.replicas = replicas;
	scaled.metadata.resourceVersion = metadata?.resourceVersion || current.metadata.resourceVersion;
	scaled.metadata.uid = metadata?.uid || current.metadata.uid;
	return toScale(updateObject(store, { ...target, part: 'object' }, scaled) as ReplicaSet);
}

function toScale({ metadata, spec, status }: ReplicaSet): Scale {
	const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
	return {
		kind: 'Scale',
		apiVersion: 'autoscaling/v1',
		metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
		spec: { replicas: spec.replicas },
		status: { replicas: status?.replicas ?? 0, selector: formatLabelSelector(spec.selector) },
	};
}
