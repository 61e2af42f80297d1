import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { createBackup } from '../../lib/backup/createBackup';
import { findTool } from '../../lib/backup/findTool.client';
import { dropDatabase } from '../../lib/backup/restore/databases.client';
import { restoreDatabase } from '../../lib/backup/restore/restoreDatabase';
import type { BackupSummary } from '../../lib/backup/summarizeBackup';
import type { ObjectStorage } from '../../lib/storage/model';
import { connectPostgres } from '../../lib/support/postgres.client';
import {
	createDatabase,
	listKeys,
	listScratchDatabases,
	newRun,
	openStore,
	query,
	readObject,
	superuser,
	verifyOnSource,
	writeObject,
} from '../lib/backup/harness';
import { isInstalled } from './archivedCluster';

jest.setTimeout(120_000);

interface Pair {
	readonly identity: string;
	readonly recipient: string;
}

let store: ObjectStorage;
let source: Awaited<ReturnType<typeof createDatabase>>;
let run: ReturnType<typeof newRun>;
let backup: BackupSummary;
let [first, second, stranger]: Pair[] = [];

async function newPair(): Promise<Pair> {
	const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
	const identity = await generateX25519Identity();
	return { identity, recipient: await identityToRecipient(identity) };
}

beforeAll(async () => {
	[first, second, stranger] = [await newPair(), await newPair(), await newPair()];
	store = await openStore();
	source = await createDatabase();
	await query(
		source,
		'CREATE TABLE cases (id serial PRIMARY KEY, t text)',
		'INSERT INTO cases (t) SELECT md5(i::text) FROM generate_series(1, 20000) AS i',
	);
	run = newRun({ recipients: [first.recipient, second.recipient], smallestArchiveBytes: 100_000 });
	backup = await createBackup(source, store, run);
});
afterAll(async () => {
	store.close();
	await source.drop();
});

const verify = async (identity: string | undefined) =>
	await verifyOnSource(store, { ...run, identity, backupId: backup.backupId });

const read = async (key: string): Promise<Buffer> => await readObject(store, { bucket: backup.bucket, key });

test('a backup that is encrypted for two is verified with either identity, and says for whom it is', async () => {
	const keys = (await listKeys(run)).filter((key) => key.startsWith(backup.folder));
	expect(keys.map((key) => key.slice(backup.folder.length))).toEqual([
		'rest.dump.zst.age',
		'schema.dump.zst.age',
		'tables-0001.dump.zst.age',
	]);
	for (const key of keys) expect((await read(key)).toString('latin1')).toMatch(/^age-encryption\.org\/v1\n/);
	const manifest = (await read(backup.manifestKey)).toString();
	expect(JSON.parse(manifest)).toMatchObject({
		encryption: { method: 'age', recipients: [first?.recipient, second?.recipient] },
	});
	for (const pair of [first, second])
		expect(await verify(pair?.identity)).toMatchObject({ verdict: 'passed', tables: 1, rows: 20_000 });
	for (const shown of [manifest, ...run.lines])
		for (const pair of [first, second]) expect(shown).not.toContain(pair?.identity);
});

test('without an identity, or with a stranger’s, nothing is restored, and neither identity is shown', async () => {
	const refusals = [undefined, stranger?.identity, 'AGE-SECRET-KEY-1CANARY'].map(
		async (identity) => await verify(identity).catch((reason: unknown) => reason),
	);
	const [missing, wrong, none] = await Promise.all(refusals);
	expect(missing).toMatchObject({ code: 'BACKUP.IDENTITY_MISSING' });
	expect(wrong).toMatchObject({ code: 'BACKUP.IDENTITY_WRONG', meta: { own: stranger?.recipient } });
	expect(none).toMatchObject({ code: 'BACKUP.IDENTITY_WRONG', meta: { own: 'none' } });
	const shown = [wrong, none]
		.map((error) => `${String(error)} ${(error as Error).stack} ${JSON.stringify(error)}`)
		.join();
	expect(shown).not.toMatch(/SECRET-KEY-1(?!…)/);
	expect(await listScratchDatabases(backup.backupId)).toEqual([]);
});

test('what is no public key is refused before anything is dumped', async () => {
	const wrong = newRun({ recipients: [String(first?.identity)] });
	await expect(createBackup(source, store, wrong)).rejects.toMatchObject({ code: 'BACKUP.RECIPIENT_INVALID' });
	expect(await listKeys(wrong)).toEqual([]);
});

test('a byte that is flipped in an encrypted archive is found, wherever it is', async () => {
	const unnoticed: string[] = [];
	for (const key of (await listKeys(run)).filter((one) => one.endsWith('.age'))) {
		const bytes = await read(key);
		for (const at of [0, 150, bytes.length - 1]) {
			const damaged = Buffer.from(bytes);
			damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
			await writeObject(store, { bucket: backup.bucket, key }, damaged);
			const { verdict, reasons } = await verify(first?.identity);
			if (verdict !== 'failed' || reasons[0]?.code !== 'CHECKSUM_MISMATCH') unnoticed.push(`${key} at ${at}`);
		}
		await writeObject(store, { bucket: backup.bucket, key }, bytes);
	}
	expect(unnoticed).toEqual([]);
	expect(await verify(first?.identity)).toMatchObject({ verdict: 'passed' });
});

test('an encrypted backup is restored beside its database, and what that had accepted is encrypted for the same', async () => {
	const live = await createDatabase();
	try {
		await query(live, 'CREATE TABLE cases (id serial PRIMARY KEY, t text)', "INSERT INTO cases (t) VALUES ('a')");
		const own = newRun({ recipients: [String(first?.recipient)] });
		const { backupId, bucket } = await createBackup(live, store, own);
		await query(live, "INSERT INTO cases (t) VALUES ('b')");
		const options = {
			...own,
			backupId,
			label: 'r-1',
			maintenanceDatabase: 'postgres',
			endpoints: [],
			waivers: [],
			reason: '',
			typedName: live.database,
			swap: true,
			prepare: async () => await Promise.resolve(),
			refuseIfFencedOut: async () => await Promise.resolve(),
		};
		await expect(restoreDatabase(live, store, options)).rejects.toMatchObject({ code: 'BACKUP.IDENTITY_MISSING' });
		const { swap } = await restoreDatabase(live, store, { ...options, identity: first?.identity });
		expect(swap?.lost).toMatchObject({ added: 1, key: expect.stringMatching(/\.jsonl\.age$/) });
		expect((await read(String(swap?.lost.key))).toString('latin1')).toMatch(/^age-encryption\.org\/v1\n/);
		expect(bucket).toBe(backup.bucket);
		expect(await query(live, 'SELECT t FROM cases')).toEqual([{ t: 'a' }]);
		const client = await connectPostgres(superuser());
		await client.query('UPDATE pg_database SET datallowconn = true WHERE datname = $1', [swap?.brokenDatabase]);
		await dropDatabase(client, String(swap?.brokenDatabase));
		await client.end();
	} finally {
		await live.drop();
	}
});

test('the age command opens an archive without this package', async () => {
	if (!isInstalled('age', ['--version'])) return;
	const folder = mkdtempSync(path.join(tmpdir(), 'age-'));
	try {
		const keyFile = path.join(folder, 'key.txt');
		writeFileSync(keyFile, `${second?.identity}\n`, { mode: 0o600 });
		const input = await read(`${backup.folder}schema.dump.zst.age`);
		const archive = zstdDecompressSync(execFileSync('age', ['--decrypt', '--identity', keyFile], { input }));
		const { path: pgRestore } = await findTool('pg_restore', 1);
		expect(execFileSync(pgRestore, ['--list'], { input: archive }).toString()).toContain('TABLE public cases');
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
