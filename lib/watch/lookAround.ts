import type { Json, Sample } from '../release/model';
import type { ActName, Alert, AlertLevel, Look, SignalLook, Standing, WatchStore } from '../release/watchStore';
import type { Clock } from '../support/clock';
import { assessAlert } from './assessAlert';
import { assessRelease, assessWithheld, isArmed } from './assessRelease';
import { judgeSignal, type SignalJudgement } from './judgeSignal';
import { lookHorizonMs } from './lookHorizon';
import { DECISION, type SignalRule } from './model';

/** One environment that is watched, and how it is judged. */
export interface WatchedEnvironment {
	readonly name: string;
	readonly rules: readonly SignalRule[];
	/** Silence after which a run counts as dead, in milliseconds. */
	readonly staleAfterMs: number;
	/** How long a critical page may go unanswered, in milliseconds. */
	readonly answerWithinMs: number;
	/** How long a release that nobody can judge is watched behind the end of its window, in milliseconds. */
	readonly giveUpAfterMs: number;
}

/** What measuring one environment brought. */
export interface Measurement {
	readonly signals: Readonly<Record<string, SignalLook>>;
	/** To count on from in the next look; null when the counters could not be read. */
	readonly counters: Json;
	readonly samples: readonly Sample[];
}

export interface WatchPorts {
	readonly ledger: WatchStore;
	/** Looks at one environment. `counters` is what the look before left; null when it is too old to count from, or there is none. */
	measure(environment: WatchedEnvironment, counters: Json): Promise<Measurement>;
	readonly clock: Clock;
	readonly bootId: string;
}

/** Something to be done about an environment. */
export type Todo =
	| {
			readonly kind: 'act';
			readonly environment: string;
			readonly act: ActName;
			readonly releaseId: string;
			readonly token: number;
			readonly reason: string;
			/** True when the watch ends because nobody can tell. */
			readonly unjudged: boolean;
	  }
	| {
			readonly kind: 'page' | 'resolve';
			readonly environment: string;
			readonly signal: string;
			readonly level: AlertLevel;
			readonly reason: string;
	  };

export interface LookOptions {
	/** Who looks: looks of one watcher are judged together. */
	readonly watcher: string;
	readonly ports: WatchPorts;
	/** What it may do about a release; absent: everything. */
	readonly acts?: readonly ActName[];
	/** Whether it tells people; absent: it does. */
	readonly tells?: boolean;
}

export interface LookedAround {
	readonly environment: string;
	readonly releaseId: string | null;
	readonly judgements: readonly SignalJudgement[];
	readonly todo: readonly Todo[];
}

/** A claim that was not followed by its act within this time was lost with the process that made it. */
const RECLAIM_AFTER_MS = 30_000;
/** Counters that were read longer ago than that are no base: the look would speak for a time in which nobody looked. In intervals. */
const COUNTERS_OLD_AFTER = 2.1;

/**
 * One tick of the watch, for every environment at once: measures, records, judges from what the ledger holds, and says what is to be
 * done. All that lasts is in the ledger, so that the next tick may be another process's. An act is claimed before it is said.
 */
export async function lookAround(
	environments: readonly WatchedEnvironment[],
	{ watcher, ports, acts, tells = true }: LookOptions,
): Promise<LookedAround[]> {
	const { ledger, clock, bootId } = ports;
	const horizonMs = Math.max(0, ...environments.map(({ rules }) => lookHorizonMs(rules)));
	const standings = new Map(
		(
			await ledger.readStandings(
				environments.map(({ name }) => name),
				{ watcher, horizonMs },
			)
		).map((standing) => [standing.environment, standing]),
	);
	const monotonicMs = clock.monotonicMs();
	const takenAt = clock.now().toISOString();
	const measured = await Promise.all(
		environments.map(async (environment) => {
			const standing = standings.get(environment.name);
			if (!standing) throw new Error(`the ledger gave no standing of ${environment.name}`);
			const measurement = await ports.measure(environment, usableCounters(standing, environment));
			return { environment, standing, measurement };
		}),
	);
	const instant = { monotonicMs, bootId };
	const recordedAtMs = await ledger.recordLooks(
		measured.map(({ environment, standing, measurement: { signals, counters, samples } }) => {
			const releaseId = standing.release?.id ?? null;
			const name = environment.name;
			return {
				environment: name,
				watcher,
				releaseId,
				takenAt,
				...instant,
				signals,
				counters,
				samples: releaseId ? samples : [],
			};
		}),
	);
	return await Promise.all(
		measured.map(async ({ environment, standing, measurement: { signals } }) => {
			const looks = [...standing.looks, { recordedAtMs, ...instant, signals }];
			return await judge(environment, { standing, looks, nowMs: recordedAtMs, watcher, ledger, acts, tells });
		}),
	);
}

interface Judging {
	readonly standing: Standing;
	readonly looks: readonly Look[];
	readonly nowMs: number;
	readonly watcher: string;
	readonly ledger: WatchStore;
	readonly acts: readonly ActName[] | undefined;
	readonly tells: boolean;
}

async function judge(
	{ name, rules, ...limits }: WatchedEnvironment,
	{ standing, looks, nowMs, watcher, ledger, acts, tells }: Judging,
): Promise<LookedAround> {
	const { release, alerts } = standing;
	const judgements = rules.map((rule) => judgeSignal(looks, rule));
	const looked = { environment: name, releaseId: release?.id ?? null, judgements };
	const facts = release && { release, judgements, alerts, nowMs, ...limits };
	const act = facts && assessRelease(facts);
	const todo: Todo[] = [];
	if (release && act && acts?.includes(act.act) !== false) {
		const claim = { releaseId: release.id, watcher, reclaimAfterMs: RECLAIM_AFTER_MS, ...act };
		if (await ledger.claimAct(claim))
			todo.push({ kind: 'act', environment: name, releaseId: release.id, token: release.token, ...act });
	}
	if (!tells) return { ...looked, todo };
	// Too little traffic at night is nobody's concern; while a release waits or is watched it means that nobody can tell.
	const concerned = release !== null && (release.state !== 'running' || isArmed({ release, ...limits }));
	for (const judgement of judgements) {
		const quiet = !concerned && judgement.looked;
		todo.push(...(await tell(judgement, { environment: name, alerts, quiet, ledger })));
	}
	const withheld = facts ? assessWithheld(facts) : undefined;
	const isOver = !release || release.rollingBack || judgements.every(({ cleared }) => cleared);
	todo.push(...(await askToDecide(withheld, { environment: name, alerts, isOver, ledger })));
	return { ...looked, todo };
}

async function tell(
	judgement: SignalJudgement,
	{
		environment,
		alerts,
		quiet,
		ledger,
	}: { environment: string; alerts: readonly Alert[]; quiet: boolean; ledger: WatchStore },
): Promise<Todo[]> {
	const { signal, reason } = judgement;
	const alert = alerts.find((one) => one.signal === signal);
	const assessed = assessAlert(alert, judgement, { quiet });
	if (assessed.change === 'keep') return [];
	if (assessed.change === 'resolve') {
		await ledger.resolveAlert(environment, signal);
		return [{ kind: 'resolve', environment, signal, level: alert?.level ?? 'unknown', reason }];
	}
	const { level } = assessed;
	await ledger.raiseAlerts([{ environment, signal, level, reason }]);
	return [{ kind: 'page', environment, signal, level, reason }];
}

/** Once, as an incident of its own, whatever people were told of the signal before; it is over when the release is, or all has been calm. */
async function askToDecide(
	withheld: string | undefined,
	{
		environment,
		alerts,
		isOver,
		ledger,
	}: { environment: string; alerts: readonly Alert[]; isOver: boolean; ledger: WatchStore },
): Promise<Todo[]> {
	const isAsked = alerts.some(({ signal }) => signal === DECISION);
	const about = { environment, signal: DECISION, level: 'rollback' } as const;
	if (withheld !== undefined && !isAsked) {
		await ledger.raiseAlerts([{ ...about, reason: withheld }]);
		return [{ kind: 'page', ...about, reason: withheld }];
	}
	if (withheld !== undefined || !isAsked || !isOver) return [];
	await ledger.resolveAlert(environment, DECISION);
	return [{ kind: 'resolve', ...about, reason: 'there is nothing left to decide' }];
}

function usableCounters({ memory, nowMs }: Standing, { rules }: WatchedEnvironment): Json {
	const intervalMs = Math.max(0, ...rules.map((rule) => rule.intervalMs));
	return memory && nowMs - memory.recordedAtMs <= COUNTERS_OLD_AFTER * intervalMs ? memory.counters : null;
}
