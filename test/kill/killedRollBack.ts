import { beginRelease } from '../../sandbox/stories/beginRelease.ts';
import { readLedgerFacts, readScratchDatabases } from '../../sandbox/stories/killedFacts.ts';
import { recordHistory, type HistoryRecorder } from '../../sandbox/stories/killedHistory.ts';
import { followToWatch, holdPointOf } from '../../sandbox/stories/killedRelease.ts';
import { awaitRolledBack, countRolledBack, pressRollBack } from '../../sandbox/stories/killedRollBack.ts';
import type { LedgerRelease } from '../../sandbox/stories/ledgerView.ts';
import type { World } from '../../sandbox/stories/world.ts';
import { look, VERSION, worldOf, type KilledRun, type KilledStory, type Stage } from './killedCase';

const PATIENCE_MS = 240_000;

/**
 * Prepares a release whose rollback is killed. Killed before its act, a person presses the form again; killed after it, the
 * watchdog alone ends it. Then the form is pressed once more.
 */
export function prepareRollBack(sandbox: World, { point, barrier, say }: Stage): KilledRun {
	const { environment } = point;
	const world = worldOf(sandbox, environment);
	const held = holdPointOf(environment, point);
	let recorder: HistoryRecorder | undefined;
	let begun: LedgerRelease | undefined;
	let standing: KilledStory['standing'] | undefined;

	return {
		point,
		async reach() {
			if (!held) throw new Error('a rollback waits for nobody');
			recorder = recordHistory(world);
			begun = await beginRelease(world, { environment, version: VERSION });
			await followToWatch(world, begun.id);
			await barrier.holdAt(held);
			await pressRollBack(world, { id: begun.id, environment });
			await barrier.waitUntilHeld(held, PATIENCE_MS);
			say(`${environment}: ${begun.id} stands ${point.moment} ${point.stepKey}`);
		},
		async stand() {
			if (!begun || !held) throw new Error(`${environment} has no release`);
			await barrier.dropHeld(held);
			standing = await look(world, begun.id);
		},
		async goOn() {
			if (!begun || !standing || !recorder) throw new Error(`${environment} has no release that stands`);
			const beforeResume = await readLedgerFacts(world, begun.id);
			if (point.moment === 'before') await pressRollBack(world, { id: begun.id, environment });
			await awaitRolledBack(world, begun.id);
			say(`${environment}: ${begun.id} is rolled back`);
			const ended = await countRolledBack(world, begun.id);
			await pressRollBack(world, { id: begun.id, environment });
			await awaitRolledBack(world, begun.id, ended + 1);
			return {
				point,
				standing,
				beforeResume,
				end: await look(world, begun.id),
				history: recorder.history(),
				oldExecution: undefined,
				scratch: { standing: [], end: await readScratchDatabases(world, begun.id) },
			};
		},
		stop: () => recorder?.stop(),
	};
}
