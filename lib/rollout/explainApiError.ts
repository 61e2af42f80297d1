import { redact } from '../support/redact';
import type { RunbookError } from '../support/runbookError';
import { rolloutErrors } from './errors';

/** What was asked of the API. */
export interface ApiCall {
	readonly verb: 'get' | 'list' | 'create' | 'patch' | 'delete';
	/** Plural as roles name it, e.g. `deployments` or `pods/log`. */
	readonly kind: string;
	/** Empty for lists. */
	readonly name: string;
	/** Empty for calls outside of a namespace. */
	readonly namespace: string;
}

/**
 * A failed call as one of the package's errors, decided by the HTTP status alone. The driver's own error is dropped: its text
 * repeats response headers and bodies. `secrets` are masked in what the API says.
 */
export function explainApiError(call: ApiCall, error: unknown, secrets: readonly string[] = []): RunbookError {
	const status = httpStatus(error);
	const meta = { verb: call.verb, kind: call.kind, name: call.name, namespace: call.namespace };
	if (status === undefined) return rolloutErrors.UNREACHABLE({ ...meta, problem: networkProblem(error) });
	const problem = redact(statusMessage(error) ?? `HTTP ${status}`, secrets);
	if (status === 401) return rolloutErrors.UNAUTHORIZED(meta);
	if (status === 403) return rolloutErrors.FORBIDDEN(meta);
	if (status === 404) return rolloutErrors.NOT_FOUND(meta);
	if (status === 409) return rolloutErrors.CONFLICT(meta);
	if (status === 422) return rolloutErrors.TEST_FAILED({ ...meta, problem });
	if (status === 429 || status >= 500)
		return rolloutErrors.UNREACHABLE({ ...meta, problem: `HTTP ${status}: ${problem}` });
	return rolloutErrors.REFUSED({ ...meta, status, problem });
}

function httpStatus(error: unknown): number | undefined {
	if (!isRecord(error) || typeof error.code !== 'number') return undefined;
	// DOMException (an aborted call) has a numeric code too, below 100.
	return error.code >= 100 ? error.code : undefined;
}

/** The `message` of the Status object that the API answers with. */
function statusMessage(error: unknown): string | undefined {
	if (!isRecord(error)) return undefined;
	const body = typeof error.body === 'string' ? parseJson(error.body) : error.body;
	return isRecord(body) && typeof body.message === 'string' ? body.message : undefined;
}

function networkProblem(error: unknown): string {
	if (!(error instanceof Error) && !isRecord(error)) return String(error);
	if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer within 10 s';
	const { cause } = error;
	if (isRecord(cause) && typeof cause.code === 'string') return cause.code;
	return isRecord(cause) && typeof cause.message === 'string' ? cause.message : String(error.message);
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
