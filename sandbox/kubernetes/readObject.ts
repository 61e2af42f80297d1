import { badRequest } from './apiError.ts';
import { apiVersionOf } from './resources.ts';
import type { ApiObject } from './model.ts';
import type { Resource } from './resources.ts';

type Fields = Record<string, unknown>;

/**
 * Takes a request body as an object of this kind, or throws 400 naming the field that cannot be decoded. The result is a
 * fresh copy with `metadata` present; `kind` and `apiVersion` may be left out, as in the API.
 */
export function readObject(resource: Resource, input: unknown): ApiObject {
	if (!isFields(input)) throw badRequest('the object provided is unrecognized: a JSON object is wanted');
	const apiVersion = input['apiVersion'] ?? apiVersionOf(resource);
	const kind = input['kind'] ?? resource.kind;
	if (apiVersion !== apiVersionOf(resource) || kind !== resource.kind) {
		throw badRequest(
			`the API version in the data (${JSON.stringify(apiVersion)}, Kind=${JSON.stringify(kind)}) does not match the expected API version \
(${apiVersionOf(resource)}, Kind=${resource.kind})`,
		);
	}
	const copy = withoutEmpty(input, false) as Fields;
	if (copy['spec'] !== undefined) copy['spec'] = withoutEmpty(copy['spec'], true);
	const metadata = copy['metadata'] ?? {};
	if (!isFields(metadata)) throw undecodable(resource, 'metadata', 'an object');
	for (const field of ['name', 'namespace', 'generateName', 'resourceVersion', 'uid']) {
		expectType(resource, metadata, field, 'string', `metadata.${field}`);
	}
	for (const field of ['labels', 'annotations']) checkStrings(resource, metadata[field], `metadata.${field}`);
	if (isFields(copy['spec'])) {
		for (const field of ['replicas', 'minReadySeconds', 'progressDeadlineSeconds', 'revisionHistoryLimit']) {
			expectType(resource, copy['spec'], field, 'number', `spec.${field}`);
		}
		if (resource.kind === 'Service') checkStrings(resource, copy['spec']['selector'], 'spec.selector');
	} else if (copy['spec'] !== undefined) {
		throw undecodable(resource, 'spec', 'an object');
	}
	return { ...copy, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata } as ApiObject;
}

/** A copy without nulls, which mean absent; in specs an empty list means absent too, so that equal templates are equal. */
function withoutEmpty(value: unknown, lists: boolean): unknown {
	if (Array.isArray(value)) return value.map((item) => withoutEmpty(item, lists));
	if (!isFields(value)) return value;
	const kept = Object.entries(value).filter(
		([, inner]) => inner !== null && inner !== undefined && !(lists && Array.isArray(inner) && inner.length === 0),
	);
	return Object.fromEntries(kept.map(([key, inner]) => [key, withoutEmpty(inner, lists)]));
}

function checkStrings(resource: Resource, value: unknown, path: string): void {
	if (value === undefined) return;
	if (!isFields(value)) throw undecodable(resource, path, 'map[string]string');
	for (const key of Object.keys(value)) expectType(resource, value, key, 'string', path);
}

function expectType(resource: Resource, holder: Fields, field: string, type: 'string' | 'number', path: string): void {
	const value = holder[field];
	if (value !== undefined && typeof value !== type) throw undecodable(resource, path, type);
	else if (type === 'number' && value !== undefined && !Number.isInteger(value))
		throw undecodable(resource, path, 'int32');
}

function undecodable(resource: Resource, path: string, type: string): Error {
	return badRequest(
		`${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: json: cannot unmarshal \
value into Go struct field ${resource.kind}.${path} of type ${type}`,
	);
}

function isFields(value: unknown): value is Fields {
	return value !== null && typeof value === 'object' && !Array.isArray(value);
}
