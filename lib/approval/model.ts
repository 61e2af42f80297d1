import type { Decision, IdentityStrength } from '../release/gate';
import type { StepState } from '../release/model';

/**
 * Glossary. A *gate* is a point at which a release waits for people. Its *evidence* is what they are shown; the *bound* part of it is
 * hashed, and a vote holds for that hash only. The step that a gate *guards* is the change it gives permission for. *Break-glass*: one
 * named person passes a gate alone, with a reason.
 */
export interface BoundEvidence {
	/** The gate's step key, e.g. `gate-1/approval`. */
	readonly gate: string;
	/** Step keys of what stands behind it, with commas; the last is the change. */
	readonly guards: string;
	readonly environment: string;
	readonly version: string;
	readonly commit: string;
	readonly images: ReadonlyArray<{ readonly workload: string; readonly image: string }>;
	/** Workflows, configuration and package, by hash. */
	readonly plan: ReadonlyArray<{ readonly part: string; readonly hash: string }>;
	/** Pending ones; null when the history was not read, or when they are being applied already. */
	readonly migrations: ReadonlyArray<{ readonly name: string; readonly checksum: string }> | null;
	/** Null without a verified backup. */
	readonly backup: { readonly backupId: string; readonly sha256: string } | null;
	/** What a restore of the database would be; absent at every other gate. */
	readonly restore?: {
		readonly backupId: string;
		readonly database: string;
		/** Hazards that were accepted by their word. */
		readonly waived: readonly string[];
	};
	/** Phase steps before the gate; never their times. */
	readonly steps: ReadonlyArray<StepName & { readonly state: StepState }>;
	/** What was measured, with its limit. */
	readonly numbers: ReadonlyArray<StepName & { readonly value: number; readonly limit: number }>;
	/** Gates that were passed before, with what they were passed for. */
	readonly gates: ReadonlyArray<{ readonly gate: string; readonly state: StepState; readonly evidenceHash: string }>;
	readonly rules: GateRules;
}

export interface StepName {
	readonly stepKey: string;
	/** The service's name where one step has many items; empty otherwise. */
	readonly itemKey: string;
}

export interface GateRules {
	readonly quorum: number;
	readonly leastStrength: IdentityStrength;
	/** Ids of everybody who may be asked. */
	readonly approvers: readonly string[];
}

/** What the card shows beside the bound part: it may change without voiding a vote. */
export interface ShownEvidence {
	readonly startedBy: string;
	/** What is replaced; null when nothing is known to be. */
	readonly from: {
		/** Empty when unknown. */
		readonly version: string;
		readonly images: ReadonlyArray<{ readonly workload: string; readonly image: string }>;
	} | null;
	readonly checks: readonly ShownCheck[];
	/** Null without a verified backup. */
	readonly backup: ShownBackup | null;
	/** What the pending migrations risk. Absent in evidence that was recorded before they were linted. */
	readonly risks?: readonly ShownMigrationRisk[];
	/** What they did on a copy of the data. Absent in evidence that was recorded before they were rehearsed. */
	readonly rehearsal?: readonly ShownRehearsal[];
	/** Whether the version that serves now works on the schema to come. Absent where nothing was rehearsed. */
	readonly oldCode?: ShownOldCode;
	/** Whether the images ran in staging before. Absent at a gate that comes before that. */
	readonly staging?: 'passed' | 'none';
	/** What happens once the gate is passed, in one sentence. */
	readonly whatFollows: string;
}

export interface ShownCheck extends StepName {
	readonly title: string;
	readonly state: StepState;
	/** As people read it, e.g. `0.2 %`; empty when nothing was measured. */
	readonly value: string;
	/** Empty when there is none. */
	readonly limit: string;
	/** Why it did not pass or, of a step that passed, why it proves nothing; empty otherwise. */
	readonly problem: string;
}

/** What a pending migration does to the version that serves now. */
export interface ShownMigrationRisk {
	readonly name: string;
	/** `expand`, `contract` or `unknown`. */
	readonly phase: string;
	/** True when its author says so, and not its statements. */
	readonly declared: boolean;
	/** True when the release leaves it pending. */
	readonly heldBack: boolean;
	readonly risks: ReadonlyArray<{
		readonly line: number;
		readonly text: string;
		/** Empty when it is about none. */
		readonly table: string;
		/** The lock it takes; empty when it takes none. */
		readonly lock: string;
		readonly work: string;
		/** Null when the table is new or unknown. */
		readonly tableBytes: number | null;
	}>;
}

/** What the version that serves now did on the rehearsed schema: unless it passed, the release does not go back by itself. */
export interface ShownOldCode {
	readonly passed: boolean;
	/** The release only takes away what older versions used, so that this version serves on; absent otherwise. */
	readonly servesOn?: true;
	/** In one line. */
	readonly reason: string;
}

/** What a migration did on a copy of production's data. */
export interface ShownRehearsal {
	readonly name: string;
	readonly durationMs: number;
	/** Production takes at least so long. */
	readonly atLeastMs: number;
	/** Empty when it did not fail. */
	readonly failure: string;
	/** The longest first. */
	readonly locks: ReadonlyArray<{ readonly table: string; readonly lock: string; readonly heldMs: number }>;
	/** Tables whose rows were written anew. */
	readonly rewritten: ReadonlyArray<{ readonly table: string; readonly rows: number; readonly bytes: number }>;
	/** Negative when the database shrank. */
	readonly growthBytes: number;
	/** Null when there is no down.sql, or it was not tried. */
	readonly down: {
		/** `undoes`, `differs`, `failed` or `not-tested`. */
		readonly state: string;
		readonly differences: readonly string[];
		readonly dropsData: boolean;
	} | null;
}

export interface ShownBackup {
	readonly backupId: string;
	readonly sizeBytes: number;
	/** ISO 8601; empty when unknown. */
	readonly takenAt: string;
	/** ISO 8601; empty when unknown. */
	readonly verifiedAt: string;
	readonly tables: number;
	readonly rows: number;
}

/** As the ledger holds it. */
export interface Evidence {
	readonly bound: BoundEvidence;
	readonly shown: ShownEvidence;
}

/** What a vote token says. */
export interface VoteClaims {
	/** Approver id. */
	readonly approver: string;
	readonly gate: string;
	readonly releaseId: string;
	readonly evidenceHash: string;
	/** The token's id. */
	readonly nonce: string;
	readonly expiresAt: Date;
}

/** What a voter sent. */
export interface Ballot {
	/** Anything but a decision is refused. */
	readonly decision: string;
	readonly comment: string;
}

export const DECISIONS: readonly Decision[] = ['approve', 'reject', 'break-glass'];
