import { listTables, prepareReading, readTable } from '../../lib/backup/content.client';
import { createBackup } from '../../lib/backup/createBackup';
import { listBackups } from '../../lib/backup/listBackups';
import { renderManifest, sealManifest } from '../../lib/backup/manifest';
import type { BackupManifest } from '../../lib/backup/model';
import { parseScratchName } from '../../lib/backup/scratchName';
import { readVerifiedRecord } from '../../lib/backup/verifiedRecord';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import type { ObjectStorage } from '../../lib/storage/model';
import { connectPostgres } from '../../lib/support/postgres.client';
import {
	createDatabase,
	listKeys,
	listScratchDatabases,
	newRun,
	openStore,
	query,
	superuser,
	verifyOnSource,
} from '../lib/backup/harness';

jest.setTimeout(120_000);

let store: ObjectStorage;
let source: Awaited<ReturnType<typeof createDatabase>>;

beforeAll(async () => {
	store = await openStore();
});
beforeEach(async () => {
	source = await createDatabase();
});
afterEach(async () => await source.drop());
afterAll(() => store.close());

/** One of everything whose text depends on settings or whose order a restore may change. */
const SCHEMA = [
	"CREATE TYPE mood AS ENUM ('calm', 'angry')",
	'CREATE TABLE parent (id int)',
	'CREATE TABLE child (extra text) INHERITS (parent)',
	'ALTER TABLE parent ADD COLUMN late int',
	"INSERT INTO child (id, extra, late) SELECT i, 'x' || i, i * 2 FROM generate_series(1, 500) AS i",
	'CREATE TABLE cases (id bigserial PRIMARY KEY, t text, at timestamptz, amount money, ratio float8, raw bytea, length interval, mood mood, about regclass, twice int GENERATED ALWAYS AS (1 + 1) STORED)',
	`INSERT INTO cases (t, at, amount, ratio, raw, length, mood, about)
	 SELECT 'Fälle ' || i, timestamptz '2026-03-29 01:30+01' + i * interval '1 hour', i::money, 1.0 / i, decode(md5(i::text), 'hex'), i * interval '25 hours', 'calm', 'cases'::regclass
	 FROM generate_series(1, 1000) AS i`,
	'CREATE TABLE parts (k int, v text) PARTITION BY RANGE (k)',
	'CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)',
	"INSERT INTO parts VALUES (1, 'a'), (1, 'a'), (2, NULL)",
	'CREATE TABLE nothing ()',
	'INSERT INTO nothing DEFAULT VALUES',
	'CREATE SEQUENCE countdown INCREMENT -5 START 1000 MAXVALUE 1000 MINVALUE 0',
	'CREATE SEQUENCE untouched',
	"SELECT nextval('countdown'), nextval('countdown')",
	"SELECT lo_from_bytea(0, 'a large object')",
	'CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM cases',
];

test('a backup restores to the same rows, sequences and large objects, and yields a token', async () => {
	await query(source, ...SCHEMA);
	const run = newRun();
	const backup = await createBackup(source, store, run);
	expect(backup).toEqual({
		backupId: expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/),
		bucket: run.location.bucket,
		folder: `${run.location.prefix}/${backup.backupId}/`,
		manifestKey: `${run.location.prefix}/${backup.backupId}.manifest.json`,
		sizeBytes: expect.any(Number),
		sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
		tables: 5,
		rows: 1504,
	});
	expect(await listKeys(run)).toEqual([
		backup.manifestKey,
		`${backup.folder}rest.dump.zst`,
		`${backup.folder}schema.dump.zst`,
	]);

	const verification = await verifyOnSource(store, {
		...run,
		backupId: backup.backupId,
		expectedSha256: backup.sha256,
	});

	const [identity] = await query(
		source,
		`SELECT (SELECT system_identifier::text FROM pg_control_system()), oid::int FROM pg_database WHERE datname = current_database()`,
	);
	expect(verification).toEqual({
		...backup,
		verdict: 'passed',
		reasons: [],
		differences: [],
		differenceCount: 0,
		scratch: null,
		token: {
			backupId: backup.backupId,
			sha256: backup.sha256,
			source: {
				systemIdentifier: identity?.system_identifier,
				databaseOid: identity?.oid,
				databaseName: source.database,
				timeline: 1,
			},
			verifiedAt: expect.any(String),
			proofClass: 'A',
		},
	});
	expect(await listScratchDatabases(backup.backupId)).toEqual([]);
});

test('a verified backup says so beside its manifest, and in the list, until it fails', async () => {
	await query(source, 'CREATE TABLE cases (t text)', "INSERT INTO cases VALUES ('a')");
	const run = newRun();
	const { location, signal } = run;
	const older = await createBackup(source, store, { ...run, backupId: '20200101T000000Z-3f9a1c2b0000' });
	const backup = await createBackup(source, store, run);
	await store.putText({ bucket: location.bucket, key: `${location.prefix}/notes.txt` }, 'not ours', signal);
	await store.putText(
		{ bucket: location.bucket, key: `${location.prefix}/20200101T000000Z-3f9a1c2b0001/rest.dump.zst` },
		'left by a run that was killed',
		signal,
	);
	const verify = async () => await verifyOnSource(store, { ...run, backupId: backup.backupId });
	const { token } = await verify();
	expect(await readVerifiedRecord(store, { location, backupId: backup.backupId, signal })).toEqual(token);
	const facts = { snapshotAt: expect.any(String), databaseName: source.database, serverVersion: expect.any(String) };
	expect(await listBackups(store, location, { limit: 5, signal })).toEqual({
		backups: [
			{ ...backup, ...facts, verifiedAt: token?.verifiedAt },
			{ ...older, ...facts, verifiedAt: null },
		],
		unusable: [],
		unfinished: ['20200101T000000Z-3f9a1c2b0001'],
		omitted: 0,
	});
	expect(await listBackups(store, location, { limit: 1, signal })).toMatchObject({
		backups: [{ backupId: backup.backupId }],
		omitted: 1,
	});

	await store.putText({ bucket: location.bucket, key: `${backup.folder}rest.dump.zst` }, 'damaged', signal);
	expect(await verify()).toMatchObject({ verdict: 'failed' });
	expect(await readVerifiedRecord(store, { location, backupId: backup.backupId, signal })).toBeUndefined();
});

test('a record of verification that was tampered with, or is of another backup, counts for nothing', async () => {
	const run = newRun();
	const { location, signal } = run;
	const backup = await createBackup(source, store, run);
	await verifyOnSource(store, { ...run, backupId: backup.backupId });
	const address = { bucket: location.bucket, key: `${location.prefix}/${backup.backupId}.verified.json` };
	const text = (await store.readText(address, signal)) ?? '';
	const other = '20200101T000000Z-3f9a1c2b0000';
	await store.putText({ ...address, key: `${location.prefix}/${other}.verified.json` }, text, signal);
	expect(await readVerifiedRecord(store, { location, backupId: other, signal })).toBeUndefined();
	const damaged = text.replace('"verifiedAt": "2', '"verifiedAt": "3');
	expect(damaged).not.toBe(text);
	await store.putText(address, damaged, signal);
	expect(await readVerifiedRecord(store, { location, backupId: backup.backupId, signal })).toBeUndefined();
});

test('the scratch database of a verified backup can be kept, and has its rows; that of one that differs never is', async () => {
	await query(source, 'CREATE TABLE cases (t text)', "INSERT INTO cases VALUES ('a'), ('b')");
	const run = newRun();
	const backup = await createBackup(source, store, run);
	const keeping = {
		...run,
		backupId: backup.backupId,
		scratchLife: { expiresAfterMs: 3_600_000, keep: true },
	};
	const { verdict, scratch } = await verifyOnSource(store, keeping);
	expect([verdict, parseScratchName(scratch?.database ?? '')?.expiresAt.getTime()]).toEqual([
		'passed',
		Math.floor(Date.parse(scratch?.expiresAt ?? '') / 1000) * 1000,
	]);
	const database = scratch?.database ?? '';
	expect(await query({ ...superuser(), database }, 'SELECT count(*)::int AS rows FROM cases')).toEqual([{ rows: 2 }]);
	await query(superuser(), `DROP DATABASE "${database}"`);

	const address = { bucket: backup.bucket, key: backup.manifestKey };
	const manifest = JSON.parse((await store.readText(address, run.signal)) ?? '') as BackupManifest;
	const changed = sealManifest({ ...manifest, tables: manifest.tables.map((table) => ({ ...table, rows: 3 })) });
	await store.putText(address, renderManifest(changed), run.signal);
	expect(await verifyOnSource(store, keeping)).toMatchObject({ verdict: 'failed', scratch: null });
	expect(await listScratchDatabases(backup.backupId)).toEqual([]);
});

test.each([
	['numeric', '1.0', '1.00'],
	['numeric', "'NaN'", 'NULL'],
	['jsonb', `'{"a":1.0}'`, `'{"a":1.00}'`],
	['json', `'{"a": 1}'`, `'{"a":1}'`],
	['float8', "'0'", "'-0'"],
	['interval', "'24 hours'", "'1 day'"],
	['bpchar(3)', "'a'", "'b'"],
	['text', "''", 'NULL'],
	['own_range', "'[1.0,2)'", "'[1.00,2)'"],
])('a %s that was %s and became %s is another row', async (type, was, became) => {
	await query(
		source,
		'CREATE TYPE own_range AS RANGE (subtype = numeric)',
		`CREATE TABLE was (v ${type})`,
		`CREATE TABLE became (v ${type})`,
		`INSERT INTO was VALUES (${was}), (${was})`,
		`INSERT INTO became VALUES (${was}), (${became})`,
	);
	const client = await connectPostgres(source);
	await prepareReading(client, 1000);
	const [one, other] = await listTables(client);
	const hashes = [one, other].map(async (table) => table && (await readTable(client, table, 'record')).hash);
	const [first, second] = await Promise.all(hashes);
	await client.end();
	expect([first, second]).toEqual([expect.stringMatching(/^-?\d+$/), expect.stringMatching(/^-?\d+$/)]);
	expect(first).not.toBe(second);
});

test('a backup taken while others write is one point in time', async () => {
	await query(
		source,
		'CREATE TABLE busy (id bigserial, t text)',
		'INSERT INTO busy (t) SELECT md5(i::text) FROM generate_series(1, 50000) AS i',
	);
	const writer = await connectPostgres(source);
	let writing = true;
	const written = (async () => {
		while (writing)
			await writer.query('INSERT INTO busy (t) SELECT md5(i::text) FROM generate_series(1, 100) AS i');
	})();
	const run = newRun();
	const backup = await createBackup(source, store, run);
	writing = false;
	await written;
	await writer.end();
	const [live] = await query(source, 'SELECT count(*)::int AS rows FROM busy');

	const verification = await verifyOnSource(store, { ...run, backupId: backup.backupId });

	expect(verification).toMatchObject({ verdict: 'passed', reasons: [], rows: backup.rows });
	expect(live?.rows).toBeGreaterThan(backup.rows);
});

test('names that look like options or connection strings stay names', async () => {
	const odd = await createDatabase(`--file=/tmp/x host='nowhere' "q" \\ ${source.database}`.slice(0, 63));
	try {
		await query(
			odd,
			`CREATE TABLE "-rf ""; DROP TABLE x; --" ("a b" int, "r" int, "--" text)`,
			`INSERT INTO "-rf ""; DROP TABLE x; --" VALUES (1, 2, 'z')`,
		);
		const run = newRun();
		const backup = await createBackup(odd, store, run);
		expect(backup).toMatchObject({ tables: 1, rows: 1 });
		const verification = await verifyOnSource(store, { ...run, backupId: backup.backupId });
		expect(verification).toMatchObject({ verdict: 'passed', token: { source: { databaseName: odd.database } } });
	} finally {
		await odd.drop();
	}
});

test('a restore drill on the source server is refused unless it is allowed, and on the source itself always', async () => {
	const run = newRun();
	const { backupId } = await createBackup(source, store, run);
	await expect(
		verifyBackup(superuser(), store, { ...run, backupId, allowSourceServer: false }),
	).rejects.toMatchObject({ code: 'BACKUP.SCRATCH_ON_SOURCE_SERVER' });
	await expect(verifyBackup(source, store, { ...run, backupId, allowSourceServer: true })).rejects.toMatchObject({
		code: 'BACKUP.SCRATCH_IS_SOURCE',
	});
	expect(await listScratchDatabases(backupId)).toEqual([]);
});
