import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INodeExecutionData } from 'n8n-workflow';
import { pack } from 'tar-stream';
import { openLedger } from '../../lib/release/ledger.client';
import type { Ledger } from '../../lib/release/ledger';
import type { Json, Release } from '../../lib/release/model';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { PrismaMigrate } from '../../nodes/PrismaMigrate/PrismaMigrate.node';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { deployOptions, MigrationSandbox, readColumn } from '../lib/migration/migrationSandbox';
import { listKeys, openStore, superuser } from '../lib/backup/harness';
import { dropReleaseScratch } from '../../lib/backup/dropReleaseScratch';
import { scratchLabel } from '../../lib/backup/scratchName';
import { beginProvenRelease, prove } from './beginProvenRelease';
import { proveBackup, storageCredential } from './proveBackup';
import { observeDeployment } from '../../lib/migration/observeDeployment';
import { readMigrationsFolder } from '../../lib/migration/readMigrationsFolder';

const sandbox = new MigrationSandbox();
let operations: PostgresConnection;
let target: PostgresConnection;
let ledger: Ledger;
let release: Release;

beforeAll(async () => {
	operations = await sandbox.createDatabase();
	ledger = await openLedger(operations);
});

afterAll(async () => {
	await ledger.close();
	await sandbox.remove();
});

beforeEach(async () => {
	target = await sandbox.createDatabase();
	release = await beginProvenRelease(ledger);
});

afterEach(async () => {
	const run = { signal: new AbortController().signal, log: () => undefined };
	await dropReleaseScratch(superuser(), { releaseId: release.id, named: '' }, run);
});

async function record(stepKey: string, result: Json): Promise<void> {
	await prove(ledger, release, stepKey, result);
}

async function recordBackupOf(connection: PostgresConnection): ReturnType<typeof proveBackup> {
	return await proveBackup(ledger, release, connection, { keepScratch: true });
}

/** Scratch databases of the release. */
async function listScratch(): Promise<unknown[]> {
	const { label } = scratchLabel(release.id);
	return await readColumn(
		superuser(),
		`SELECT datname FROM pg_database WHERE starts_with(datname, 'scratch_${label}_')`,
	);
}

/** What a release has behind it when it is asked to deploy; the rehearsal is the test's. */
async function approveAndLint(): Promise<void> {
	await record('gate-1/approval', {});
	await record('2.2/integrity-before', {});
	await record('2.2/record-counts', {});
	await execute('status');
	await execute('lint');
}

const STEPS = {
	status: '2.1/migration-status',
	lint: '2.1/lint',
	rehearse: '2.1/rehearse',
	deploy: '2.1/deploy-migrations',
};

async function execute(operation: keyof typeof STEPS): Promise<{ outputs: INodeExecutionData[][]; logged: string[] }> {
	const stepKey = STEPS[operation];
	const { context, logged } = fakeExecuteContext({
		parameters: {
			...{
				operation,
				migrationsFolder: sandboxEndpoints().migrationsFolder,
				schema: 'public',
				lockTimeoutSeconds: 4,
				lockAttempts: 5,
				statementTimeoutSeconds: 600,
				upTo: 'lastExpand',
				smallTableMegabytes: 100,
				scratchDatabase: '',
				dropScratch: true,
				longestLockSeconds: 10,
			},
			...{
				recordStep: true,
				stepKey,
				releaseId: release.id,
				token: release.token,
				environment: release.environment,
			},
		},
		credentials: {
			...{ postgres: { ...target }, scratchPostgres: { ...superuser() } },
			...{ releaseLedger: { ...operations }, s3: storageCredential() },
		},
	});
	return { outputs: await new PrismaMigrate().execute.call(context), logged };
}

test('a release migrates: status passes, deploy applies once, a resume is answered from the record', async () => {
	await recordBackupOf(target);
	await approveAndLint();
	const looked = await execute('status');
	expect(looked.outputs[2]?.[0]?.json.migration).toMatchObject({
		verdict: 'passed',
		applied: 0,
		pending: [{}, {}, {}],
	});

	const linted = await execute('lint');
	expect(linted.outputs[2]?.[0]?.json.migration).toMatchObject({
		verdict: 'passed',
		previousVersionMayServe: true,
		migrations: [{ phase: 'expand' }, { phase: 'expand' }, { phase: 'expand' }],
		reasons: [],
	});

	// The run before this one was killed when it had verified the backup.
	await proveBackup(ledger, release, target, { keepScratch: true });
	expect(await listScratch()).toHaveLength(2);
	const rehearsed = await execute('rehearse');
	expect(rehearsed.outputs[2]?.[0]?.json.migration).toMatchObject({
		verdict: 'passed',
		migrations: [{ failure: null }, { failure: null }, { failure: null }],
	});
	expect(await listScratch()).toEqual([]);

	const deployed = await execute('deploy');
	const names = ['20260301090000_init', '20260614101500_add_users_and_sessions', '20261102083000_add_case_priority'];
	expect(deployed.outputs).toHaveLength(1);
	expect(deployed.outputs[0]?.[0]?.json).toMatchObject({
		release: { id: release.id },
		migration: { applied: names, alreadyApplied: 0, database: { name: target.database } },
	});
	expect(await ledger.readStep(release.id, '2.1/deploy-migrations', '')).toMatchObject({
		state: 'passed',
		inverse: null,
		result: { applied: names },
		evidence: {
			checksums: { [names[0]!]: expect.stringMatching(/^[0-9a-f]{64}$/) },
			backup: { databaseOid: expect.any(Number) },
		},
	});

	const resumed = await execute('deploy');
	expect(resumed.outputs[0]?.[0]?.json.migration).toMatchObject({ applied: names });
	const ledgerRows = await readColumn(operations, 'SELECT s::text FROM deployment_runbook.step s');
	expect(ledgerRows).toHaveLength(8);
	expect(JSON.stringify([looked, linted, rehearsed, deployed, resumed, ledgerRows])).not.toContain(target.password);
});

test('a migration that was not rehearsed with this very checksum is not deployed', async () => {
	await recordBackupOf(target);
	await approveAndLint();
	await execute('rehearse');
	const { migrations } = (await ledger.readStep(release.id, '2.1/rehearse', ''))?.result as {
		migrations: Array<{ checksum: string }>;
	};
	const [first, ...others] = migrations;
	await record('2.1/rehearse', { migrations: [{ ...first!, checksum: 'f'.repeat(64) }, ...others] });
	await expect(execute('deploy')).rejects.toThrow('MIGRATION.NOT_REHEARSED');
	expect(await readColumn(target, `SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'`)).toEqual([0]);
});

test('a release whose backup is of another database does not migrate, and the ledger says why', async () => {
	await recordBackupOf(operations);
	await approveAndLint();
	await record('2.1/rehearse', { migrations: [] });
	await expect(execute('deploy')).rejects.toThrow('MIGRATION.BACKUP_OF_ANOTHER_DATABASE');
	expect(await ledger.readStep(release.id, '2.1/deploy-migrations', '')).toMatchObject({
		state: 'failed',
		error: { code: 'MIGRATION.BACKUP_OF_ANOTHER_DATABASE' },
	});
	expect(await readColumn(target, `SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'`)).toEqual([0]);
});

test('a release whose backup record names no source does not migrate', async () => {
	await record('1.2/verify-backup', { token: { proofClass: 'A' } });
	await approveAndLint();
	await record('2.1/rehearse', { migrations: [] });
	await expect(execute('deploy')).rejects.toThrow('MIGRATION.BACKUP_IDENTITY_UNREADABLE');
});

test.each([
	['was pruned', /\.manifest\.json$|\.dump\.zst$/],
	['lost an archive', /rest\.dump\.zst$/],
	['failed a later verification', /\.verified\.json$/],
])('a release whose backup %s since does not migrate', async (_what, lost) => {
	const { bucket, folder } = await recordBackupOf(target);
	const keys = await listKeys({ location: { bucket, prefix: folder.replace(/\/$/, '') } });
	const gone = keys.filter((key) => lost.test(key));
	expect(gone.length).toBeGreaterThan(0);
	const store = await openStore();
	for (const key of gone) await store.remove({ bucket, key });
	store.close();
	await approveAndLint();
	await record('2.1/rehearse', { migrations: [] });
	await expect(execute('deploy')).rejects.toThrow('MIGRATION.BACKUP_NOT_IN_STORAGE');
	expect(await readColumn(target, `SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'`)).toEqual([0]);
});

test('an archive in object storage becomes the folder that the other operations read', async () => {
	const folder = readMigrationsFolder(sandboxEndpoints().migrationsFolder);
	const packed = pack();
	packed.entry({ name: 'app/prisma/migrations/migration_lock.toml' }, folder.lockFile);
	for (const { name, script } of folder.migrations)
		packed.entry({ name: `app/prisma/migrations/${name}/migration.sql` }, script);
	packed.finalize();
	const store = await openStore();
	const bucket = sandboxEndpoints().s3.buckets.backups;
	const { signal } = new AbortController();
	const content = packed as unknown as AsyncIterable<Uint8Array>;
	await store.putStream({ bucket, key: 'release/migrations.tar' }, content, { expectedBytes: 10_000, signal });
	store.close();
	const directory = await mkdtemp(join(tmpdir(), 'unpacked-'));
	const { context } = fakeExecuteContext({
		parameters: {
			operation: 'unpack',
			archiveFrom: 'objectStorage',
			bucket,
			key: 'release/migrations.tar',
			directory,
			sha256: '',
			recordStep: false,
		},
		credentials: { s3: storageCredential() },
	});
	const [[item] = []] = await new PrismaMigrate().execute.call(context);
	const { migrationsFolder } = item?.json.migration as { migrationsFolder: string };
	expect(readMigrationsFolder(migrationsFolder).migrations).toEqual(folder.migrations);
	await rm(directory, { recursive: true });
});

test('a deployment that was interrupted is observed: not done before, done after', async () => {
	const folder = readMigrationsFolder(sandboxEndpoints().migrationsFolder);
	expect(await observeDeployment(target, folder, deployOptions())).toBe('not-done');
	await recordBackupOf(target);
	await approveAndLint();
	await execute('rehearse');
	await execute('deploy');
	const { environment, id, token } = release;
	const fence = { environment, release: id, token };
	// Its statistics may be missing: those it does again, and no script.
	expect(await observeDeployment(target, folder, { ...deployOptions(), fence })).toBe('not-done');
	expect(
		await observeDeployment(target, folder, { ...deployOptions(), fence: { ...fence, release: 'r-next' } }),
	).toMatchObject({ applied: [], alreadyApplied: 3, database: { name: target.database } });
	expect(await observeDeployment({ ...target, port: 1 }, folder, deployOptions())).toBe('unknown');
});
