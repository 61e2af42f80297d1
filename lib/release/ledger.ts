import type { Json, Release, ReleaseContext, ReleaseImage, ReleaseState, StepRecord, StepState } from './model';
import type { Step } from './recordStep';

export interface NewRelease {
	readonly id: string;
	readonly environment: string;
	readonly version: string;
	readonly commit: string;
	readonly images: readonly ReleaseImage[];
	readonly startedBy: string;
	readonly rehearsal: boolean;
	readonly deliveryId: string;
	readonly executionId: string;
}

/** The calls the package makes to its ledger. Every write names the token it was given and is refused when that is stale. */
export interface Ledger {
	/** True the first time a delivery id is seen. */
	acceptDelivery(deliveryId: string): Promise<boolean>;
	/** The begun release, or the live one that stands in its way. */
	beginRelease(release: NewRelease): Promise<{ release: Release; started: boolean }>;
	readRelease(releaseId: string): Promise<Release | undefined>;
	/** The release that an n8n execution began. */
	readReleaseByExecution(executionId: string): Promise<Release | undefined>;
	/** Releases that are not finished, oldest first. */
	listLiveReleases(environment: string): Promise<Release[]>;
	/** Newest release of the environment that succeeded. */
	readLastStable(environment: string): Promise<Release | undefined>;
	/**
	 * Takes the environment for a release with a higher token; whoever held it is fenced out and marked `needs-human`. A release that
	 * had finished is open again. @throws RunbookError RELEASE.UNKNOWN, MANUAL_RUN_NOT_ARMED for a rehearsal
	 */
	takeOver(releaseId: string, reason: string): Promise<Release>;
	enterWatching(release: ReleaseContext, watchForMs: number): Promise<Release>;
	finishRelease(release: ReleaseContext, state: ReleaseState, reason: string): Promise<Release>;
	beat(release: ReleaseContext): Promise<void>;
	readStep(releaseId: string, stepKey: string, itemKey: string): Promise<StepRecord | undefined>;
	readSteps(releaseId: string, stepKey?: string): Promise<StepRecord[]>;
	startStep(step: Step, start: { inputHash: string; inverse: Json }): Promise<void>;
	finishStep(step: Step, end: { state: StepState; result: Json; evidence: Json; error: Json }): Promise<void>;
	close(): Promise<void>;
}
