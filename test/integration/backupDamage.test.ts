import { createBackup } from '../../lib/backup/createBackup';
import { renderManifest, sealManifest } from '../../lib/backup/manifest';
import type { BackupSummary } from '../../lib/backup/summarizeBackup';
import type { BackupManifest } from '../../lib/backup/model';
import { readVerifiedRecord } from '../../lib/backup/verifiedRecord';
import type { BackupVerification } from '../../lib/backup/verification';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import type { ObjectStorage } from '../../lib/storage/model';
import {
	createDatabase,
	listScratchDatabases,
	newRun,
	openStore,
	query,
	readObject,
	superuser,
	verifyOnSource,
	writeObject,
} from '../lib/backup/harness';
import { makeEarlierBackup, type EarlierBackup } from './earlierBackup';

jest.setTimeout(120_000);

/** The two tables of 5000 rows get an archive each. */
const SMALL_ARCHIVES = 100_000;
let store: ObjectStorage;
let source: Awaited<ReturnType<typeof createDatabase>>;
let earlier: EarlierBackup;
let run: ReturnType<typeof newRun>;
let backup: BackupSummary;

beforeAll(async () => {
	store = await openStore();
	source = await createDatabase();
	await query(
		source,
		'CREATE TABLE cases (id serial PRIMARY KEY, t text)',
		'INSERT INTO cases (t) SELECT md5(i::text) FROM generate_series(1, 5000) AS i',
		'CREATE TABLE notes AS SELECT * FROM cases',
		'CREATE TABLE small (t text)',
		"INSERT INTO small VALUES ('few')",
	);
	earlier = await makeEarlierBackup(source);
});
beforeEach(async () => {
	run = newRun({ location: earlier.location });
	backup = await createBackup(source, store, { ...run, smallestArchiveBytes: SMALL_ARCHIVES });
});
afterEach(async () => {
	expect(await listScratchDatabases(backup.backupId)).toEqual([]);
	await earlier.expectUntouched();
	await earlier.removeOthers();
});
afterAll(async () => {
	earlier.close();
	store.close();
	await source.drop();
});

const verify = async (overrides = {}): Promise<BackupVerification> =>
	await verifyOnSource(store, {
		...run,
		signal: AbortSignal.timeout(100_000),
		backupId: backup.backupId,
		...overrides,
	});
const codes = ({ reasons }: BackupVerification): string[] => reasons.map(({ code }) => code);

const restKey = (): string => `${backup.folder}rest.dump.zst`;

const read = async (key: string): Promise<Buffer> => await readObject(store, { bucket: backup.bucket, key });
const write = async (key: string, bytes: Buffer): Promise<void> =>
	await writeObject(store, { bucket: backup.bucket, key }, bytes);

const readManifestOf = async ({ manifestKey }: BackupSummary): Promise<BackupManifest> =>
	JSON.parse((await read(manifestKey)).toString()) as BackupManifest;

/** Whoever can write to the bucket can also make the manifest's own checksum fit. */
async function rewriteManifest(change: (manifest: BackupManifest) => BackupManifest): Promise<void> {
	const address = { bucket: backup.bucket, key: backup.manifestKey };
	const text = renderManifest(sealManifest(change(await readManifestOf(backup))));
	await store.putText(address, text, run.signal);
}

/** The same places in every run (mulberry32), so that a failure can be looked at again. */
function* seeded(seed: number): Generator<number> {
	for (let state = seed; ;) {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}
}
const random = seeded(20261126);

/** Flips one bit somewhere in each of `count` equal stretches, one damage at a time, and puts the object back afterwards. */
async function* damages(key: string, count: number): AsyncGenerator<string> {
	const bytes = await read(key);
	for (let part = 0; part < count; part++) {
		const index = Math.floor((bytes.length * (part + Number(random.next().value))) / count);
		const damaged = Buffer.from(bytes);
		damaged.writeUInt8(damaged.readUInt8(index) ^ (1 << Math.floor(Number(random.next().value) * 8)), index);
		await write(key, damaged);
		yield `${key} at ${index} of ${bytes.length}`;
	}
	await write(key, bytes);
}

test('a byte flipped anywhere in any stored object fails the backup', async () => {
	const unnoticed: string[] = [];
	const keys = await earlier.listOthers();
	// The manifest, the schema, two tables of their own and the rest.
	expect(keys).toHaveLength(5);
	const { token } = await verify();
	const { location, signal } = run;
	const record = async () => await readVerifiedRecord(store, { location, backupId: backup.backupId, signal });
	expect(await record()).toEqual(token);
	const [recordKey = ''] = (await earlier.listOthers()).filter((key) => !keys.includes(key));
	for await (const damage of damages(recordKey, 20)) if (await record()) unnoticed.push(damage);
	expect(await record()).toEqual(token);
	for (const key of keys) {
		for await (const damage of damages(key, key === backup.manifestKey ? 10 : 3)) {
			const verification = await verify();
			const expected = key === backup.manifestKey ? 'MANIFEST_INVALID' : 'CHECKSUM_MISMATCH';
			if (verification.verdict !== 'failed' || !codes(verification).includes(expected)) unnoticed.push(damage);
		}
	}
	expect(unnoticed).toEqual([]);
	expect(await verify()).toMatchObject({ verdict: 'passed' });
});

test('a truncated archive fails the backup', async () => {
	const bytes = await read(restKey());
	await write(restKey(), bytes.subarray(0, bytes.length - 10));
	const verification = await verify();
	expect(verification).toMatchObject({ verdict: 'failed', token: null, sizeBytes: backup.sizeBytes - 10 });
	expect(codes(verification)).toEqual(['SIZE_MISMATCH']);
});

test.each(['schema', 'tables-0001', 'rest'])('a missing archive (%s) fails the backup', async (name) => {
	await store.remove({ bucket: backup.bucket, key: `${backup.folder}${name}.dump.zst` });
	expect(await verify()).toMatchObject({ verdict: 'failed', token: null, reasons: [{ code: 'ARCHIVE_MISSING' }] });
});

test('without a manifest there is no backup', async () => {
	await store.remove({ bucket: backup.bucket, key: backup.manifestKey });
	expect(await verify()).toMatchObject({ verdict: 'failed', token: null, reasons: [{ code: 'MANIFEST_MISSING' }] });
});

test('a manifest that is cut off fails the backup', async () => {
	const address = { bucket: backup.bucket, key: backup.manifestKey };
	const text = (await store.readText(address, run.signal)) ?? '';
	await store.putText(address, text.slice(0, text.length / 2), run.signal);
	expect(await verify()).toMatchObject({ verdict: 'failed', token: null, reasons: [{ code: 'MANIFEST_INVALID' }] });
});

describe('the archives of another database in their place', () => {
	let other: Awaited<ReturnType<typeof createDatabase>>;
	let foreign: BackupSummary;

	beforeEach(async () => {
		other = await createDatabase();
		await query(
			other,
			'CREATE TABLE cases (id serial PRIMARY KEY, t text)',
			'INSERT INTO cases (t) SELECT md5((i + 1)::text) FROM generate_series(1, 5000) AS i',
			'CREATE TABLE notes (id int, t text)',
			'INSERT INTO notes SELECT id, md5(id::text) FROM cases',
			'CREATE TABLE small (t text)',
			"INSERT INTO small VALUES ('few')",
		);
		foreign = await createBackup(other, store, { ...newRun(), smallestArchiveBytes: SMALL_ARCHIVES });
		for (const name of ['schema', 'tables-0001', 'tables-0002', 'rest'])
			await write(`${backup.folder}${name}.dump.zst`, await read(`${foreign.folder}${name}.dump.zst`));
	});
	afterEach(async () => await other.drop());

	test('fail by their size or checksum', async () => {
		const verification = await verify();
		expect(verification).toMatchObject({ verdict: 'failed', token: null });
		expect(['SIZE_MISMATCH', 'CHECKSUM_MISMATCH']).toContain(codes(verification)[0]);
	});

	test('fail by their content when the manifest was made to fit, although every count is right', async () => {
		const theirs = await readManifestOf(foreign);
		await rewriteManifest((manifest) => ({
			...manifest,
			archives: manifest.archives.map((archive, index) => ({
				...archive,
				sizeBytes: theirs.archives[index]?.sizeBytes ?? 0,
				sha256: theirs.archives[index]?.sha256 ?? '',
			})),
		}));
		const verification = await verify();
		expect(verification).toMatchObject({
			verdict: 'failed',
			token: null,
			reasons: [{ code: 'CONTENT_DIFFERS' }],
			differenceCount: 1,
			differences: [
				{
					table: 'public.cases',
					expected: expect.stringMatching(/^5000 rows/),
					actual: expect.stringMatching(/^5000 rows/),
				},
			],
		});
	});

	test('fail by their id when the manifest came along, and by the ledger when that was changed too', async () => {
		const text = (await read(foreign.manifestKey)).toString();
		await store.putText({ bucket: backup.bucket, key: backup.manifestKey }, text, run.signal);
		expect(await verify()).toMatchObject({ verdict: 'failed', reasons: [{ code: 'MANIFEST_OF_ANOTHER_BACKUP' }] });
		await rewriteManifest((manifest) => ({
			...manifest,
			id: backup.backupId,
			archives: manifest.archives.map((archive) => ({
				...archive,
				key: archive.key.replace(foreign.folder, backup.folder),
			})),
		}));
		expect(await verify({ expectedSha256: backup.sha256 })).toMatchObject({
			verdict: 'failed',
			reasons: [{ code: 'RECORD_MISMATCH' }],
		});
	});
});

test('a restore that lacks rows or has too many tables is named table by table, at most twenty', async () => {
	const names = Array.from({ length: 30 }, (_, index) => `gone_${String(index).padStart(2, '0')}`);
	await rewriteManifest((manifest) => ({
		...manifest,
		tables: [...manifest.tables, ...names.map((name) => ({ schema: 'public', name, rows: 1, hash: '1' }))],
	}));
	const verification = await verify();
	expect(verification).toMatchObject({ verdict: 'failed', differenceCount: 30 });
	expect(verification.differences).toHaveLength(20);
	expect(verification.differences[0]).toEqual({
		table: 'public.gone_00',
		expected: '1 rows, hash 1',
		actual: 'absent',
	});
});

test('a scratch server that does not answer makes it inconclusive', async () => {
	const verification = await verifyBackup({ ...superuser(), port: 1 }, store, {
		...run,
		backupId: backup.backupId,
		allowSourceServer: true,
	});
	expect(verification).toMatchObject({
		verdict: 'inconclusive',
		token: null,
		reasons: [{ code: 'SCRATCH_UNAVAILABLE' }],
	});
});

test('an object storage that does not answer makes it inconclusive', async () => {
	const silent = await openStore('http://127.0.0.1:1');
	const verification = await verifyBackup(superuser(), silent, {
		...run,
		backupId: backup.backupId,
		allowSourceServer: true,
	});
	silent.close();
	expect(verification).toMatchObject({
		verdict: 'inconclusive',
		token: null,
		reasons: [{ code: 'STORAGE_UNAVAILABLE' }],
	});
});

test('a scratch server without a needed extension makes it inconclusive', async () => {
	await rewriteManifest((manifest) => ({
		...manifest,
		extensions: [...manifest.extensions, { name: 'no_such_extension', version: '1' }],
	}));
	expect(await verify()).toMatchObject({
		verdict: 'inconclusive',
		token: null,
		reasons: [{ code: 'SCRATCH_EXTENSION_MISSING' }],
	});
});

test('a scratch server of an older version makes it inconclusive', async () => {
	await rewriteManifest((manifest) => ({ ...manifest, serverVersion: '99.1' }));
	expect(await verify()).toMatchObject({
		verdict: 'inconclusive',
		token: null,
		reasons: [{ code: 'SCRATCH_OLDER', message: expect.stringContaining('the source 99') }],
	});
});

test('a passed deadline makes it inconclusive, a cancelled execution throws', async () => {
	expect(await verify({ signal: AbortSignal.timeout(1) })).toMatchObject({
		verdict: 'inconclusive',
		token: null,
		reasons: [{ code: 'DEADLINE' }],
	});
	await expect(verify({ signal: AbortSignal.abort(new Error('cancelled by a person')) })).rejects.toMatchObject({
		code: 'BACKUP.INTERRUPTED',
	});
});

test('a scratch role that may not create databases is a configuration error', async () => {
	await query(
		superuser(),
		'DROP ROLE IF EXISTS backup_test_poor',
		"CREATE ROLE backup_test_poor LOGIN PASSWORD 'poor'",
	);
	const poor = { ...superuser(), user: 'backup_test_poor', password: 'poor' };
	await expect(
		verifyBackup(poor, store, { ...run, backupId: backup.backupId, allowSourceServer: true }),
	).rejects.toMatchObject({ code: 'BACKUP.SCRATCH_REFUSED' });
	await query(superuser(), 'DROP ROLE backup_test_poor');
});
