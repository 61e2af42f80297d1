/** What a failed connection says about the target. */
export interface NetworkFailure {
	/** `failed`: the target refused, broke off or stayed silent. `gap`: we could not get out, or do not know why; it says nothing about the target. */
	readonly kind: 'failed' | 'gap';
	/** One line for people; holds no address, no URL and no secret. */
	readonly reason: string;
	/** errno or the driver's code; empty when there is none. */
	readonly code: string;
}

/** The target, or something that stands in for it, gave this. */
const FAILED: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'connection refused',
	ECONNRESET: 'connection reset',
	EPIPE: 'connection closed while sending',
	ETIMEDOUT: 'connection timed out',
	EHOSTUNREACH: 'host unreachable',
	EHOSTDOWN: 'host down',
	UND_ERR_SOCKET: 'connection closed by the other side',
	UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
	UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
	UND_ERR_BODY_TIMEOUT: 'the answer stopped half-way',
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut off',
	UND_ERR_HEADERS_OVERFLOW: 'the answer has too many headers',
};

/** Our own host, its resolver or its network gave this. */
const GAP: Readonly<Record<string, string>> = {
	ENOTFOUND: 'the name could not be resolved',
	EAI_AGAIN: 'the resolver did not answer',
	EAI_FAIL: 'the resolver failed',
	ENETUNREACH: 'our host has no route to the network',
	ENETDOWN: 'our host’s network is down',
	EADDRNOTAVAIL: 'our host has no free local address',
	EMFILE: 'our process has too many open files',
	ENFILE: 'our host has too many open files',
	EACCES: 'our host forbids the connection',
	EPERM: 'our host forbids the connection',
};

/** The TLS handshake or the certificate is wrong: every client of the target meets the same. */
const TLS = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/;
/** The answer is not HTTP. */
const MALFORMED = /^(HPE_|UND_ERR_INVALID_)/;

/** Whether no connection came about for a certificate, or for want of a common way to speak: it says nothing of what is behind it. */
export function isTlsFailure({ code }: Pick<NetworkFailure, 'code'>): boolean {
	return TLS.test(code);
}

/** Whether the dates of a certificate are to blame: time decides that, whatever version serves. */
export function isCertificateDate({ code }: Pick<NetworkFailure, 'code'>): boolean {
	return code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';
}

/** Classifies by errno or driver code, never by message text. A timeout of our own (`TimeoutError`) is the target's silence. */
export function classifyNetworkFailure(error: unknown): NetworkFailure {
	const chain = errorsIn(error);
	if (chain.some(({ name }) => name === 'TimeoutError'))
		return { kind: 'failed', reason: 'no answer in time', code: 'TIMEOUT' };
	const known = chain
		.map(({ code }) => code)
		.filter((code): code is string => typeof code === 'string')
		.map(classifyCode);
	// Several addresses may have been tried: one that the target answered tells more than one we could not reach.
	return (
		known.find(({ kind }) => kind === 'failed') ??
		known[0] ?? { kind: 'gap', reason: 'the request could not be made', code: '' }
	);
}

function classifyCode(code: string): NetworkFailure {
	const failed = FAILED[code];
	if (failed !== undefined) return { kind: 'failed', reason: failed, code };
	if (TLS.test(code)) return { kind: 'failed', reason: `the TLS connection failed (${code})`, code };
	if (MALFORMED.test(code)) return { kind: 'failed', reason: `the answer is not HTTP (${code})`, code };
	return { kind: 'gap', reason: GAP[code] ?? `the request could not be made (${code})`, code };
}

/** By shape, not by class: errors of Node's core come from another realm where code runs inside a vm. */
interface ErrorShape {
	readonly name?: unknown;
	readonly code?: unknown;
	readonly cause?: unknown;
	readonly errors?: unknown;
}

function errorsIn(error: unknown): ErrorShape[] {
	if (error === null || typeof error !== 'object') return [];
	const shape: ErrorShape = error;
	const tried: readonly unknown[] = Array.isArray(shape.errors) ? shape.errors : [];
	return [shape, ...tried.flatMap(errorsIn), ...errorsIn(shape.cause)];
}
