import jsonPatch from 'fast-json-patch';
import { ApiError, badRequest, patchRejected } from './apiError.ts';
import { strategicMerge } from './strategicMerge.ts';

type Fields = Record<string, unknown>;

/** The patch media types that are understood. */
export const patchTypes = [
	'application/json-patch+json',
	'application/merge-patch+json',
	'application/strategic-merge-patch+json',
] as const;

/**
 * Applies a patch to a copy of a wire object. Throws ApiError 400 (not a patch), 415 (another media type), 422 (a JSON
 * patch that cannot be applied: a failed `test`, a path that is not there).
 */
export function applyPatch(object: object, mediaType: string, body: string): unknown {
	const copy = structuredClone(object) as Fields;
	switch (mediaType) {
		case 'application/json-patch+json':
			return applyJsonPatch(copy, parse(body));
		case 'application/merge-patch+json':
			return mergePatch(copy, parseFields(body));
		case 'application/strategic-merge-patch+json':
			return strategicMerge(copy, parseFields(body));
		default:
			throw new ApiError(
				415,
				'UnsupportedMediaType',
				`the body of the request was in an unknown format - accepted media types include: ${patchTypes.join(', ')}`,
				{},
			);
	}
}

function applyJsonPatch(object: Fields, patch: unknown): unknown {
	if (!Array.isArray(patch)) throw badRequest('a JSON patch must be an array of operations');
	if (patch.length > 10_000)
		throw new ApiError(413, 'RequestEntityTooLarge', 'The allowed maximum operations is 10000');
	try {
		let document: unknown = object;
		for (const operation of patch as jsonPatch.Operation[])
			document = jsonPatch.applyOperation(document, asTheServerReadsIt(document, operation), true).newDocument;
		return document;
	} catch (error) {
		if (error instanceof jsonPatch.JsonPatchError || error instanceof TypeError) throw patchRejected();
		throw error;
	}
}

/** Beyond RFC 6902: the API server's library takes a `replace` of a key that is not there for an `add`. */
function asTheServerReadsIt(document: unknown, operation: jsonPatch.Operation): jsonPatch.Operation {
	if (operation.op !== 'replace' || jsonPatch.getValueByPointer(document, operation.path) !== undefined)
		return operation;
	const parent: unknown = jsonPatch.getValueByPointer(document, operation.path.replace(/\/[^/]*$/, ''));
	return isFields(parent) ? { ...operation, op: 'add' } : operation;
}

/** RFC 7386: null removes, objects merge, everything else replaces. */
function mergePatch(target: unknown, patch: unknown): unknown {
	if (!isFields(patch)) return patch;
	const merged: Fields = isFields(target) ? { ...target } : {};
	for (const [key, value] of Object.entries(patch)) {
		if (value === null) Reflect.deleteProperty(merged, key);
		else merged[key] = mergePatch(merged[key], value);
	}
	return merged;
}

function parseFields(body: string): Fields {
	const patch = parse(body);
	if (!isFields(patch)) throw badRequest('a merge patch must be an object');
	return patch;
}

function parse(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		throw badRequest('error decoding patch: the body is not JSON');
	}
}

function isFields(value: unknown): value is Fields {
	return value !== null && typeof value === 'object' && !Array.isArray(value);
}
