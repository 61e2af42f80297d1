import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createBackup } from '../../lib/backup/createBackup';
import { restoreDatabase } from '../../lib/backup/restore/restoreDatabase';
import { readVerifiedRecord } from '../../lib/backup/verifiedRecord';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import type { ObjectStorage } from '../../lib/storage/model';
import {
	createDatabase,
	listKeys,
	listScratchDatabases,
	newRun,
	openStore,
	query,
	startProxy,
	superuser,
	type RecordingProxy,
} from '../lib/backup/harness';
import { ArchivedCluster } from './archivedCluster';
import { makeEarlierBackup } from './earlierBackup';
import { copyPostgresWithout } from './otherPostgres';
import { mountSmallDisk } from './smallDisk';

jest.setTimeout(180_000);

const BULKY = [
	'CREATE TABLE bulky (id int, t text)',
	'INSERT INTO bulky SELECT i, md5(i::text) || md5((-i)::text) FROM generate_series(1, 1000000) AS i',
];
let cluster: ArchivedCluster;
let proxy: RecordingProxy;
let store: ObjectStorage;

beforeEach(async () => {
	cluster = await ArchivedCluster.start();
	proxy = await startProxy();
	store = await openStore(proxy.endpoint);
});
afterEach(async () => {
	store.close();
	await proxy.close();
	cluster.stop();
});

test('a server that is gone in the middle of the dump: no backup, no parts, and the verified one before is untouched', async () => {
	const run = newRun();
	const { location, signal } = run;
	await cluster.query('CREATE DATABASE cases');
	const source = { ...cluster.connection, database: 'cases' };
	await query(source, ...BULKY);
	const { backupId } = await createBackup(source, store, run);
	const verify = async () => await verifyBackup(superuser(), store, { ...run, backupId, allowSourceServer: true });
	const { token } = await verify();
	const before = await listKeys(run);
	const finished = proxy.calls.length;

	const backup = createBackup(source, store, run).catch((reason: unknown) => reason);
	const copying = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY public.bulky%' AND state = 'active'";
	while ((await query(cluster.connection, copying)).length === 0) signal.throwIfAborted();
	cluster.crash();
	expect(await backup).toMatchObject({ code: expect.stringMatching(/^BACKUP\.(DUMP_FAILED|SOURCE_UNREACHABLE)$/) });

	const calls = proxy.calls.slice(finished);
	const started = calls.filter((call) => call.startsWith('POST ') && /[?&]uploads(=|&|$)/.test(call));
	const discarded = calls.filter((call) => call.startsWith('DELETE ') && call.includes('uploadId='));
	expect(discarded).toHaveLength(started.length);
	expect(await listKeys(run)).toEqual(before);
	expect(await readVerifiedRecord(store, { location, backupId, signal })).toEqual(token);
	expect(await verify()).toMatchObject({ verdict: 'passed' });
	cluster.run('pg_ctl', ['-D', cluster.data, '-w', 'start', '-l', path.join(cluster.folder, 'log')]);
});

test('a scratch server whose disk is full judges nothing: the backup keeps what an earlier verification said', async () => {
	const small = mountSmallDisk(cluster.makeFolder('small'), 24);
	if (!small) return;
	const source = await createDatabase();
	try {
		await query(source, ...BULKY);
		const run = newRun();
		const { location, signal } = run;
		const { backupId } = await createBackup(source, store, run);
		const options = { ...run, backupId, allowSourceServer: false };
		const { token } = await verifyBackup(cluster.connection, store, options);

		await cluster.query(
			`CREATE TABLESPACE small LOCATION '${path.join(cluster.folder, 'small')}'`,
			'ALTER ROLE postgres SET default_tablespace = small',
			'ALTER ROLE postgres SET temp_tablespaces = small',
		);
		expect(await verifyBackup(cluster.connection, store, options)).toMatchObject({
			verdict: 'inconclusive',
			token: null,
			reasons: [{ code: 'SCRATCH_DISK_FULL', message: expect.stringContaining('No space left on device') }],
		});
		expect(
			await query(cluster.connection, "SELECT datname FROM pg_database WHERE datname LIKE 'scratch%'"),
		).toEqual([]);
		expect(await readVerifiedRecord(store, { location, backupId, signal })).toEqual(token);
	} finally {
		small.unmount();
		await source.drop();
	}
});

test('a scratch server that lacks an extension of the source is told its name, and restores nothing', async () => {
	const source = await createDatabase();
	const other = copyPostgresWithout('hstore');
	const lacking = await ArchivedCluster.start(other);
	try {
		await query(source, 'CREATE EXTENSION hstore', "CREATE TABLE cases AS SELECT 'a=>1'::hstore AS facts");
		const run = newRun();
		const { backupId } = await createBackup(source, store, run);
		const verify = async (server: ArchivedCluster) =>
			await verifyBackup(server.connection, store, { ...run, backupId, allowSourceServer: false });
		expect(await verify(lacking)).toMatchObject({
			verdict: 'inconclusive',
			token: null,
			reasons: [
				{ code: 'SCRATCH_EXTENSION_MISSING', message: expect.stringContaining('lacks the extensions hstore') },
			],
		});
		const scratch = "SELECT datname FROM pg_database WHERE datname LIKE 'scratch%'";
		expect(await query(lacking.connection, scratch)).toEqual([]);
		expect(await verify(cluster)).toMatchObject({ verdict: 'passed' });
	} finally {
		lacking.stop();
		other.remove();
		await source.drop();
	}
});

test('a scratch server without room for a restore is told before anything is restored', async () => {
	const source = await createDatabase();
	try {
		await query(source, 'CREATE TABLE cases (t text)', "INSERT INTO cases VALUES ('a')");
		const run = newRun();
		const { backupId } = await createBackup(source, store, run);
		const verify = async (scratchDiskBytes: number) =>
			await verifyBackup(cluster.connection, store, {
				...run,
				backupId,
				scratchDiskBytes,
				allowSourceServer: false,
			});
		const before = proxy.calls.length;
		expect(await verify(30e6)).toMatchObject({
			verdict: 'inconclusive',
			token: null,
			reasons: [{ code: 'SCRATCH_DISK_SHORT', message: expect.stringContaining('at most') }],
		});
		expect(proxy.calls.slice(before).filter((call) => call.includes('.dump'))).toEqual([]);
		expect(await verify(100e9)).toMatchObject({ verdict: 'passed' });
	} finally {
		await source.drop();
	}
});

test('a restore that fills the disk is told by its reason, and gives the room back to the live database', async () => {
	const small = mountSmallDisk(cluster.makeFolder('small'), 24);
	if (!small) return;
	try {
		await cluster.query(
			`CREATE TABLESPACE small LOCATION '${path.join(cluster.folder, 'small')}'`,
			'CREATE DATABASE cases TEMPLATE template0 TABLESPACE small',
		);
		const live = { ...cluster.connection, database: 'cases' };
		await query(
			live,
			'CREATE TABLE cases (t text)',
			'INSERT INTO cases SELECT md5(i::text) FROM generate_series(1, 200000) AS i',
			// Until then its files have holes, and a full disk is one for it too.
			'CHECKPOINT',
		);
		const earlier = await makeEarlierBackup(live);
		const run = newRun({ location: earlier.location });
		const { backupId } = await createBackup(live, store, run);
		const restore = restoreDatabase(live, store, {
			...run,
			backupId,
			label: 'r-1',
			maintenanceDatabase: 'postgres',
			endpoints: [],
			waivers: [],
			reason: '',
			typedName: 'cases',
			swap: true,
			prepare: async () => await Promise.resolve(),
			refuseIfFencedOut: async () => await Promise.resolve(),
		});
		await expect(restore).rejects.toMatchObject({ code: 'RESTORE.DISK_FULL', retryable: true });
		const databases = await query(
			cluster.connection,
			"SELECT datname FROM pg_database WHERE datname LIKE 'cases%'",
		);
		expect(databases).toEqual([{ datname: 'cases' }]);
		expect(await query(live, 'SELECT count(*)::int AS rows FROM cases')).toEqual([{ rows: 200_000 }]);
		await earlier.expectUntouched();
		earlier.close();
	} finally {
		small.unmount();
	}
});

test('a disk of this machine that cannot take the schema judges nothing, and creates no scratch database that stays', async () => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'full-'));
	const full = mountSmallDisk(folder, 1);
	if (!full) return;
	const source = await createDatabase();
	try {
		await query(source, 'CREATE TABLE cases (t text)', "INSERT INTO cases VALUES ('a')");
		const earlier = await makeEarlierBackup(source);
		const run = newRun({ location: earlier.location });
		const { backupId } = await createBackup(source, store, run);
		expect(() => writeFileSync(path.join(folder, 'filler'), Buffer.alloc(2_000_000))).toThrow('ENOSPC');
		jest.spyOn(os, 'tmpdir').mockReturnValue(folder);
		const verification = await verifyBackup(superuser(), store, { ...run, backupId, allowSourceServer: true });
		expect(verification).toMatchObject({
			verdict: 'inconclusive',
			token: null,
			reasons: [{ code: 'HOST_DISK_UNAVAILABLE', message: expect.stringContaining('ENOSPC') }],
		});
		expect(await listScratchDatabases(backupId)).toEqual([]);
		await earlier.expectUntouched();
		earlier.close();
	} finally {
		jest.restoreAllMocks();
		full.unmount();
		rmSync(folder, { recursive: true, force: true });
		await source.drop();
	}
});

test('roles that the scratch server lacks are in no way of verifying, unless a policy names them: then nothing is judged', async () => {
	const role = `backup_owner_${process.pid}`;
	const source = await createDatabase();
	const backUpAndVerify = async (location = newRun().location) => {
		const run = newRun({ location });
		const { backupId } = await createBackup(source, store, run);
		return await verifyBackup(cluster.connection, store, { ...run, backupId, allowSourceServer: false });
	};
	try {
		await query(superuser(), `CREATE ROLE ${role}`);
		await query(
			source,
			'CREATE TABLE cases (t text)',
			`ALTER TABLE cases OWNER TO ${role}`,
			`GRANT SELECT ON cases TO ${role}`,
			`ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${role}`,
		);
		expect(await backUpAndVerify()).toMatchObject({ verdict: 'passed', reasons: [] });

		const earlier = await makeEarlierBackup(source);
		await query(source, `CREATE POLICY own ON cases TO ${role} USING (true)`);
		expect(await backUpAndVerify(earlier.location)).toMatchObject({
			verdict: 'inconclusive',
			token: null,
			reasons: [{ code: 'SCRATCH_ROLE_MISSING', message: expect.stringContaining(role) }],
		});
		await earlier.expectUntouched();
		earlier.close();
		await cluster.query(`CREATE ROLE ${role}`);
		expect(await backUpAndVerify()).toMatchObject({ verdict: 'passed', reasons: [] });
	} finally {
		await source.drop();
		await query(superuser(), `DROP ROLE ${role}`);
	}
});
