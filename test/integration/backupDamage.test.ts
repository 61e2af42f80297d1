import { createHash } from 'node:crypto';
import { createBackup } from '../../lib/backup/createBackup';
import type { BackupSummary } from '../../lib/backup/summarizeBackup';
import type { BackupManifest } from '../../lib/backup/model';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import type { BackupVerification } from '../../lib/backup/verification';
import type { ObjectStorage } from '../../lib/storage/model';
import { createDatabase, listScratchDatabases, newRun, openStore, query, superuser } from '../lib/backup/harness';

jest.setTimeout(60_000);

let store: ObjectStorage;
let source: Awaited<ReturnType<typeof createDatabase>>;
let run: ReturnType<typeof newRun>;
let backup: BackupSummary;

beforeAll(async () => {
	store = await openStore();
	source = await createDatabase();
	await query(
		source,
		'CREATE TABLE cases (id serial PRIMARY KEY, t text)',
		'INSERT INTO cases (t) SELECT md5(i::text) FROM generate_series(1, 5000) AS i',
	);
});
beforeEach(async () => {
	run = newRun();
	backup = await createBackup(source, store, run);
});
afterEach(async () => expect(await listScratchDatabases(backup.backupId)).toEqual([]));
afterAll(async () => {
	store.close();
	await source.drop();
});

const verify = async (overrides = {}): Promise<BackupVerification> =>
	await verifyBackup(superuser(), store, {
		...run,
		backupId: backup.backupId,
		allowSourceServer: true,
		...overrides,
	});
const codes = ({ reasons }: BackupVerification): string[] => reasons.map(({ code }) => code);

async function readArchive({ bucket, key }: { bucket: string; key: string }): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of (await store.openStream({ bucket, key }, run.signal))?.content ?? []) chunks.push(chunk);
	return Buffer.concat(chunks);
}

async function writeArchive(bytes: Buffer): Promise<void> {
	const content = (async function* () {
		yield await Promise.resolve(bytes);
	})();
	await store.putStream(backup, content, { expectedBytes: bytes.length, signal: run.signal });
}

async function rewriteManifest(change: (manifest: BackupManifest) => unknown): Promise<void> {
	const address = { bucket: backup.bucket, key: backup.manifestKey };
	const manifest = JSON.parse((await store.readText(address, run.signal)) ?? '') as BackupManifest;
	await store.putText(address, JSON.stringify(change(manifest)), run.signal);
}

test.each([0.3, 0.6, 0.95])('a byte flipped at %f of the archive fails the backup', async (position) => {
	const bytes = await readArchive(backup);
	const index = Math.floor(bytes.length * position);
	bytes.writeUInt8(bytes.readUInt8(index) ^ 0x10, index);
	await writeArchive(bytes);
	const verification = await verify();
	expect(verification).toMatchObject({ verdict: 'failed', token: null, sizeBytes: backup.sizeBytes });
	expect(codes(verification)).toContain('CHECKSUM_MISMATCH');
});

test('a truncated archive fails the backup', async () => {
	await writeArchive((await readArchive(backup)).subarray(0, backup.sizeBytes - 1000));
	const verification = await verify();
	expect(verification).toMatchObject({ verdict: 'failed', token: null, sizeBytes: backup.sizeBytes - 1000 });
	expect(codes(verification)).toEqual(['SIZE_MISMATCH']);
});

test('a missing archive fails the backup', async () => {
	await store.remove(backup);
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

describe('the archive of another database in its place', () => {
	let other: Awaited<ReturnType<typeof createDatabase>>;
	let foreign: Buffer;
	let foreignBackup: BackupSummary;

	beforeEach(async () => {
		other = await createDatabase();
		await query(
			other,
			'CREATE TABLE cases (id serial PRIMARY KEY, t text)',
			'INSERT INTO cases (t) SELECT md5((i + 1)::text) FROM generate_series(1, 5000) AS i',
		);
		foreignBackup = await createBackup(other, store, newRun());
		foreign = await readArchive(foreignBackup);
	});
	afterEach(async () => await other.drop());

	test('fails by its size or checksum', async () => {
		await writeArchive(foreign);
		const verification = await verify();
		expect(verification).toMatchObject({ verdict: 'failed', token: null });
		expect(codes(verification)).toContain(
			foreign.length === backup.sizeBytes ? 'CHECKSUM_MISMATCH' : 'SIZE_MISMATCH',
		);
	});

	test('fails by its content when the manifest was made to fit, although every count is right', async () => {
		await writeArchive(foreign);
		const sha256 = createHash('sha256').update(foreign).digest('hex');
		await rewriteManifest((manifest) => ({
			...manifest,
			archive: { ...manifest.archive, sizeBytes: foreign.length, sha256 },
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

	test('fails by its id when the manifest came along, and by the ledger when that was changed too', async () => {
		const text =
			(await store.readText({ bucket: foreignBackup.bucket, key: foreignBackup.manifestKey }, run.signal)) ?? '';
		await writeArchive(foreign);
		await store.putText({ bucket: backup.bucket, key: backup.manifestKey }, text, run.signal);
		expect(await verify()).toMatchObject({ verdict: 'failed', reasons: [{ code: 'MANIFEST_OF_ANOTHER_BACKUP' }] });
		await rewriteManifest((manifest) => ({
			...manifest,
			id: backup.backupId,
			archive: { ...manifest.archive, key: backup.key },
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
