import type { Verdict } from '../../support/verdict';
import type { GateRecord, VoteRecord } from '../gate';
import type { LedgerEvent, PhaseRecord, PlanPart, Refusal } from '../ledger';
import type { Json, Release, Sample, StepRecord, StepState } from '../model';

/** The ledger's words that the page needs too. */
export type { Json, StepState } from '../model';

/**
 * Glossary. The *facts* are all that the ledger holds of a release. The *report* is what an auditor reads of them: a JSON that holds
 * everything, and an HTML page drawn from it. A *measurement* is one number or answer that a check judged, with its limit and what was
 * asked. The *chain* is the release's events, each hashed together with the one before. Every instant of a report is ISO 8601 in UTC.
 */
export interface ReleaseFacts {
	readonly release: Release;
	readonly steps: readonly StepRecord[];
	readonly phases: readonly PhaseRecord[];
	readonly gates: readonly GateFacts[];
	readonly refusals: ReadonlyArray<Refusal & { readonly at: Date }>;
	readonly samples: readonly Sample[];
	readonly events: readonly LedgerEvent[];
	readonly plan: readonly PlanPart[];
	/** True when the ledger was written to while it was read, so that rows and events may be of different moments. */
	readonly moving: boolean;
}

export interface GateFacts {
	readonly gate: GateRecord;
	/** Oldest first, for any evidence. */
	readonly votes: readonly VoteRecord[];
}

/** Where the release set lives, for the kubectl lines. What the ledger recorded of it outranks this. */
export interface RollbackPlace {
	/** Empty when unknown. */
	readonly namespace: string;
	/** Name of the application's container by Service name. */
	readonly containers: Readonly<Record<string, string>>;
}

export interface ReportModel {
	readonly schema: typeof REPORT_SCHEMA;
	readonly schemaVersion: typeof REPORT_SCHEMA_VERSION;
	readonly writtenAt: string;
	readonly summary: ReportSummary;
	readonly clocks: readonly ClockReport[];
	readonly spans: readonly Span[];
	readonly timeline: readonly TimelineEntry[];
	readonly checks: readonly StepReport[];
	readonly changes: readonly ChangeReport[];
	readonly approvals: readonly ApprovalReport[];
	readonly refusals: readonly RefusalReport[];
	readonly charts: readonly ChartReport[];
	readonly rollback: RollbackReport;
	readonly plan: readonly PlanPart[];
	readonly chain: ChainReport;
	/** What was left out or shortened, in words; empty when nothing was. */
	readonly omissions: readonly string[];
}

export const REPORT_SCHEMA = 'n8n-nodes-deployment-runbook/release-report';
export const REPORT_SCHEMA_VERSION = 1;

/** `good`: as planned. `stopped`: production is as before. `back`: it went back. `bad`: somebody must look. `open`: not over. */
export type OutcomeTone = 'good' | 'stopped' | 'back' | 'bad' | 'open';

export interface Outcome {
	readonly tone: OutcomeTone;
	/** The state in a word or two. */
	readonly word: string;
	/** What that means. */
	readonly meaning: string;
	/** What is to be done now. */
	readonly todo: string;
}

/** What the ledger says of the release itself, word for word. */
type Told =
	| 'id'
	| 'token'
	| 'environment'
	| 'version'
	| 'commit'
	| 'images'
	| 'startedBy'
	| 'authors'
	| 'state'
	| 'rehearsal'
	| 'resumes'
	| 'override'
	| 'pointOfNoReturn'
	| 'reason'
	| 'deliveryId'
	| 'executionId';

export interface ReportSummary extends Pick<Release, Told> {
	readonly outcome: Outcome;
	readonly startedAt: string;
	/** Null while it is not over. */
	readonly finishedAt: string | null;
	/** Until it finished, or until the report was written. */
	readonly durationMs: number;
	/** Of that, waiting for people. */
	readonly waitedMs: number;
	/** Null when the new version never took traffic. */
	readonly switchedAt: string | null;
	/** Null unless a rollback took it over. */
	readonly rollingBackAt: string | null;
	/** Until when it is, or was, watched; null when it never was. */
	readonly watchUntil: string | null;
	/** How many steps stand in each state. */
	readonly steps: Readonly<Record<StepState, number>>;
}

/** A phase, a rollback or a restoration against its budget. */
export interface ClockReport {
	readonly name: string;
	readonly title: string;
	/** Null when it has none. */
	readonly budgetMs: number | null;
	/** Time that counts, without waits for people where those do not count. */
	readonly elapsedMs: number;
	/** Elapsed time as a share of the budget; null without one. */
	readonly share: number | null;
	readonly standing: 'in-time' | 'warning' | 'over' | null;
	/** Null while it runs, and without a budget. */
	readonly verdict: Verdict | null;
	readonly startedAt: string;
	readonly finishedAt: string | null;
	/** False when the phase itself was not recorded and its times were taken from its steps. */
	readonly recorded: boolean;
}

/** A bar of the overview. */
export interface Span {
	readonly kind: 'phase' | 'step' | 'wait' | 'watch';
	readonly title: string;
	readonly from: string;
	/** Null while it runs, or when nobody recorded its end. */
	readonly until: string | null;
	/** Of a step or a gate; null for phases and the watch. */
	readonly state: StepState | null;
}

export interface TimelineEntry {
	readonly at: string;
	/** Since the release began, in milliseconds. */
	readonly offsetMs: number;
	readonly kind: 'release' | 'phase' | 'plan' | 'step' | 'gate' | 'vote' | 'refusal' | 'tampering';
	readonly title: string;
	/** Empty when the title says it all. */
	readonly detail: string;
	/** Null when nothing was judged. */
	readonly verdict: Verdict | null;
	/** Link of the chain that it was read from; null when it was read from a row. */
	readonly sequence: number | null;
}

export interface Measurement {
	/** What was measured. */
	readonly subject: string;
	/** For people, with unit; empty when there was no value. */
	readonly value: string;
	/** Empty when the check has none, or did not record it. */
	readonly limit: string;
	/** What was asked, or of whom; empty when not recorded. */
	readonly query: string;
	/** Null when the measurement is not judged by itself. */
	readonly verdict: Verdict | null;
	readonly reason: string;
}

export interface StepReport {
	readonly stepKey: string;
	readonly itemKey: string;
	readonly title: string;
	readonly kind: StepRecord['kind'];
	readonly state: StepState;
	readonly startedAt: string;
	readonly finishedAt: string | null;
	/** Null while it is open. */
	readonly durationMs: number | null;
	readonly attempts: number;
	readonly measurements: readonly Measurement[];
	readonly error: { readonly code: string; readonly message: string } | null;
	readonly result: Json;
	readonly evidence: Json;
}

export interface ChangeReport extends StepReport {
	/** How to undo it; null when it changed nothing or cannot be undone. */
	readonly inverse: Json;
}

export interface VoteReport {
	readonly person: string;
	readonly decision: string;
	readonly comment: string;
	readonly strength: string;
	readonly votedAt: string;
	readonly evidenceHash: string;
	/** False when it was cast on other evidence than the gate asked about last. */
	readonly counts: boolean;
}

export interface ApprovalReport {
	readonly gate: string;
	readonly title: string;
	readonly state: string;
	readonly verdict: Verdict;
	readonly quorum: number;
	readonly approvers: readonly string[];
	readonly openedAt: string;
	readonly expiresAt: string;
	readonly decidedAt: string | null;
	/** Until it was decided, until it expired, or until now. */
	readonly waitedMs: number;
	readonly reason: string;
	readonly evidenceHash: string;
	readonly evidence: Json;
	readonly votes: readonly VoteReport[];
}

export interface RefusalReport {
	readonly at: string;
	readonly code: string;
	readonly message: string;
	/** Empty when unknown. */
	readonly person: string;
}

export type ChartUnit = 'ratio' | 'seconds' | 'health' | 'number';

export interface ChartSeries {
	readonly target: string;
	/** Thinned for drawing: in each stretch the lowest and the highest value stay. `value` null: no data. */
	readonly points: ReadonlyArray<{ readonly at: string; readonly value: number | null }>;
	/** Before thinning. */
	readonly samples: number;
	readonly withoutData: number;
	/** Null when there was no value at all. */
	readonly lowest: number | null;
	readonly highest: number | null;
	readonly last: number | null;
}

export interface ChartReport {
	readonly metric: string;
	readonly title: string;
	readonly unit: ChartUnit;
	readonly series: readonly ChartSeries[];
	readonly limits: ReadonlyArray<{ readonly name: string; readonly value: number }>;
	readonly marks: readonly ChartMark[];
	/** Why it is empty; empty when it is not. */
	readonly emptyBecause: string;
}

export interface ChartMark {
	readonly kind: 'switch' | 'rollback' | 'gate';
	readonly at: string;
	readonly title: string;
}

export interface RollbackReport {
	/** False when nothing was recorded that could be put back. */
	readonly recorded: boolean;
	readonly blocks: ReadonlyArray<{ readonly title: string; readonly lines: readonly string[] }>;
	/** What to know before running them. */
	readonly notes: readonly string[];
}

export interface ChainReport {
	readonly verified: boolean;
	readonly links: number;
	/** Empty when there is no link. */
	readonly firstHash: string;
	readonly lastHash: string;
	/** The first link that does not fit; null when all do, and when there is none. */
	readonly broken: { readonly sequence: number; readonly problem: string } | null;
	/** Rows that differ from the last link about them: changed past the ledger. */
	readonly differences: readonly string[];
	/** The links, so that anybody can check them again. `payload` is null for those left out for their size. */
	readonly events: ReadonlyArray<{
		readonly sequence: number;
		readonly at: string;
		readonly kind: string;
		readonly hash: string;
		readonly payload: string | null;
	}>;
}
