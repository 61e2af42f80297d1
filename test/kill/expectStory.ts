import {
	expectChangesOnce,
	expectNoScratchLeft,
	expectOldRunDead,
	expectRolledBack,
	expectStanding,
	expectUntouched,
	expectVotesOnce,
	expectWholeLedger,
} from './expectations';
import type { KilledStory } from './killedCase';

/** The ledger and the world agree, before the restart and at the end, and nothing happened twice. */
export function expectStory(story: KilledStory): void {
	if (story.point.stepKey.startsWith('rollback/')) {
		expectRolledBack(story);
		return;
	}
	expectStanding(story);
	expectUntouched(story);
	expectWholeLedger(story);
	expectChangesOnce(story);
	expectVotesOnce(story);
	expectOldRunDead(story);
	expectNoScratchLeft(story);
}
