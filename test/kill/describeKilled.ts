import { expectStory } from './expectStory';
import type { KillCase, KilledStory } from './killedCase';
import { startKillSandbox, type KillSandbox } from './killedTogether';
import type { Mode } from './sandboxProcess';

/** The sandbox's start, the releases up to their points, the kill and the restart. */
const SETUP_MS = 15 * 60_000;
const STORY_MS = 10 * 60_000;

/**
 * Tests of each case that the ledger and the world agree, before and after the kill. All are killed at once, in one sandbox; or
 * `atOnce` of them, then the next ones in the same sandbox.
 */
export function describeKilled(mode: Mode, cases: readonly KillCase[], atOnce = cases.length): void {
	let sandbox: KillSandbox | undefined;
	const stories = new Map<KillCase, Promise<KilledStory>>();
	beforeAll(async () => {
		sandbox = await startKillSandbox(mode, cases);
	}, SETUP_MS);
	afterAll(async () => {
		await sandbox?.stop();
	}, SETUP_MS);

	/** The first case of those that are killed at once kills them all. */
	async function storyOf(point: KillCase): Promise<KilledStory> {
		if (!sandbox) throw new Error('there is no sandbox');
		if (!stories.has(point)) {
			const first = cases.indexOf(point);
			for (const [one, story] of await sandbox.kill(cases.slice(first, first + atOnce))) stories.set(one, story);
		}
		const story = stories.get(point);
		if (!story) throw new Error(`${point.environment} was not killed`);
		return await story;
	}

	test.each(cases.map((point) => [point.moment, point.stepKey, point] as const))(
		'killed %s %s: goes on, and nothing happened twice',
		async (_moment, _stepKey, point) => expectStory(await storyOf(point)),
		SETUP_MS + STORY_MS,
	);
}
