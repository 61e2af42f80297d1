import { openLedger } from '../../lib/release/ledger.client';
import { installBarrier } from '../../sandbox/ledgerBarrier.ts';
import { prepareRun, type KillCase, type KilledRun, type KilledStory } from './killedCase';
import { prepareRollBack } from './killedRollBack';
import { startSandboxProcess, type Mode } from './sandboxProcess';

/** A sandbox in which releases are killed. */
export interface KillSandbox {
	/**
	 * Runs one release for each case up to its point, kills n8n once, starts it again, and lets all go on. Resolves after the
	 * restart with the stories, which settle each by itself.
	 */
	kill(points: readonly KillCase[]): Promise<ReadonlyMap<KillCase, Promise<KilledStory>>>;
	stop(): Promise<void>;
}

/** Starts a sandbox with an environment for each case. */
export async function startKillSandbox(mode: Mode, points: readonly KillCase[]): Promise<KillSandbox> {
	const startedAt = performance.now();
	const say = (message: string): void =>
		void process.stderr.write(`[${mode} ${((performance.now() - startedAt) / 1000).toFixed(0)} s] ${message}\n`);
	const sandbox = await startSandboxProcess(mode, environmentsOf(points));
	say('the sandbox runs');
	const { operations } = sandbox.world.endpoints.databases;
	const runs: KilledRun[] = [];
	return {
		async kill(together) {
			// The barrier stands on the ledger's tables, which n8n may not have needed so far.
			await (await openLedger({ ...operations, ssl: 'disable' })).close();
			const barrier = await installBarrier(operations);
			const own = together.map((point) => {
				const prepare = point.stepKey.startsWith('rollback/') ? prepareRollBack : prepareRun;
				return prepare(sandbox.world, { point, barrier, say, retry: sandbox.retry });
			});
			runs.push(...own);
			await Promise.all(own.map(async (run) => await run.reach()));
			await sandbox.kill();
			say('killed');
			for (const run of own) await run.stand();
			await barrier.remove();
			await sandbox.start();
			say('started again');
			const stories = new Map(own.map((run) => [run.point, run.goOn()]));
			// Each is awaited by its own test; until then nobody listens.
			for (const story of stories.values()) story.catch(() => undefined);
			return stories;
		},
		async stop() {
			for (const run of runs) run.stop();
			await sandbox.stop();
			say('the sandbox is stopped');
		},
	};
}

/** The sandbox always has production, so that a case should be there. */
function environmentsOf(points: readonly KillCase[]): string[] {
	return [...new Set(['production', ...points.map(({ environment }) => environment)])];
}
