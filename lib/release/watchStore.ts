import type { Json, LiveState, ReleaseState, Sample } from './model';

/** What one look found of one signal. */
export interface SignalLook {
	/** `unavailable`: not one answered although we could ask. `gap`: we could not ask. */
	readonly state: 'measured' | 'unavailable' | 'gap';
	/** Targets asked, or requests counted. */
	readonly total: number;
	/** Those of them that were bad. */
	readonly bad: number;
	/** What was wrong, in words; empty when nothing was. */
	readonly problem: string;
	/** True where a pod was not read: the look may show a breach and never calm. Absent: all was read. */
	readonly partial?: boolean;
}

/** When a look was made, by two clocks: what elapsed between two looks is told from both. */
export interface Instant {
	/** The ledger's time, in milliseconds since 1970, as all `…AtMs` here. */
	readonly recordedAtMs: number;
	/** CLOCK_MONOTONIC of the host that looked, in milliseconds. */
	readonly monotonicMs: number;
	/** Which boot of which host `monotonicMs` counts from; empty when it is not known. */
	readonly bootId: string;
}

export interface Look extends Instant {
	/** By the signal's name. */
	readonly signals: Readonly<Record<string, SignalLook>>;
}

/** What the watch knew of an environment's counters when it last looked. */
export interface CounterMemory extends Instant {
	readonly counters: Json;
}

/** `unknown`: looks were made and say nothing. */
export type AlertLevel = 'unknown' | 'warning' | 'critical' | 'rollback';

/** An alert that people were told of and that has not cleared. */
export interface Alert {
	readonly signal: string;
	/** The highest it reached. */
	readonly level: AlertLevel;
	/** When people were last told. */
	readonly pagedAtMs: number;
	/** Whether somebody has said that they look after it. */
	readonly acknowledged: boolean;
}

/** The release that holds an environment, as far as the watch needs it. */
export interface WatchedRelease {
	readonly id: string;
	readonly token: number;
	readonly version: string;
	readonly state: LiveState;
	/** When its traffic switch was begun; null before. */
	readonly switchedAtMs: number | null;
	/** Null before it entered watching. */
	readonly watchUntilMs: number | null;
	/** How long its run has given no sign of life, in milliseconds; null when none is expected. */
	readonly silentMs: number | null;
	readonly rollingBack: boolean;
	/** False: nobody knows whether the version before runs on the schema, so that the release does not go back by itself. */
	readonly rollbackProven: boolean;
}

/** One environment as the watch finds it. */
export interface Standing {
	readonly environment: string;
	readonly nowMs: number;
	/** The live release; null when none holds the environment. */
	readonly release: WatchedRelease | null;
	/** Oldest first. */
	readonly looks: readonly Look[];
	/** Null before the first look. */
	readonly memory: CounterMemory | null;
	readonly alerts: readonly Alert[];
}

/** A release that was watched, with what was seen of it. */
export interface RecordedRelease {
	readonly id: string;
	readonly version: string;
	readonly state: ReleaseState;
	/** Null when its traffic was never switched. */
	readonly switchedAtMs: number | null;
	/** Oldest first. */
	readonly looks: readonly Look[];
}

export interface NewLook {
	readonly environment: string;
	readonly watcher: string;
	/** The release that was live; null when there was none. */
	readonly releaseId: string | null;
	/** ISO 8601, by the clock of the host that looked. */
	readonly takenAt: string;
	readonly monotonicMs: number;
	readonly bootId: string;
	readonly signals: Readonly<Record<string, SignalLook>>;
	/** What the counters stood at; null when they could not be read: the earlier ones stay. */
	readonly counters: Json;
	/** For the release's charts; empty without a release. */
	readonly samples: readonly Sample[];
}

export interface AlertRow {
	readonly environment: string;
	readonly signal: string;
	readonly level: AlertLevel;
	readonly reason: string;
}

/** What the watch does about a release. */
export type ActName = 'roll-back' | 'void-gate' | 'finish';

export interface ActClaim {
	readonly releaseId: string;
	readonly act: ActName;
	readonly watcher: string;
	readonly reason: string;
	/** A claim that is older and was not followed by the act may be claimed again, in milliseconds. */
	readonly reclaimAfterMs: number;
}

/** What the watch remembers: looks, alerts, and what it did about a release. Times are the ledger's own. */
export interface WatchStore {
	/**
	 * One watcher's view of environments, in one statement.
	 * @param options.horizonMs how far back looks are read at least; behind a switch they are read from before it
	 */
	readStandings(
		environments: readonly string[],
		options: { readonly watcher: string; readonly horizonMs: number },
	): Promise<Standing[]>;
	/** The latest releases of an environment that one watcher looked at, newest first. */
	readRecorded(
		environment: string,
		options: { readonly watcher: string; readonly limit: number },
	): Promise<RecordedRelease[]>;
	/** Records looks and forgets old ones that belong to no release; returns the ledger's time of the record, in milliseconds since 1970. */
	recordLooks(looks: readonly NewLook[]): Promise<number>;
	/** Opens alerts or raises them: people are about to be told. */
	raiseAlerts(alerts: readonly AlertRow[]): Promise<void>;
	resolveAlert(environment: string, signal: string): Promise<void>;
	/** A person looks after every open alert of an environment; returns their signals. */
	acknowledgeAlerts(environment: string, person: string): Promise<string[]>;
	/**
	 * Claims an act for a release. True for exactly one caller; true again only when the claim grew old and the release is still live and
	 * not rolling back, which means that whoever claimed it died before the act.
	 */
	claimAct(claim: ActClaim): Promise<boolean>;
}
