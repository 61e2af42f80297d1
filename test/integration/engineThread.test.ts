import { deployMigrations } from '../../lib/migration/deployMigrations';
import { startEngineThread, type EngineAdapter } from '../../lib/migration/engineThread.client';
import { readMigrationStatus } from '../../lib/migration/readMigrationStatus';
import {
	deployOptions,
	MigrationSandbox,
	readAdvisoryLocks,
	readColumn,
	rejection,
	waitUntil,
} from '../lib/migration/migrationSandbox';

const sandbox = new MigrationSandbox();
afterAll(async () => await sandbox.remove());

/** What the engine hears when it asks for the server's version, and then `history` for the history. */
const adapter = (history: () => Promise<unknown>): EngineAdapter => {
	const version = {
		columnNames: ['e', 'v', 'n'],
		columnTypes: [5, 7, 0],
		rows: [[true, 'PostgreSQL 15.18', 150018]],
	};
	let asked = 0;
	const queryRaw = async (): Promise<unknown> => {
		asked += 1;
		return asked === 1 ? version : await history();
	};
	return {
		provider: 'postgres',
		adapterName: 'in the test',
		connectionInfo: { schemaName: 'public', supportsRelationJoins: true },
		calls: { queryRaw, executeRaw: async () => 0, executeScript: async () => undefined },
	};
};
const DIAGNOSE = {
	migrationsList: {
		baseDir: '',
		lockfile: { path: 'migration_lock.toml', content: null },
		shadowDbInitScript: '',
		migrationDirectories: [],
	},
	optInToShadowDatabase: false,
	filters: { externalTables: [], externalEnums: [] },
};
const COLUMNS = ['id', 'checksum', 'finished_at', 'migration_name', 'logs', 'rolled_back_at', 'started_at'];

test('an engine that panics ends with its thread: its caller hears so, and the next operation is well', async () => {
	// A row without a single column.
	const thread = await startEngineThread(
		adapter(async () => ({ columnNames: COLUMNS, columnTypes: [7, 7, 10, 7, 7, 10, 10], rows: [[]] })),
	);
	await expect(thread.call('diagnoseMigrationHistory', DIAGNOSE)).rejects.toThrow("the schema engine's thread ended");
	await expect(thread.call('diagnoseMigrationHistory', DIAGNOSE)).rejects.toThrow("the schema engine's thread ended");

	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_one': 'CREATE TABLE one (i int);' });
	expect(await deployMigrations(database, folder, deployOptions())).toMatchObject({ applied: ['1_one'] });
});

test('an engine that waits for ever is ended, and whoever called it hears so', async () => {
	let isAsked = false;
	const thread = await startEngineThread(
		adapter(async () => {
			isAsked = true;
			return await new Promise(() => undefined);
		}),
	);
	const call = rejection(thread.call('diagnoseMigrationHistory', DIAGNOSE));
	await waitUntil(async () => isAsked, 'the engine asks for the history');
	await thread.end();
	expect((await call).text).toContain("the schema engine's thread ended");
});

test('a cancelled deployment ends the thread and frees the lock', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_slow': 'CREATE TABLE slow (i int); SELECT pg_sleep(30);' });
	const controller = new AbortController();
	const deployment = rejection(deployMigrations(database, folder, deployOptions({ signal: controller.signal })));
	const asleep = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE TABLE slow%'";
	await waitUntil(async () => (await readColumn(database, asleep)).length > 0, 'the script runs');
	expect(await readAdvisoryLocks(database)).not.toEqual([]);
	const threads = countThreads();
	expect(threads).toBeGreaterThan(0);
	controller.abort(new Error('cancelled'));
	expect((await deployment).code).toBe('MIGRATION.CANCELLED');
	expect(await readAdvisoryLocks(database)).toEqual([]);
	await waitUntil(async () => countThreads() < threads, 'the thread is gone');
	expect(await readMigrationStatus(database, folder, deployOptions())).toMatchObject({ verdict: 'failed' });
});

test('two operations at once have an engine each', async () => {
	const databases = await Promise.all([1, 2, 3].map(async () => await sandbox.createDatabase()));
	const folder = sandbox.writeFolder({ '1_one': 'CREATE TABLE one (i int);' });
	const deployed = await Promise.all(
		databases.map(async (database) => await deployMigrations(database, folder, deployOptions())),
	);
	expect(deployed.map(({ applied }) => applied)).toEqual([['1_one'], ['1_one'], ['1_one']]);
	await waitUntil(async () => countThreads() === 0, 'no thread is left');
});

/** Threads of this process. */
function countThreads(): number {
	return process.getActiveResourcesInfo().filter((resource) => resource === 'MessagePort').length;
}
