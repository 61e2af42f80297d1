import { viewFrom } from '../../sandbox/environments.ts';
import { beginRelease } from '../../sandbox/stories/beginRelease.ts';
import {
	readLedgerFacts,
	readOutsideFacts,
	readScratchDatabases,
	type LedgerFacts,
	type OutsideFacts,
} from '../../sandbox/stories/killedFacts.ts';
import { recordHistory, type HistoryRecorder, type WorldHistory } from '../../sandbox/stories/killedHistory.ts';
import type { KillPoint } from '../../sandbox/stories/killedPoint.ts';
import {
	awaitExecutionEnd,
	awaitFailureReport,
	followToWatch,
	holdPointOf,
	reach,
	resume,
	type Barrier,
} from '../../sandbox/stories/killedRelease.ts';
import type { LedgerRelease } from '../../sandbox/stories/ledgerView.ts';
import type { World } from '../../sandbox/stories/world.ts';

export interface KillCase extends KillPoint {
	readonly environment: string;
	/** True: it is resumed only once n8n has told that the old run failed. */
	readonly resumedLate?: boolean;
	/** True: somebody presses n8n's own *Retry* of the dead run, which has not waited for anybody yet, before it is resumed. */
	readonly retried?: boolean;
}

/** All that was seen of a release that was killed and went on. */
export interface KilledStory {
	readonly point: KillCase;
	/** The ledger and the world between the kill and the restart. */
	readonly standing: LedgerFacts & OutsideFacts;
	/** The ledger right before the resume: whatever n8n told meanwhile of the run that died. */
	readonly beforeResume: LedgerFacts;
	/** Both once the release is watched. */
	readonly end: LedgerFacts & OutsideFacts;
	readonly history: WorldHistory;
	/** How n8n says that the execution ended that was killed; undefined where several were under way. */
	readonly oldExecution: string | undefined;
	/** Scratch databases of the release that were there between the kill and the restart, and at the end. */
	readonly scratch: { readonly standing: readonly string[]; readonly end: readonly string[] };
}

/** One release on its way to the point where it is killed. */
export interface KilledRun {
	readonly point: KillCase;
	/** Runs the release up to its point. */
	reach(): Promise<void>;
	/** Looks at what stands while n8n is dead, and ends the write it was at, as the end of its host would have. */
	stand(): Promise<void>;
	/** After the restart: resumes it (or votes), and looks on until it is watched. */
	goOn(): Promise<KilledStory>;
	stop(): void;
}

export const VERSION = '2026.11.2';

export interface Stage {
	readonly point: KillCase;
	readonly barrier: Barrier;
	say(message: string): void;
	/** n8n's own *Retry* of an execution. */
	retry(executionId: string): Promise<void>;
}

/**
 * Whether n8n tells of the run that was killed. Of one killed while a gate was being decided it never does: the caller, which waited
 * too, gets no item of the dead run and counts as ended well. Only the silence of the heartbeat tells.
 */
export function isReported({ stepKey, moment }: KillCase): boolean {
	return moment !== 'waiting' && !(moment === 'after' && stepKey.startsWith('gate-'));
}

/** The sandbox as seen from a case's environment. */
export function worldOf(sandbox: World, environment: string): World {
	return { ...sandbox, endpoints: viewFrom(sandbox.endpoints, environment) };
}

/** The ledger and the world as they are now. */
export async function look(world: World, releaseId: string): Promise<LedgerFacts & OutsideFacts> {
	const facts = await readLedgerFacts(world, releaseId);
	return { ...facts, ...(await readOutsideFacts(world, facts.release)) };
}

/** Prepares a release that is killed on its way to the watch; nothing is sent before `reach`. */
export function prepareRun(sandbox: World, { point, barrier, say, retry }: Stage): KilledRun {
	const { environment } = point;
	const world = worldOf(sandbox, environment);
	let recorder: HistoryRecorder | undefined;
	let begun: LedgerRelease | undefined;
	let standing: KilledStory['standing'] | undefined;
	let scratch: string[] = [];

	return {
		point,
		async reach() {
			recorder = recordHistory(world);
			const held = holdPointOf(environment, point);
			if (held) await barrier.holdAt(held);
			begun = await beginRelease(world, { environment, version: VERSION });
			say(`${environment}: ${begun.id} began`);
			await reach(world, begun, { point, environment, barrier });
			say(`${environment}: ${begun.id} stands ${point.moment} ${point.stepKey}`);
		},
		async stand() {
			if (!begun) throw new Error(`${environment} has no release`);
			const held = holdPointOf(environment, point);
			if (held) await barrier.dropHeld(held);
			standing = await look(world, begun.id);
			scratch = await readScratchDatabases(world, begun.id);
		},
		async goOn() {
			if (!begun || !standing || !recorder) throw new Error(`${environment} has no release that stands`);
			if (point.resumedLate || point.retried)
				await awaitFailureReport(world, { environment, execution_id: begun.execution_id });
			if (point.retried) {
				await retry(begun.execution_id);
				say(`${environment}: execution ${begun.execution_id} is retried`);
			}
			const beforeResume = await readLedgerFacts(world, begun.id);
			if (point.moment !== 'waiting') {
				await resume(world, { id: begun.id, environment });
				say(`${environment}: ${begun.id} is resumed`);
			}
			await followToWatch(world, begun.id);
			say(`${environment}: ${begun.id} is watched`);
			// However late it is: what n8n tells of the old run must not touch the new one.
			if (isReported(point)) await awaitFailureReport(world, { environment, execution_id: begun.execution_id });
			const problem = recorder.problem();
			if (problem !== undefined) throw new Error(`the history of ${environment} broke off: ${problem}`);
			return {
				point,
				standing,
				beforeResume,
				end: await look(world, begun.id),
				history: recorder.history(),
				oldExecution: await awaitExecutionEnd(world, begun.execution_id),
				scratch: { standing: scratch, end: await readScratchDatabases(world, begun.id) },
			};
		},
		stop: () => recorder?.stop(),
	};
}
