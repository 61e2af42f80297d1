import {
	expectChangesOnce,
	expectOldRunDead,
	expectScratchNamed,
	expectStanding,
	expectUntouched,
	expectVotesOnce,
	expectWholeLedger,
} from './expectations';
import type { KillCase } from './killedCase';
import { killTogether, type KilledTogether } from './killedTogether';
import type { Mode } from './sandboxProcess';

/** The sandbox's start, the releases up to their points, the kill and the restart. */
const SETUP_MS = 15 * 60_000;
const STORY_MS = 10 * 60_000;

/** Kills all cases at once, and tests of each that the ledger and the world agree, before and after. */
export function describeKilled(mode: Mode, cases: readonly KillCase[]): void {
	let together: KilledTogether | undefined;
	beforeAll(async () => {
		together = await killTogether(mode, cases);
	}, SETUP_MS);
	afterAll(async () => {
		await together?.stop();
	}, SETUP_MS);

	test.each(cases.map((point) => [point.moment, point.stepKey, point] as const))(
		'killed %s %s: goes on, and nothing happened twice',
		async (_moment, _stepKey, point) => {
			if (!together) throw new Error('nothing was killed');
			const story = await together.storyOf(point);
			expectStanding(story);
			expectUntouched(story);
			expectWholeLedger(story);
			expectChangesOnce(story);
			expectVotesOnce(story);
			expectOldRunDead(story);
			expectScratchNamed(story);
		},
		STORY_MS,
	);
}
