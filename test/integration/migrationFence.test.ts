import { createBackup } from '../../lib/backup/createBackup';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import { deployMigrations } from '../../lib/migration/deployMigrations';
import type { MigrationFence } from '../../lib/migration/model';
import { observeDeployment } from '../../lib/migration/observeDeployment';
import { readMigrationStatus } from '../../lib/migration/readMigrationStatus';
import { openLedger } from '../../lib/release/ledger.client';
import type { Ledger } from '../../lib/release/ledger';
import type { Release } from '../../lib/release/model';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { PrismaMigrate } from '../../nodes/PrismaMigrate/PrismaMigrate.node';
import { newRun, openStore } from '../lib/backup/harness';
import {
	deployOptions,
	MigrationSandbox,
	readAdvisoryLocks,
	readColumn,
	rejection,
	waitUntil,
	withClient,
} from '../lib/migration/migrationSandbox';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { beginProvenRelease, prove, proveLint } from './beginProvenRelease';
import { proveBackup, storageCredential } from './proveBackup';
import { runInChild, type ChildWork } from './runInChild';

const sandbox = new MigrationSandbox();
const ONE = { '1_one': 'CREATE TABLE one (i int);' };
const fence = (token: number, release = `r-${token}`): MigrationFence => ({
	environment: 'production',
	release,
	token,
});
const HISTORY = `SELECT migration_name || CASE WHEN rolled_back_at IS NOT NULL THEN ' rolled back' WHEN finished_at IS NULL THEN ' failed' ELSE '' END
	FROM _prisma_migrations ORDER BY started_at`;

let operations: PostgresConnection;
let ledger: Ledger;

beforeAll(async () => {
	operations = await sandbox.createDatabase();
	ledger = await openLedger(operations);
});
afterAll(async () => {
	await ledger.close();
	await sandbox.remove();
});

describe('the fence in the target database', () => {
	test('is raised also when nothing is pending, and refuses an older holder before anything is touched', async () => {
		const database = await sandbox.createDatabase();
		await deployMigrations(database, sandbox.writeFolder(ONE), deployOptions({ fence: fence(5) }));
		const nothing = await deployMigrations(database, sandbox.writeFolder(ONE), deployOptions({ fence: fence(7) }));
		expect(nothing).toMatchObject({ applied: [], alreadyApplied: 1 });

		const more = sandbox.writeFolder({ ...ONE, '2_two': 'CREATE TABLE two (i int);' });
		const { code, text } = await rejection(deployMigrations(database, more, deployOptions({ fence: fence(6) })));
		expect(code).toBe('MIGRATION.FENCED_OUT');
		expect(text).toContain('carries token 7 of release r-7, and release r-6 holds only token 6');
		expect(await readColumn(database, HISTORY)).toEqual(['1_one']);
		expect(await readAdvisoryLocks(database)).toEqual([]);
	});

	test('refuses another release with the same token, and lets the same one in again', async () => {
		const database = await sandbox.createDatabase();
		const folder = sandbox.writeFolder(ONE);
		await deployMigrations(database, folder, deployOptions({ fence: fence(5) }));
		await deployMigrations(database, folder, deployOptions({ fence: fence(5) }));
		const other = deployMigrations(database, folder, deployOptions({ fence: fence(5, 'r-other') }));
		expect((await rejection(other)).code).toBe('MIGRATION.FENCED_OUT');
	});

	test('is one for each environment', async () => {
		const database = await sandbox.createDatabase();
		const folder = sandbox.writeFolder(ONE);
		await deployMigrations(database, folder, deployOptions({ fence: fence(9) }));
		await deployMigrations(database, folder, deployOptions({ fence: { ...fence(2), environment: 'staging' } }));
		const rows = await readColumn(
			database,
			"SELECT environment || ' ' || token FROM deployment_runbook.fence ORDER BY 1",
		);
		expect(rows).toEqual(['production 9', 'staging 2']);
	});

	test('is raised by two releases in the same moment without an error of its own', async () => {
		const database = await sandbox.createDatabase();
		const folder = sandbox.writeFolder(ONE);
		const deploy = async (token: number): Promise<string> =>
			await deployMigrations(database, folder, deployOptions({ fence: fence(token) })).then(
				() => 'done',
				(error: unknown) => (error as { code: string }).code,
			);
		const outcomes = await Promise.all([deploy(1), deploy(2)]);
		// Each loses to the other in its own way, or wins; none trips over the schema that both create.
		for (const outcome of outcomes) expect(['done', 'MIGRATION.BUSY', 'MIGRATION.FENCED_OUT']).toContain(outcome);
	});

	test('names the right to grant when the role may not create it, before anything is touched', async () => {
		const database = await sandbox.createDatabase();
		const role = await sandbox.createRole(database);
		await withClient(
			database,
			async (client) => await client.query(`GRANT CREATE ON SCHEMA public TO "${role.user}"`),
		);
		const { code, text } = await rejection(
			deployMigrations(role, sandbox.writeFolder(ONE), deployOptions({ fence: fence(1) })),
		);
		expect(code).toBe('MIGRATION.FENCE_UNAVAILABLE');
		expect(text).toContain(`GRANT CREATE ON DATABASE ${database.database} TO ${role.user}`);
		expect(await readColumn(database, "SELECT to_regclass('_prisma_migrations')::text")).toEqual([null]);
		await withClient(database, async (client) => await client.query(`DROP OWNED BY "${role.user}"`));
	});

	test('leaves the line of an error in a script where it is', async () => {
		const database = await sandbox.createDatabase();
		const folder = sandbox.writeFolder({ '1_wrong': 'CREATE TABLE one (i int);\n\nSELECT nonsense;\n' });
		const { code, text } = await rejection(deployMigrations(database, folder, deployOptions({ fence: fence(1) })));
		expect(code).toBe('MIGRATION.SCRIPT_FAILED');
		expect(text).toContain('failed at line 3');
		expect(await readColumn(database, HISTORY)).toEqual(['1_wrong failed']);
		// A failure that was reported is for a person to decide, with a fence too.
		expect((await rejection(deployMigrations(database, folder, deployOptions({ fence: fence(2) })))).code).toBe(
			'MIGRATION.HISTORY_FAILED',
		);
	});

	test('works with scripts that must be alone or first, and is no drift to the status and no difference to a backup', async () => {
		const database = await sandbox.createDatabase();
		const folder = sandbox.writeFolder({
			...ONE,
			'2_index': 'CREATE INDEX CONCURRENTLY one_i ON one (i)',
			'3_strict': 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; INSERT INTO one VALUES (1);',
		});
		const deployed = await deployMigrations(database, folder, deployOptions({ fence: fence(4) }));
		expect(deployed.applied).toEqual(['1_one', '2_index', '3_strict']);
		expect(await readMigrationStatus(database, folder, deployOptions())).toMatchObject({
			verdict: 'passed',
			problems: [],
		});

		const run = newRun();
		const store = await openStore();
		const { backupId } = await createBackup(database, store, run);
		const verified = await verifyBackup({ ...database, database: 'postgres' }, store, {
			...run,
			backupId,
			allowSourceServer: true,
		});
		expect(verified).toMatchObject({ verdict: 'passed', differences: [] });
		store.close();
	});
});

describe('a deployment whose process was killed', () => {
	let target: PostgresConnection;
	let release: Release;
	let backupId: string;

	beforeEach(async () => {
		target = await sandbox.createDatabase();
		release = await beginProvenRelease(ledger);
		({ backupId } = await proveBackup(ledger, release, target));
		await prove(ledger, release, 'gate-1/approval');
		await prove(ledger, release, '2.1/migration-status');
	});
	const clear = async (migrationsFolder: string, token = release.token): Promise<void> => {
		await proveLint(ledger, { id: release.id, token }, migrationsFolder);
	};

	const work = (migrationsFolder: string, token: number): ChildWork => ({
		node: 'PrismaMigrate',
		parameters: {
			...{ operation: 'deploy', migrationsFolder, schema: 'public', lockTimeoutSeconds: 4, lockAttempts: 5 },
			...{ statementTimeoutSeconds: 600, upTo: 'lastExpand', recordStep: true, stepKey: '2.1/deploy-migrations' },
			...{ releaseId: release.id, token, environment: release.environment },
		},
		credentials: { postgres: { ...target }, releaseLedger: { ...operations }, s3: storageCredential() },
	});
	const sessionsRunning = async (fragment: string): Promise<number[]> =>
		(await readColumn(
			target,
			`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%${fragment}%'`,
		)) as number[];
	const killDuring = async (migrationsFolder: string, fragment: string): Promise<number> => {
		await clear(migrationsFolder);
		const child = runInChild(work(migrationsFolder, release.token));
		const early = child.outcome.then((outcome) => {
			throw new Error(`it ended before it was killed: ${JSON.stringify(outcome)}`);
		});
		early.catch(() => undefined);
		const runs = async (): Promise<boolean> => (await sessionsRunning(fragment)).length === 1;
		await Promise.race([waitUntil(runs, `a session runs ${fragment}`, 60), early]);
		const [pid] = await sessionsRunning(fragment);
		await child.kill();
		return pid!;
	};
	const resume = async (migrationsFolder: string): Promise<unknown> => {
		const { token } = await ledger.takeOver(release.id, { reason: 'its run was killed', intent: 'continue' });
		await clear(migrationsFolder, token);
		const { parameters, credentials } = work(migrationsFolder, token);
		const outputs = await new PrismaMigrate().execute.call(fakeExecuteContext({ parameters, credentials }).context);
		return outputs[0]?.[0]?.json.migration;
	};
	const noReturn = async (): Promise<string | undefined> =>
		(await ledger.readRelease(release.id))?.pointOfNoReturn?.reason;

	test('during a script that the server goes on with: its commit is known, and it is not run twice', async () => {
		const folder = sandbox.writeFolder({
			'1_one': 'CREATE TABLE one (i int);',
			'2_slow': 'INSERT INTO one VALUES (1); SELECT pg_sleep(5);',
			'3_three': 'CREATE TABLE three (i int);',
		});
		await killDuring(folder.path, 'pg_sleep(5)');
		expect(await readMigrationStatus(target, folder, deployOptions())).toMatchObject({ verdict: 'inconclusive' });
		expect(await observeDeployment(target, folder, deployOptions())).toBe('unknown');
		await waitUntil(async () => (await readAdvisoryLocks(target)).length === 0, 'the session ended');
		expect(await readMigrationStatus(target, folder, deployOptions())).toMatchObject({
			verdict: 'passed',
			pending: [{ name: '3_three' }],
			problems: [{ kind: 'interrupted', names: ['2_slow (committed)'] }],
		});

		const names = ['1_one', '2_slow', '3_three'];
		expect(await resume(folder.path)).toMatchObject({ applied: names, alreadyApplied: 0, analyze: 'tables' });
		expect(await readColumn(target, HISTORY)).toEqual(names);
		expect(await readColumn(target, 'SELECT i FROM one')).toEqual([1]);
		expect(await noReturn()).toContain(`(1_one, 2_slow, 3_three). The backup ${backupId} of `);
	});

	test('during a script that the server undid: nothing of it is left, and it is run again', async () => {
		const folder = sandbox.writeFolder({
			'1_one': 'CREATE TABLE one (i int);',
			'2_slow':
				'INSERT INTO one VALUES (1); SELECT CASE WHEN count(*) = 1 THEN pg_sleep(20) END FROM _prisma_migrations WHERE migration_name LIKE $$2%$$;',
		});
		const pid = await killDuring(folder.path, 'pg_sleep(20)');
		await readColumn(target, `SELECT pg_terminate_backend(${pid}, 5000)`);
		expect(await readMigrationStatus(target, folder, deployOptions())).toMatchObject({
			verdict: 'passed',
			pending: [{ name: '2_slow' }],
			problems: [{ kind: 'interrupted', names: ['2_slow (nothing of it was left)'] }],
		});
		expect(await resume(folder.path)).toMatchObject({ applied: ['1_one', '2_slow'] });
		expect(await readColumn(target, HISTORY)).toEqual(['1_one', '2_slow rolled back', '2_slow']);
		expect(await readColumn(target, 'SELECT i FROM one')).toEqual([1]);
	});

	test('during a script that commits in between: a person decides, and the error names it', async () => {
		const folder = sandbox.writeFolder({
			'1_own': 'BEGIN; CREATE TABLE one (i int); COMMIT; SELECT pg_sleep(20);',
		});
		const pid = await killDuring(folder.path, 'pg_sleep(20)');
		await readColumn(target, `SELECT pg_terminate_backend(${pid}, 5000)`);
		await expect(resume(folder.path)).rejects.toThrow(/1_own.*MIGRATION\.HISTORY_FAILED/s);
		expect(await readColumn(target, HISTORY)).toEqual(['1_own failed']);
	});

	test('after the last script, before its record: the facts survive', async () => {
		const folder = sandbox.writeFolder(ONE);
		const { id, environment, token } = release;
		await ledger.startStep(
			{ release, stepKey: '2.1/deploy-migrations', itemKey: '', kind: 'change', inputs: {}, requires: [] },
			{ inputHash: '', inverse: null },
		);
		await deployMigrations(target, folder, deployOptions({ fence: { environment, release: id, token } }));
		await ledger.finishStep(
			{ release, stepKey: '2.1/deploy-migrations', itemKey: '', kind: 'change', inputs: {}, requires: [] },
			{ state: 'failed', result: null, evidence: null, error: null },
		);
		expect(await resume(folder.path)).toMatchObject({ applied: ['1_one'], alreadyApplied: 0, analyze: 'tables' });
		expect(await noReturn()).toContain('moved on (1_one)');
	});
});
