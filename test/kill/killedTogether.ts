import { openLedger } from '../../lib/release/ledger.client';
import { installBarrier } from '../../sandbox/ledgerBarrier.ts';
import { prepareRun, type KillCase, type KilledStory } from './killedCase';
import { startSandboxProcess, type Mode, type SandboxProcess } from './sandboxProcess';

/** Cases that are killed at once, each in an environment of its own. */
export interface KilledTogether {
	/** The story of a case; rejects when it did not go on. */
	storyOf(point: KillCase): Promise<KilledStory>;
	stop(): Promise<void>;
}

/** Runs one release for each case up to its point, kills n8n once, starts it again, and lets all go on. */
export async function killTogether(mode: Mode, points: readonly KillCase[]): Promise<KilledTogether> {
	const startedAt = performance.now();
	const say = (message: string): void =>
		void process.stderr.write(`[${mode} ${((performance.now() - startedAt) / 1000).toFixed(0)} s] ${message}\n`);
	const sandbox = await startSandboxProcess(mode, environmentsOf(points));
	say('the sandbox runs');
	try {
		const runs = await killOnce(sandbox, points, say);
		const stories = new Map(runs.map(({ point, goOn }) => [point, goOn()]));
		// Each is awaited by its own test; until then nobody listens.
		for (const story of stories.values()) story.catch(() => undefined);
		return {
			storyOf: async (point) => {
				const story = stories.get(point);
				if (!story) throw new Error(`there is no case in ${point.environment}`);
				return await story;
			},
			stop: async () => {
				for (const run of runs) run.stop();
				await sandbox.stop();
				say('the sandbox is stopped');
			},
		};
	} catch (error) {
		await sandbox.stop();
		throw error;
	}
}

type Runs = ReadonlyArray<ReturnType<typeof prepareRun>>;

async function killOnce(
	sandbox: SandboxProcess,
	points: readonly KillCase[],
	say: (message: string) => void,
): Promise<Runs> {
	const { operations } = sandbox.world.endpoints.databases;
	// The barrier stands on the ledger's tables, which n8n may not have needed so far.
	await (await openLedger({ ...operations, ssl: 'disable' })).close();
	const barrier = await installBarrier(operations);
	const runs = points.map((point) => prepareRun(sandbox.world, { point, barrier, say }));
	try {
		await Promise.all(runs.map(async (run) => await run.reach()));
		await sandbox.kill();
		say('killed');
		for (const run of runs) await run.stand();
		await barrier.remove();
		await sandbox.start();
		say('started again');
		return runs;
	} catch (error) {
		for (const run of runs) run.stop();
		throw error;
	}
}

/** The sandbox always has production: a case should be there. */
function environmentsOf(points: readonly KillCase[]): string[] {
	return [...new Set(['production', ...points.map(({ environment }) => environment)])];
}
