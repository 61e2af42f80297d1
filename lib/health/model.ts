import type { Verdict } from '../support/verdict';

/**
 * Glossary. A *probe* asks one target once. Its outcome is `ok`, `failed` (the target refused, timed out or answered wrongly)
 * or `gap` (the probe could not be made, it says nothing about the target). A *check* is so many probes and a verdict.
 */
export type ProbeOutcome = 'ok' | 'failed' | 'gap';

export interface ProbeResult {
	readonly outcome: ProbeOutcome;
	/** One line for people; for `ok` what was found. */
	readonly reason: string;
	/** True when nothing is wrong but the dates of a certificate: time decides that, whatever version serves. Absent: not so. */
	readonly dated?: boolean;
}

/** How one target came out. */
export interface TargetResult {
	readonly name: string;
	readonly verdict: Verdict;
	readonly reason: string;
	/** Of the latest probe, in milliseconds. */
	readonly durationMs: number;
}

/** An HTTP target's result. */
export interface HttpTargetResult extends TargetResult {
	/** Address without user, password, query and fragment. */
	readonly url: string;
	/** Status of the latest answer; null when none came. */
	readonly status: number | null;
	/** Probes that succeeded, and that were made. */
	readonly succeeded: number;
	readonly attempted: number;
}

/** What a value of the answer must be. */
export interface JsonAssertion {
	/** Dotted path, e.g. `database.status` or `checks.0.status`. */
	readonly path: string;
	readonly equals: unknown;
}

/** Where to ask and what a healthy answer looks like. */
export interface HttpTarget {
	readonly name: string;
	readonly url: string;
	readonly method: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Sent as it is; absent: no body. */
	readonly body?: string;
	readonly expectedStatus: number;
	readonly jsonAssertions: readonly JsonAssertion[];
	/** Text the body must hold; absent: any. */
	readonly textContains?: string;
	/** Version the answer must report at `versionPath`; absent: any. */
	readonly expectedVersion?: string;
	readonly versionPath: string;
	/** Whether the body must be JSON. */
	readonly expectJson: boolean;
	/** Whether an HTML page may be a healthy answer: a login or maintenance page comes with 200, too. */
	readonly allowHtml: boolean;
	/** Days for which the certificate must still be valid; absent: it must be valid now. */
	readonly certificateDays?: number;
	/** True for a provider's address, off the path of a release: when it fails, no other version helps. Absent: ours. */
	readonly external?: boolean;
	/** PEM of the authority that signs the target's certificate; absent: those that Node trusts. */
	readonly certificateAuthority?: string;
}

/** A port that must take connections. */
export interface TcpTarget {
	readonly name: string;
	readonly host: string;
	readonly port: number;
}

/** What came back. */
export interface HttpAnswer {
	readonly status: number;
	/** Without parameters, lower case; empty when the answer names none. */
	readonly contentType: string;
	/** When the first certificate on the way ends to be valid; null without TLS. */
	readonly certificateEndsAt: Date | null;
	/** Undefined when it was larger than the cap. */
	readonly body: string | undefined;
}
