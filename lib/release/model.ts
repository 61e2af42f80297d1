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
export type LiveState = 'running' | 'watching';
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
	readonly state: ReleaseState;
	/** True for a manual run in the editor: gates run, nothing is changed, no lock is held. */
	readonly rehearsal: boolean;
	/** The delivery (webhook id) that started it; empty for other triggers. */
	readonly deliveryId: string;
	/** n8n execution of the workflow that began it. */
	readonly executionId: string;
	readonly startedAt: Date;
	/** Until when it is watched; null before it entered watching. */
	readonly watchUntil: Date | null;
	readonly finishedAt: Date | null;
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

export type StepKind = 'observe' | 'change' | 'verdict';
