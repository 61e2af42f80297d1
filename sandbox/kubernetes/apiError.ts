import { qualifiedName } from './resources.ts';
import type { Resource } from './resources.ts';

/** One reason of an invalid object, in the API's own shape. */
export interface StatusCause {
	readonly reason: string;
	readonly message: string;
	readonly field?: string;
}

/** The v1 `Status` that every failed call answers with. */
export interface Status {
	readonly kind: 'Status';
	readonly apiVersion: 'v1';
	readonly metadata: Record<string, never>;
	readonly status: 'Success' | 'Failure';
	readonly message?: string;
	readonly reason?: string;
	readonly details?: Record<string, unknown>;
	readonly code?: number;
}

/** A refusal of the API: `status.code` is the HTTP status, `status.reason` the machine-readable word clients decide by. */
export class ApiError extends Error {
	readonly status: Status;

	constructor(code: number, reason: string, message: string, details?: Record<string, unknown>) {
		super(message);
		this.name = 'ApiError';
		this.status = {
			kind: 'Status',
			apiVersion: 'v1',
			metadata: {},
			status: 'Failure',
			message,
			reason,
			...(details === undefined ? {} : { details }),
			code,
		};
	}
}

function detailsOf(resource: Resource, name: string): Record<string, unknown> {
	return { name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.plural };
}

/** 404: the kind exists, the object does not. */
export function notFound(resource: Resource, name: string): ApiError {
	return new ApiError(404, 'NotFound', `${qualifiedName(resource)} "${name}" not found`, detailsOf(resource, name));
}

/** 404: no such path, group, kind or subresource. */
export function unknownPath(): ApiError {
	return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** 409: an object of that name is already there. */
export function alreadyExists(resource: Resource, name: string): ApiError {
	return new ApiError(
		409,
		'AlreadyExists',
		`${qualifiedName(resource)} "${name}" already exists`,
		detailsOf(resource, name),
	);
}

/** 409: the write was based on an older version of the object, or a precondition did not hold. */
export function conflict(resource: Resource, name: string, why: string = staleVersion): ApiError {
	return new ApiError(
		409,
		'Conflict',
		`Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${why}`,
		detailsOf(resource, name),
	);
}

const staleVersion = 'the object has been modified; please apply your changes to the latest version and try again';

/** 422: the object breaks the rules of its kind; one cause a field. */
export function invalid(resource: Resource, name: string, causes: readonly StatusCause[]): ApiError {
	const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
	const list = causes.map((cause) => `${cause.field ?? ''}: ${cause.message}`);
	const text = list.length === 1 ? list[0] : `[${list.join(', ')}]`;
	return new ApiError(422, 'Invalid', `${kind} "${name}" is invalid: ${text}`, {
		name,
		...(resource.group === '' ? {} : { group: resource.group }),
		kind: resource.kind,
		causes,
	});
}

/** 422 without causes: what the API says when a JSON patch cannot be applied, a failed `test` included. */
export function patchRejected(): ApiError {
	return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

/** 400: the request cannot be understood. */
export function badRequest(message: string): ApiError {
	return new ApiError(400, 'BadRequest', message);
}

/** 410: the version asked for is no longer in the watch history. */
export function expired(asked: number, oldest: number): ApiError {
	return new ApiError(410, 'Expired', `too old resource version: ${asked} (${oldest})`);
}

/** 504: the version asked for lies in the future. */
export function tooLargeVersion(asked: number, current: number): ApiError {
	return new ApiError(504, 'Timeout', `Too large resource version: ${asked}, current: ${current}`, {
		causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
		retryAfterSeconds: 1,
	});
}
