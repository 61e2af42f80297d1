import type { Verdict } from '../../support/verdict';

/**
 * Glossary. A *journey* is what a user does, as a list of *steps*: requests to one address, each with what a right answer is. A step may
 * *extract* values of its answer, which later steps use as `${name}`. A *clean-up* step takes back what the journey created.
 */
export type JsonValue =
	string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** What stands for `${name}` in a step. */
export type Values = ReadonlyMap<string, string | number | boolean>;

/** Bytes that are made up anew for each run and sent as a form's file. */
export interface UploadedFile {
	/** The form's field. */
	readonly field: string;
	readonly name: string;
	readonly contentType: string;
	readonly sizeBytes: number;
}

export interface Extraction {
	/** RFC 6901 pointer into the JSON answer. */
	readonly pointer: string;
	/** False: the value is a secret and masked wherever it would show. */
	readonly show: boolean;
}

export interface StepExpectation {
	/** Any of these. */
	readonly statuses: readonly number[];
	/** By RFC 6901 pointer; values may hold `${name}`. */
	readonly json: Readonly<Record<string, JsonValue>>;
	/** Name of the earlier step whose file's bytes the answer must be; absent: any. */
	readonly bytesOf?: string;
}

/** The same request again and again, for a sample of response times. */
export interface StepTiming {
	readonly samples: number;
	/** Largest allowed 95th percentile, in milliseconds; absent: measured, not judged. */
	readonly p95Ms?: number;
}

export interface JourneyStep {
	readonly name: string;
	readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** From `/` on; values are URL-encoded. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Sent as JSON; absent: none. */
	readonly body?: JsonValue;
	/** Sent as a form; absent: none. */
	readonly file?: UploadedFile;
	readonly expect: StepExpectation;
	readonly extract: Readonly<Record<string, Extraction>>;
	/** Absent: asked once. */
	readonly timing?: StepTiming;
	/** Whether it is asked again when no answer or a server's own failure came. */
	readonly retry: boolean;
	readonly cleanup: boolean;
}

/** What came back. */
export interface JourneyAnswer {
	readonly status: number;
	/** Undefined when it was larger than the cap. */
	readonly bytes: Buffer | undefined;
}

/** `gap`: the request could not be made, which says nothing about the application. `skipped`: an earlier step did not come out well. */
export type StepOutcome = 'ok' | 'failed' | 'gap' | 'skipped';

/** Response times in milliseconds, from connecting to the last byte; percentiles by nearest rank. */
export interface TimeSummary {
	readonly samples: number;
	/** Requests of the sample that did not come out well; their times are not counted. */
	readonly failed: number;
	readonly p50Ms: number | null;
	readonly p95Ms: number | null;
	readonly p99Ms: number | null;
	readonly maximumMs: number | null;
}

export interface JourneyStepResult {
	readonly name: string;
	readonly method: string;
	/** As written in the step, before values are filled in. */
	readonly path: string;
	readonly outcome: StepOutcome;
	/** One line for people: what was got and what was expected. */
	readonly reason: string;
	/** Of the latest answer; null when none came. */
	readonly status: number | null;
	/** Of the latest request, in milliseconds. */
	readonly durationMs: number;
	readonly attempts: number;
	/** Null where no sample was asked for. */
	readonly times: TimeSummary | null;
	/** Extracted values; secrets are masked. */
	readonly extracted: Readonly<Record<string, string | number | boolean>>;
}

export interface JourneyResult {
	readonly verdict: Verdict;
	/** The step that decided, what was expected and got; empty when all went well. */
	readonly reason: string;
	/** What `${run}` stood for: marks whatever this run created. */
	readonly run: string;
	readonly steps: readonly JourneyStepResult[];
	/** Clean-up steps that did not come out well: what they should have taken back is still there. */
	readonly leftBehind: readonly string[];
}
