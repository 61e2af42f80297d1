import type { Verdict } from '../../support/verdict';

/**
 * Glossary. A *suite* is the operators' own tests, as an image with arguments. It runs as a Kubernetes Job with one pod that is never started
 * again, and prints its *report*, JUnit XML, on its output.
 */
export interface SuiteJob {
	/** Of the Job: the same for the same suite of the same release. */
	readonly name: string;
	readonly namespace: string;
	/** With a digest. */
	readonly image: string;
	/** Empty: the image's own. */
	readonly command: readonly string[];
	readonly args: readonly string[];
	/** No secrets: everybody who may read Jobs reads them. */
	readonly environment: Readonly<Record<string, string>>;
	/** Names of Secrets whose keys become variables. */
	readonly secrets: readonly string[];
	/** Variables that are single keys of a Secret. Absent: none. */
	readonly keys?: readonly SecretKey[];
	/** Empty: the namespace's default one. */
	readonly serviceAccount: string;
	/** Kubernetes ends the pod then. */
	readonly deadlineSeconds: number;
	/** The release it runs for; empty without one. */
	readonly release: string;
}

/** A variable of a suite whose value a Secret holds, under the variable's own name. */
export interface SecretKey {
	readonly variable: string;
	readonly secret: string;
}

/** A Secret that lives no longer than the Job that reads it. */
export interface JobSecret {
	/** That of the Job, too. */
	readonly name: string;
	readonly namespace: string;
	/** UID of the Job: Kubernetes removes the Secret together with it. */
	readonly jobUid: string;
	readonly values: Readonly<Record<string, string>>;
}

/** What the API says of the Job. */
export interface JobFacts {
	readonly uid: string;
	readonly state: 'running' | 'complete' | 'failed';
	/** Reason of the condition that ended it, e.g. `DeadlineExceeded`; empty while it runs. */
	readonly reason: string;
}

/** What the API says of its pod. */
export interface SuitePod {
	readonly name: string;
	/** Reason why the container waits, e.g. `ImagePullBackOff`; empty when it does not. */
	readonly waiting: string;
	/** Null while it runs. */
	readonly exitCode: number | null;
}

/** What a suite printed. */
export interface SuiteLog {
	readonly text: string;
	/** True when more was printed than is read. */
	readonly isCut: boolean;
}

export interface FailedTest {
	readonly name: string;
	/** One line. */
	readonly message: string;
}

/** What the reports in a log say together. */
export interface SuiteReport {
	readonly tests: number;
	readonly failed: number;
	readonly skipped: number;
	/** Sum of the tests' own times, in milliseconds. */
	readonly durationMs: number;
	/** The first ones. */
	readonly failures: readonly FailedTest[];
}

export interface SuiteResult {
	readonly verdict: Verdict;
	/** One line for people. */
	readonly reason: string;
	/** Name of the Job. */
	readonly job: string;
	/** Empty when there was none. */
	readonly pod: string;
	readonly exitCode: number | null;
	/** Null when there was no readable report. */
	readonly report: SuiteReport | null;
	/** From starting or finding the Job to its end, in milliseconds. */
	readonly durationMs: number;
}

/**
 * The calls a suite makes to a Kubernetes API, each with a deadline of its own (10 s). All throw RunbookError
 * VALIDATION.CLUSTER_UNREACHABLE or CLUSTER_REFUSED.
 */
export interface SuiteCluster {
	/** Undefined when there is none of that name. */
	readJob(namespace: string, name: string): Promise<JobFacts | undefined>;
	/** False when there is one of that name already. Throws VALIDATION.JOB_REFUSED too. */
	createJob(job: SuiteJob): Promise<boolean>;
	/** With its pods; one that is gone already counts as deleted. */
	deleteJob(namespace: string, name: string, uid: string): Promise<void>;
	/** The latest pod of the Job; undefined before there is one, and after it was removed. */
	readPod(namespace: string, jobUid: string): Promise<SuitePod | undefined>;
	/** Undefined when there is none, because the pod is gone or its container never started. */
	readLog(namespace: string, pod: string): Promise<SuiteLog | undefined>;
	/** Closes its connections. */
	close(): Promise<void>;
}

/** The calls that give a Job what nobody else may read. They throw as those of SuiteCluster do, and never repeat a value. */
export interface JobSecrets {
	/** In place of one of that name, which an earlier attempt left. Throws VALIDATION.JOB_REFUSED too. */
	putSecret(secret: JobSecret): Promise<void>;
	/** One that is gone already counts as deleted. */
	deleteSecret(namespace: string, name: string): Promise<void>;
}
