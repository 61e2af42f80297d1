import { RunbookError } from '../../support/runbookError';
import { validationErrors } from '../errors';

/** What is asked of the API. */
export interface JobCall {
	readonly verb: 'get' | 'list' | 'create' | 'delete';
	/** Plural as roles name it. */
	readonly kind: 'jobs' | 'pods' | 'pods/log' | 'secrets';
	readonly namespace: string;
	/** Of the Job or Secret that is created; absent for other calls. */
	readonly name?: string;
	/** HTTP statuses that are an answer and no error; absent: none is. */
	readonly absent?: readonly number[];
}

/** Sends a call; undefined when its answer is one of the `absent` statuses. @throws RunbookError VALIDATION.CLUSTER_UNREACHABLE, CLUSTER_REFUSED, JOB_REFUSED */
export async function apiCall<T>(call: JobCall, send: () => Promise<T>): Promise<T | undefined> {
	try {
		return await send();
	} catch (error) {
		if (error instanceof RunbookError) throw error;
		if (call.absent?.includes(statusOf(error) ?? 0)) return undefined;
		throw explain(call, error);
	}
}

/** The HTTP status of a refused call; undefined when no answer came. */
export function statusOf(error: unknown): number | undefined {
	const code: unknown = isRecord(error) ? error.code : undefined;
	// An aborted call has a numeric code too, below 100.
	return typeof code === 'number' && code >= 100 ? code : undefined;
}

/** Decided by the HTTP status alone; the driver's own error repeats headers and bodies and is dropped. */
function explain({ verb, kind, namespace, name = '' }: JobCall, error: unknown): RunbookError {
	const status = statusOf(error);
	if (status === undefined) {
		const problem = codeOf(error) ?? 'no answer within 10 s';
		return validationErrors.CLUSTER_UNREACHABLE({ verb, kind, namespace, problem });
	}
	if (status === 429 || status >= 500)
		return validationErrors.CLUSTER_UNREACHABLE({ verb, kind, namespace, problem: `HTTP ${status}` });
	if (status === 401 || status === 403) return validationErrors.CLUSTER_REFUSED({ verb, kind, namespace, status });
	// What the API says of a Secret may quote it.
	const told = kind === 'secrets' ? undefined : messageOf(error);
	const problem = told ?? `it answers ${verb} ${kind} with an error`;
	return validationErrors.JOB_REFUSED({ name, namespace, status, problem });
}

/** errno or the driver's code. */
function codeOf(error: unknown): string | undefined {
	if (!isRecord(error)) return undefined;
	return typeof error.code === 'string' ? error.code : codeOf(error.cause);
}

/** The `message` of the Status object that the API answers with. */
function messageOf(error: unknown): string | undefined {
	const body: unknown = isRecord(error) ? error.body : undefined;
	const status: unknown = typeof body === 'string' ? parseJson(body) : body;
	return isRecord(status) && typeof status.message === 'string' ? status.message : undefined;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return value !== null && typeof value === 'object';
}
