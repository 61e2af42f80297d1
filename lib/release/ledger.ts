import type { GateStore } from './gate';
import type {
	Json,
	PointOfNoReturn,
	Release,
	ReleaseContext,
	ReleaseState,
	Sample,
	SchemaFloor,
	StepRecord,
	StepState,
} from './model';
import type { Step } from './recordStep';
import type { WatchStore } from './watchStore';

export type NewRelease = Pick<
	Release,
	| 'id'
	| 'environment'
	| 'version'
	| 'commit'
	| 'images'
	| 'startedBy'
	| 'authors'
	| 'rehearsal'
	| 'deliveryId'
	| 'executionId'
	| 'override'
	| 'contracts'
>;

/** Why a start did or did not begin a release. */
export type StartOutcome = 'started' | 'resumed' | 'locked' | 'known-delivery' | 'known-version';

export interface Start {
	readonly release: Release;
	readonly outcome: StartOutcome;
}

/** An emergency: who takes over says why, and what for. */
export interface Takeover {
	readonly reason: string;
	readonly intent: 'rollBack' | 'continue';
}

/** Releases and the lock of their environment. Every write names the token it was given and is refused when that is stale. */
export interface ReleaseStore {
	/** True the first time a delivery id is seen. */
	acceptDelivery(deliveryId: string): Promise<boolean>;
	/** The begun release, or the one that stands in its way. */
	beginRelease(release: NewRelease): Promise<Start>;
	/**
	 * Lets another n8n execution go on with a release whose run died: raises the token.
	 * @param staleAfterMs how long the heartbeat must have been silent
	 * @throws RunbookError RELEASE.UNKNOWN, NOT_RESUMABLE
	 */
	resumeRelease(releaseId: string, options: { executionId: string; staleAfterMs: number }): Promise<Release>;
	readRelease(releaseId: string): Promise<Release | undefined>;
	/** The release that an n8n execution began or resumed; its `executionId` names the last one. */
	readReleaseByExecution(executionId: string): Promise<Release | undefined>;
	/** Releases that are not finished, oldest first. All environments when none is named. */
	listLiveReleases(environment?: string): Promise<Release[]>;
	/** Newest first; rehearsals too. */
	listReleases(environment: string, limit: number): Promise<Release[]>;
	/** Live releases that should run and whose heartbeat is older than `staleAfterMs`, or that wait past their deadline. */
	listStopped(environment: string, staleAfterMs: number): Promise<Release[]>;
	/** Newest release of the environment that succeeded. */
	readLastStable(environment: string): Promise<Release | undefined>;
	/**
	 * Takes the environment for a release with a higher token; whoever held it is fenced out and marked `needs-human`. For a rollback a
	 * release that had finished is open again. @throws RunbookError RELEASE.UNKNOWN, NOT_JOINABLE, MANUAL_RUN_NOT_ARMED for a rehearsal,
	 * NOT_LIVE for a rollback of what another release has replaced, BELOW_SCHEMA_FLOOR; then nobody loses anything
	 */
	takeOver(releaseId: string, takeover: Takeover): Promise<Release>;
	/** The newest release that moved traffic, however it ended; undefined when none did. */
	readLastSwitched(environment: string): Promise<Release | undefined>;
	/**
	 * From now on what was live before this release cannot run on the schema: rolling back to it is refused. Raising it again changes nothing.
	 * @throws RunbookError RELEASE.FENCED_OUT
	 */
	raiseSchemaFloor(release: ReleaseContext): Promise<SchemaFloor>;
	enterWatching(release: ReleaseContext, watchForMs: number): Promise<Release>;
	finishRelease(release: ReleaseContext, state: ReleaseState, reason: string): Promise<Release>;
	/** A release that waits under this execution, which is known to be dead, runs again: its silence is judged, and it can be resumed. */
	stopWaiting(releaseId: string, executionId: string): Promise<void>;
	beat(release: ReleaseContext): Promise<void>;
	close(): Promise<void>;
}

export interface StepStore {
	readStep(releaseId: string, stepKey: string, itemKey: string): Promise<StepRecord | undefined>;
	readSteps(releaseId: string, stepKey?: string): Promise<StepRecord[]>;
	startStep(step: Step, start: { inputHash: string; inverse: Json }): Promise<void>;
	finishStep(step: Step, end: StepEnd): Promise<void>;
	readSamples(releaseId: string): Promise<Sample[]>;
}

export interface StepEnd {
	readonly state: StepState;
	readonly result: Json;
	readonly evidence: Json;
	readonly error: Json;
	/** Measurements the step took. Absent: none. */
	readonly samples?: readonly Sample[];
	/** Set when from here on going back loses data. The first one of a release stays. Absent: it does not. */
	readonly pointOfNoReturn?: Pick<PointOfNoReturn, 'reason'>;
}

/** One part of what a release said it would do: a workflow, the configuration, the package. */
export interface PlanPart {
	/** e.g. `workflow/phase-2-migration`, `configuration`, `package`. */
	readonly part: string;
	/** SHA-256 (hex) of it. */
	readonly hash: string;
}

export interface PlanStore {
	/** Registers the parts that the release does not know yet; returns all that it knows. */
	registerPlan(releaseId: string, parts: readonly PlanPart[]): Promise<PlanPart[]>;
	readPlan(releaseId: string): Promise<PlanPart[]>;
}

/** Something that was asked for and not done, kept for the auditor. */
export interface Refusal {
	/** The release it was about; empty when none came to be. */
	readonly releaseId: string;
	readonly environment: string;
	readonly code: string;
	/** Without secrets. */
	readonly message: string;
	/** Who asked, as far as it is known; empty otherwise. */
	readonly person: string;
}

/** A one-off freeze of the change calendar. */
export interface Freeze {
	readonly id: string;
	readonly environment: string;
	readonly reason: string;
	readonly declaredBy: string;
	readonly from: Date;
	/** Null: until it is lifted. */
	readonly until: Date | null;
	readonly liftedAt: Date | null;
}

export interface PhaseRecord {
	readonly phase: string;
	readonly startedAt: Date;
	readonly finishedAt: Date | null;
}

/** One link of a release's hash chain: every write to the ledger about it, in order. */
export interface LedgerEvent {
	/** From 1, without gaps. */
	readonly sequence: number;
	readonly at: Date;
	/** e.g. `step.started`, `release.waiting`, `vote.recorded`. */
	readonly kind: string;
	/** JSON text, as it was hashed. */
	readonly payload: string;
	/** SHA-256 (hex) over the previous link's hash, a line feed, and the payload. */
	readonly hash: string;
}

export interface RecordStore {
	recordRefusal(refusal: Refusal): Promise<void>;
	readRefusals(releaseId: string): Promise<Array<Refusal & { readonly at: Date }>>;
	declareFreeze(freeze: Omit<Freeze, 'id' | 'liftedAt'>): Promise<Freeze>;
	liftFreeze(freezeId: string, liftedBy: string): Promise<Freeze>;
	/** Freezes that are not lifted and not over. */
	listFreezes(environment: string): Promise<Freeze[]>;
	/** A phase that starts again after a resume keeps its first start. */
	startPhase(releaseId: string, phase: string): Promise<void>;
	finishPhase(releaseId: string, phase: string): Promise<void>;
	readPhases(releaseId: string): Promise<PhaseRecord[]>;
	/** True the first time: its caller sends the warning. */
	claimWarning(releaseId: string, clock: string): Promise<boolean>;
	readEvents(releaseId: string): Promise<LedgerEvent[]>;
	/** Median duration of a step's passed records over the environment's last releases, by step key, in milliseconds. */
	readUsualDurations(environment: string): Promise<ReadonlyMap<string, number>>;
}

/** All that the package asks of its ledger. */
export interface Ledger extends ReleaseStore, StepStore, PlanStore, RecordStore {
	readonly gates: GateStore;
	readonly watch: WatchStore;
}
