import { beginRelease } from '../../sandbox/stories/beginRelease.ts';
import { readLedgerFacts } from '../../sandbox/stories/killedFacts.ts';
import { recordHistory } from '../../sandbox/stories/killedHistory.ts';
import { followToWatch } from '../../sandbox/stories/killedRelease.ts';
import { awaitRolledBack, countRolledBack } from '../../sandbox/stories/killedRollBack.ts';
import { queryDatabase } from '../../sandbox/stories/ledgerView.ts';
import { servingVersions } from '../../sandbox/stories/servingVersions.ts';
import { waitUntil } from '../../sandbox/stories/world.ts';
import type { World } from '../../sandbox/stories/world.ts';
import { startSandboxProcess, type SandboxProcess } from './sandboxProcess';

const OLD = '2026.11.1';
const UNHEALTHY = '2026.11.6-unhealthy';

interface Act {
	readonly act: string;
	readonly attempts: number;
}

const ledger = async <Row extends object>(
	{ endpoints }: World,
	sql: string,
	values: readonly unknown[],
): Promise<Row[]> => await queryDatabase<Row>(endpoints.databases.operations, sql, values);

const actsOf = async (world: World, id: string): Promise<Act[]> =>
	await ledger(world, 'SELECT act, attempts FROM deployment_runbook.watch_act WHERE release_id = $1', [id]);

/** The first look that found the release broken. */
async function awaitBreach(world: World, id: string): Promise<void> {
	await waitUntil(
		`a look at ${id} is a bad one`,
		async () => {
			const sql = `SELECT 1 AS bad FROM deployment_runbook.look WHERE release_id = $1
				AND ((signals #>> '{health,bad}')::int > 0 OR signals #>> '{error-rate,state}' = 'unavailable') LIMIT 1`;
			return (await ledger<{ bad: number }>(world, sql, [id]))[0];
		},
		120_000,
		50,
	);
}

describe('n8n is killed in the middle of a breach', () => {
	let sandbox: SandboxProcess;
	beforeAll(async () => {
		sandbox = await startSandboxProcess('regular', ['production']);
	});
	afterAll(async () => {
		await sandbox.stop();
	});

	test('the breach is judged anew behind the gap, and the release is rolled back once', async () => {
		const { world } = sandbox;
		const recorder = recordHistory(world);
		try {
			const { id } = await beginRelease(world, { version: UNHEALTHY });
			await followToWatch(world, id);
			await awaitBreach(world, id);
			await sandbox.kill();
			// The window was not over: nobody has begun a rollback, and nobody will while n8n is dead.
			expect(await actsOf(world, id)).toEqual([]);
			expect(await servingVersions(world)).not.toMatchObject({ backend: [OLD] });
			await sandbox.start();

			await awaitRolledBack(world, id);
			expect(await countRolledBack(world, id)).toBe(1);
			expect(await actsOf(world, id)).toEqual([{ act: 'roll-back', attempts: 1 }]);
			const { release, steps } = await readLedgerFacts(world, id);
			expect(release).toMatchObject({ state: 'rolled-back-verified', resumes: 0 });
			expect(steps.filter(({ step_key }) => step_key === 'rollback/switch-back')).toMatchObject([
				{ state: 'passed', attempts: 1, result: { alreadyThere: false } },
			]);
			expect(await servingVersions(world)).toEqual({ backend: [OLD], frontend: [OLD] });
			expect(recorder.problem()).toBeUndefined();
			for (const workload of ['case-management-backend', 'case-management-frontend'])
				expect(recorder.history().colours[workload]).toEqual(['blue', 'green', 'blue']);
		} finally {
			recorder.stop();
		}
	});
});
