import type { Verdict } from '../support/verdict';

/**
 * Glossary. A *release* is one run of the runbook for one environment. The *ledger* remembers it in Postgres. The *lock* is
 * the environment's row: one release holds it, and each taking raises its *fencing token*; a holder with an older token is
 * refused every write. A *step* is one recorded operation, named by its step key (`1.2/verify-backup`).
 */
export type TerminalState =
	| 'succeeded'
	| 'rejected'
	| 'failed-before-change'
	| 'stopped-schema-ahead'
	| 'rolled-back-verified'
	| 'rolled-back-unverified'
	| 'needs-human';
/** `waiting`: for a person, until when is said and no heartbeat is judged. `watching`: the new version serves under watch. */
export type LiveState = 'running' | 'waiting' | 'watching';
export type ReleaseState = LiveState | TerminalState;

/** What a node needs to act for a release; travels in hidden parameters. */
export interface ReleaseContext {
	readonly id: string;
	/** The fencing token the node was given; never re-read. */
	readonly token: number;
}

/** One workload's image, resolved to a digest before anything is touched. */
export interface ReleaseImage {
	/** Workload (Service) name, e.g. `case-management-backend`. */
	readonly workload: string;
	/** Repository with digest, e.g. `registry.example.com/backend@sha256:…`. */
	readonly image: string;
}

export interface Release extends ReleaseContext {
	readonly environment: string;
	readonly version: string;
	/** Git commit; empty when the starter named none. */
	readonly commit: string;
	readonly images: readonly ReleaseImage[];
	/** Who or what started it: a person's name from the form, or the CI's webhook. */
	readonly startedBy: string;
	/** Who wrote the commits, by name or address; they may not approve. Empty when the starter named none. */
	readonly authors: readonly string[];
	readonly state: ReleaseState;
	/** True for a manual run in the editor: gates run, nothing is changed, no lock is held. */
	readonly rehearsal: boolean;
	/** True when it deploys no image and runs the migrations that earlier releases held back. */
	readonly contracts: boolean;
	/** The delivery (webhook id) that started it; empty for other triggers. */
	readonly deliveryId: string;
	/** n8n execution of the workflow that began it, or resumed it last. */
	readonly executionId: string;
	/** Who started it although the change calendar was closed, and why; null when nobody had to. */
	readonly override: WindowOverride | null;
	/** How often it was resumed after a run died. */
	readonly resumes: number;
	readonly startedAt: Date;
	/** Until when it waits for a person; null when it does not wait. */
	readonly waitingUntil: Date | null;
	/** Until when it is watched; null before it entered watching. */
	readonly watchUntil: Date | null;
	/** When a rollback took it over; null before. From then on it can only be rolled back. */
	readonly rollingBackAt: Date | null;
	/** From which step on going back loses data; null while nothing is lost. */
	readonly pointOfNoReturn: PointOfNoReturn | null;
	readonly finishedAt: Date | null;
	/** Why it ended, or who took it over; empty before. */
	readonly reason: string;
	/** Last sign of life of the run that holds its environment; null when it holds none. */
	readonly heartbeatAt: Date | null;
}

/** A written override of a closed change calendar. */
export interface WindowOverride {
	readonly person: string;
	readonly reason: string;
}

/** Since when versions that were live before cannot run on the schema. */
export interface SchemaFloor {
	/** The oldest version that can. */
	readonly version: string;
	/** The release that took away what older ones need. */
	readonly releaseId: string;
	readonly since: Date;
}

export interface PointOfNoReturn {
	readonly stepKey: string;
	/** ISO 8601. */
	readonly since: string;
	/** What going back would lose. */
	readonly reason: string;
}

export type StepState = 'started' | Verdict;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A step as the ledger holds it. `change` steps are passed or failed; `verdict` steps carry their verdict. */
export interface StepRecord {
	readonly stepKey: string;
	/** The service's name where one step has many items; empty otherwise. */
	readonly itemKey: string;
	readonly kind: StepKind;
	readonly state: StepState;
	readonly inputHash: string;
	readonly attempts: number;
	readonly startedAt: Date;
	readonly finishedAt: Date | null;
	/** What the operation returned; null while started or after an error. */
	readonly result: Json;
	/** Numbers and proofs for the report. */
	readonly evidence: Json;
	/** How to undo it; null when it changes nothing or cannot be undone. */
	readonly inverse: Json;
	/** `{ code, message }` of the last error; null otherwise. */
	readonly error: Json;
}

/** One measurement of a metric, as charts and judgements use it. */
export interface Sample {
	/** e.g. `error-rate`, `response-time`, `health`. */
	readonly metric: string;
	/** What was measured: a service, a target, a pod set. */
	readonly target: string;
	/** Ratio 0 to 1, seconds, or 0 and 1 for health; null when there was no data. */
	readonly value: number | null;
	/** Why there is no value; empty otherwise. */
	readonly problem: string;
	/** ISO 8601, by the clock of the host that measured. */
	readonly takenAt: string;
	/** CLOCK_MONOTONIC of that host, in milliseconds: what durations are judged by. */
	readonly monotonicMs: number;
	/** Which boot of that host `monotonicMs` counts from. */
	readonly bootId: string;
}

export type StepKind = 'observe' | 'change' | 'verdict';
