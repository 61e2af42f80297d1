import { storageErrors } from './errors';

/** What was tried, for the message: `upload`, `read`. */
export interface StorageAction {
	readonly action: string;
	readonly bucket: string;
	readonly signal?: AbortSignal;
}

/**
 * The SDK's error as ours, decided by its name and HTTP status. Its message is dropped: a signature error carries the signed request.
 * An aborted call gives the signal's own reason.
 */
export function storageError(error: unknown, { action, bucket, signal }: StorageAction): unknown {
	if (signal?.aborted) return signal.reason;
	const { name, status, code } = readFacts(error);
	const problem = [name, code, status === undefined ? undefined : `HTTP ${status}`]
		.filter((part) => part !== undefined)
		.join(', ');
	if (name === 'NoSuchBucket') return storageErrors.BUCKET_MISSING({ bucket });
	if (status === 401 || status === 403) return storageErrors.ACCESS_DENIED({ action, bucket, problem });
	return storageErrors.UNAVAILABLE({ action, bucket, problem });
}

/** True when a condition of the request does not hold: the object is not, or no more, the version that was asked for. */
export function isOtherVersion(error: unknown): boolean {
	const { name, status } = readFacts(error);
	return name === 'PreconditionFailed' || status === 412;
}

/** True when storage says so without saying why: an answer to HEAD has no body. */
export function isDenied(error: unknown): boolean {
	const { status } = readFacts(error);
	return status === 401 || status === 403;
}

/** True when storage answered at all: then it said no, and asking again says the same. */
export function isAnswered(error: unknown): boolean {
	return readFacts(error).status !== undefined;
}

/** True when the object, not the bucket, is missing. A HEAD has no body, so it cannot tell them apart. */
export function isMissingObject(error: unknown): boolean {
	const { name, status } = readFacts(error);
	return name === 'NoSuchKey' || (status === 404 && name !== 'NoSuchBucket');
}

function readFacts(error: unknown): { name: string; status?: number; code?: string } {
	if (typeof error !== 'object' || error === null) return { name: 'unknown' };
	const { name, $metadata, code } = error as {
		name?: unknown;
		$metadata?: { httpStatusCode?: unknown };
		code?: unknown;
	};
	const status = $metadata?.httpStatusCode;
	return {
		name: typeof name === 'string' ? name : 'unknown',
		...(typeof status === 'number' ? { status } : {}),
		...(typeof code === 'string' ? { code } : {}),
	};
}
