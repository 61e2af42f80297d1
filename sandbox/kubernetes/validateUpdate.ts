import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from './apiError.ts';
import type { ApiObject, Container } from './model.ts';
import type { Resource } from './resources.ts';

/** The rules a change breaks: what may not be changed once an object is there. */
export function validateUpdate(resource: Resource, object: ApiObject, previous: ApiObject): StatusCause[] {
	const spec = object['spec'] as Record<string, unknown> | undefined;
	const before = previous['spec'] as Record<string, unknown> | undefined;
	if (resource.kind === 'Deployment' || resource.kind === 'ReplicaSet') {
		return isDeepStrictEqual(spec?.['selector'], before?.['selector']) ? [] : [immutable('spec.selector')];
	}
	if (resource.kind === 'Service' && before?.['clusterIP'] !== spec?.['clusterIP'])
		return [immutable('spec.clusterIP')];
	if (resource.kind === 'Pod' && !isDeepStrictEqual(fixedPart(spec), fixedPart(before))) {
		return [
			{
				reason: 'FieldValueForbidden',
				message:
					'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,\
`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations`,`spec.terminationGracePeriodSeconds`',
				field: 'spec',
			},
		];
	}
	return [];
}

/** The fields of a pod's spec that stay free to change, besides its images. */
const freeFields = new Set(['activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds']);

function fixedPart(spec: Record<string, unknown> | undefined): unknown {
	const withoutImages = (list: string) =>
		((spec?.[list] ?? []) as Container[]).map((container) => ({ ...container, image: '' }));
	return {
		...Object.fromEntries(Object.entries(spec ?? {}).filter(([field]) => !freeFields.has(field))),
		containers: withoutImages('containers'),
		initContainers: withoutImages('initContainers'),
	};
}

function immutable(field: string): StatusCause {
	return { reason: 'FieldValueInvalid', message: 'Invalid value: field is immutable', field };
}
