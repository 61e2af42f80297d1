import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackup } from '../../lib/backup/createBackup';
import { findTool } from '../../lib/backup/findTool.client';
import { MIGRATION_LOCK } from '../../lib/backup/migrationLock.client';
import type { BackupManifest } from '../../lib/backup/model';
import type { ObjectStorage } from '../../lib/storage/model';
import { connectPostgres } from '../../lib/support/postgres.client';
import { PostgresBackup } from '../../nodes/PostgresBackup/PostgresBackup.node';
import {
	createDatabase,
	listKeys,
	listScratchDatabases,
	newRun,
	openStore,
	query,
	startProxy,
	superuser,
	verifyOnSource,
	type RecordingProxy,
} from '../lib/backup/harness';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { makeEarlierBackup, type EarlierBackup } from './earlierBackup';

jest.setTimeout(120_000);

const CANARY = 'canary-row-7f3e9d';
let source: Awaited<ReturnType<typeof createDatabase>>;
let proxy: RecordingProxy;
let store: ObjectStorage;
let folder: string;
let earlier: EarlierBackup;

beforeAll(async () => {
	source = await createDatabase();
	await query(source, 'CREATE TABLE secrets (t text)', `INSERT INTO secrets VALUES ('${CANARY}')`);
	earlier = await makeEarlierBackup(source);
	// About 25 MB of archive: several parts, so that an upload is under way when things break.
	await query(
		source,
		'CREATE TABLE bulky (id int, t text)',
		`INSERT INTO bulky SELECT i, md5(i::text) || md5((-i)::text) FROM generate_series(1, 700000) AS i`,
	);
});
beforeEach(async () => {
	proxy = await startProxy();
	store = await openStore(proxy.endpoint);
	folder = await mkdtemp(join(tmpdir(), 'runbook-test-'));
});
afterEach(async () => {
	await earlier.expectUntouched();
	expect(proxy.openUploads()).toEqual([]);
	store.close();
	await proxy.close();
	await rm(folder, { recursive: true });
});
afterAll(async () => {
	earlier.close();
	await source.drop();
});

/** Options of a run in the place of the earlier backup. */
const newRunBeside = (overrides: Parameters<typeof newRun>[0] = {}): ReturnType<typeof newRun> =>
	newRun({ location: earlier.location, ...overrides });

/** A pg_dump of the test's own, in front of the real one, where the bulky table is dumped; everything else is dumped by the real one. */
async function fakeDump(
	body: (real: string) => string,
): Promise<{ toolFolders: string[]; smallestArchiveBytes: number }> {
	const { path } = await findTool('pg_dump', 1);
	const script = `#!/bin/sh\n[ "$1" = --version ] && exec ${path} --version
case "$*" in *--table=*bulky*) ;; *) exec ${path} "$@" ;; esac
${body(path)}
`;
	await writeFile(join(folder, 'pg_dump'), script);
	await chmod(join(folder, 'pg_dump'), 0o755);
	return { toolFolders: [folder], smallestArchiveBytes: 1_000_000 };
}

const uploads = (): string[] =>
	proxy.calls.filter((call) => call.startsWith('POST ') && /[?&]uploads(=|&|$)/.test(call));
const completions = (): string[] =>
	proxy.calls.filter((call) => call.startsWith('POST ') && call.includes('uploadId='));
const discarded = (): string[] =>
	proxy.calls.filter((call) => call.startsWith('DELETE ') && call.includes('uploadId='));
/** Server processes still in the database once those that are just ending have had five seconds. */
async function sessions(): Promise<unknown[]> {
	const list = async (): Promise<unknown[]> =>
		await query(superuser(), `SELECT pid, query FROM pg_stat_activity WHERE datname = '${source.database}'`);
	const until = Date.now() + 5000;
	let found = await list();
	while (found.length > 0 && Date.now() < until) found = await list();
	return found;
}

test('a wrong password publishes nothing, uploads nothing, and is not shown', async () => {
	const run = newRunBeside();
	const password = 'canary-password-51c2';
	const error: unknown = await createBackup({ ...source, password }, store, run).catch((reason: unknown) => reason);
	expect(error).toMatchObject({ code: 'BACKUP.SOURCE_UNREACHABLE' });
	expect(proxy.calls).toEqual([]);
	expect(await earlier.listOthers()).toEqual([]);
	expect(JSON.stringify([error, String(error), run.lines])).not.toContain(password);
});

test.each(['host', 'database', 'user'])(
	'a URL as Prisma takes it in the field %s is refused, and is not shown',
	async (field) => {
		const { s3 } = sandboxEndpoints();
		const url = `postgresql://app:${CANARY}@127.0.0.1:5432/cases?schema=public&connection_limit=5&pgbouncer=true`;
		const { context, logged } = fakeExecuteContext({
			parameters: {
				operation: 'create',
				...earlier.location,
				lockWaitTimeoutSeconds: 5,
				budgetMinutes: 15,
				jobs: 2,
				deadlineMinutes: 1,
			},
			credentials: {
				postgres: { ...superuser(), database: source.database, [field]: url },
				s3: { ...s3, endpoint: proxy.endpoint, buckets: '', forcePathStyle: true },
			},
		});
		const error: unknown = await new PostgresBackup().execute.call(context).catch((reason: unknown) => reason);
		expect(String(error)).toMatch(new RegExp(`The field ${field} of .*\\(CREDENTIAL.ADDRESS_IN_FIELD\\)`));
		expect(proxy.calls).toEqual([]);
		expect(await earlier.listOthers()).toEqual([]);
		expect(JSON.stringify([error, String(error), logged])).not.toContain(CANARY);
	},
);

test('a database whose name looks like an option is not there, whatever the option says', async () => {
	const run = newRunBeside();
	await expect(createBackup({ ...source, database: '--version' }, store, run)).rejects.toMatchObject({
		code: 'BACKUP.SOURCE_UNREACHABLE',
		meta: { database: '--version' },
	});
	expect(await earlier.listOthers()).toEqual([]);
});

test('a pg_dump that is killed half-way publishes nothing and leaves no parts', async () => {
	const run = newRunBeside(await fakeDump((real) => `${real} "$@" | head -c 40000000\nkill -KILL $$`));
	await expect(createBackup(source, store, run)).rejects.toMatchObject({
		code: 'BACKUP.DUMP_FAILED',
		meta: { exit: 'signal SIGKILL' },
	});
	expect(uploads()).toHaveLength(1);
	expect(completions()).toEqual([]);
	expect(discarded()).toHaveLength(1);
	expect(await earlier.listOthers()).toEqual([]);
	expect(await sessions()).toEqual([]);
});

test('a pg_dump whose server session is terminated publishes nothing', async () => {
	const run = newRunBeside();
	const backup = createBackup(source, store, run).catch((reason: unknown) => reason);
	// The dump's own session: named so by its environment, and busy copying.
	const kill = `SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity WHERE datname = '${source.database}' AND query LIKE 'COPY public.bulky%' AND application_name = 'n8n-nodes-deployment-runbook'`;
	while ((await query(superuser(), kill)).length === 0) run.signal.throwIfAborted();
	expect(await backup).toMatchObject({ code: 'BACKUP.DUMP_FAILED', meta: { exit: 'exit code 1' } });
	expect(completions()).toEqual([]);
	expect(discarded()).toHaveLength(uploads().length);
	expect(await earlier.listOthers()).toEqual([]);
	expect(await sessions()).toEqual([]);
});

test('a pg_dump that ends with success after half of its output is caught by the restore', async () => {
	const run = newRunBeside(await fakeDump((real) => `${real} "$@" | head -c 40000000\nexit 0`));
	const { backupId } = await createBackup(source, store, run);
	const verification = await verifyOnSource(store, { ...newRunBeside(), backupId });
	expect(verification).toMatchObject({ verdict: 'failed', token: null, reasons: [{ code: 'RESTORE_FAILED' }] });
	expect(await listScratchDatabases(backupId)).toEqual([]);
	await earlier.removeOthers();
});

test('a cancelled execution ends pg_dump and its sessions, and publishes nothing', async () => {
	const cancel = new AbortController();
	const run = newRunBeside({
		signal: cancel.signal,
		...(await fakeDump((real) => `${real} "$@" | head -c 40000000\nexec sleep 60`)),
	});
	const backup = createBackup(source, store, run).catch((reason: unknown) => reason);
	while (!proxy.calls.some((call) => call.includes('partNumber=1'))) await run.clock.sleep(20);
	cancel.abort(new Error('cancelled by a person'));
	expect(await backup).toMatchObject({
		code: 'BACKUP.INTERRUPTED',
		message: expect.stringContaining('cancelled by a person'),
	});
	expect(completions()).toEqual([]);
	expect(discarded()).toHaveLength(1);
	expect(await earlier.listOthers()).toEqual([]);
	expect(await sessions()).toEqual([]);
});

test('a table that stays locked ends the backup soon, with its reason', async () => {
	const migration = await connectPostgres(source);
	await migration.query('BEGIN; LOCK TABLE secrets IN ACCESS EXCLUSIVE MODE');
	const run = newRunBeside({ lockWaitTimeoutSeconds: 1 });
	await expect(createBackup(source, store, run)).rejects.toMatchObject({
		code: 'BACKUP.LOCK_TIMEOUT',
		retryable: true,
	});
	await migration.end();
	expect(await earlier.listOthers()).toEqual([]);
});

test('a running migration ends the backup at once, and a backup under way keeps migrations from beginning', async () => {
	const migration = await connectPostgres(source);
	const lock = async (): Promise<unknown> =>
		(await migration.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS taken`)).rows[0]
			?.taken;
	expect(await lock()).toBe(true);
	const run = newRunBeside();
	await expect(createBackup(source, store, run)).rejects.toMatchObject({
		code: 'BACKUP.MIGRATION_RUNS',
		retryable: true,
	});
	expect(proxy.calls).toEqual([]);
	await migration.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);

	const backups = [createBackup(source, store, newRunBeside()), createBackup(source, store, newRunBeside())];
	while (proxy.calls.length === 0) await run.clock.sleep(20);
	expect(await lock()).toBe(false);
	// Two at once do not know of each other.
	expect((await Promise.all(backups)).map(({ tables }) => tables)).toEqual([2, 2]);
	expect(await lock()).toBe(true);
	await earlier.removeOthers();
	await migration.end();
});

test('a backup that will not fit is refused before it is begun: by an assumption, then by the pace of earlier ones', async () => {
	const run = newRun();
	const [{ bytes } = { bytes: 0 }] = (await query(
		source,
		'SELECT pg_database_size(current_database())::float8 AS bytes',
	)) as Array<{ bytes: number }>;
	const assumedMs = bytes / 15_000;
	await expect(createBackup(source, store, { ...run, budgetMs: assumedMs * 0.9 })).rejects.toMatchObject({
		code: 'BACKUP.WONT_FIT',
		meta: { basis: expect.stringContaining('assuming 15 MB') },
	});
	expect(await listKeys(run)).toEqual([]);

	const { backupId, manifestKey, bucket } = await createBackup(source, store, { ...run, budgetMs: assumedMs * 1.1 });
	await verifyOnSource(store, { ...run, backupId });
	const manifest = JSON.parse(
		(await store.readText({ bucket, key: manifestKey }, run.signal)) ?? '',
	) as BackupManifest;
	await expect(createBackup(source, store, { ...run, budgetMs: manifest.tookMs })).rejects.toMatchObject({
		code: 'BACKUP.WONT_FIT',
		meta: { basis: 'by the slowest of the last 1 verified' },
	});
	const other = await createDatabase();
	await createBackup(other, store, { ...run, budgetMs: assumedMs });
	await other.drop();
});

test('rows that row security hides from the role are an error, not a smaller backup', async () => {
	const poor = await createDatabase();
	await query(
		poor,
		'CREATE TABLE visible (mine bool)',
		'INSERT INTO visible VALUES (true), (false)',
		'ALTER TABLE visible ENABLE ROW LEVEL SECURITY',
		'CREATE POLICY own ON visible USING (mine)',
	);
	await query(
		poor,
		'DROP ROLE IF EXISTS backup_test_reader',
		"CREATE ROLE backup_test_reader LOGIN PASSWORD 'reader-password' IN ROLE pg_read_all_data",
	);
	const run = newRunBeside();
	await expect(
		createBackup({ ...poor, user: 'backup_test_reader', password: 'reader-password' }, store, run),
	).rejects.toMatchObject({ code: /^BACKUP\.(SOURCE_UNREADABLE|DUMP_FAILED)$/ });
	expect(await earlier.listOthers()).toEqual([]);
	await poor.drop();
	await query(superuser(), 'DROP ROLE backup_test_reader');
});

test('a missing bucket is named', async () => {
	const location = { bucket: 'no-such-bucket', prefix: 'x' };
	await expect(createBackup(source, store, newRun({ location }))).rejects.toMatchObject({
		code: 'STORAGE.BUCKET_MISSING',
	});
	const verification = verifyOnSource(store, { ...newRun({ location }), backupId: '20261123T064012Z-3f9a1c2b4d5e' });
	await expect(verification).rejects.toMatchObject({ code: 'STORAGE.BUCKET_MISSING' });
	expect(await sessions()).toEqual([]);
});

test('a part that storage answers with 500 publishes nothing', async () => {
	store.close();
	await proxy.close();
	proxy = await startProxy((call, response) => {
		if (!call.includes('partNumber=2')) return false;
		response.writeHead(500).end();
		return true;
	});
	store = await openStore(proxy.endpoint);
	const run = newRunBeside();
	await expect(createBackup(source, store, run)).rejects.toMatchObject({
		code: 'STORAGE.UNAVAILABLE',
		retryable: true,
	});
	expect(completions()).toEqual([]);
	expect(discarded()).toHaveLength(1);
	expect(await earlier.listOthers()).toEqual([]);
});

test('a completion answered with 200 and an error in its body publishes nothing', async () => {
	store.close();
	await proxy.close();
	proxy = await startProxy((call, response) => {
		if (!(call.startsWith('POST ') && call.includes('uploadId='))) return false;
		response
			.writeHead(200, { 'content-type': 'application/xml' })
			.end('<?xml version="1.0"?><Error><Code>InternalError</Code><Message>try again</Message></Error>');
		return true;
	});
	store = await openStore(proxy.endpoint);
	const run = newRunBeside();
	await expect(createBackup(source, store, run)).rejects.toMatchObject({ code: 'STORAGE.UNAVAILABLE' });
	expect(await earlier.listOthers()).toEqual([]);
});

test('passwords and rows are in no argument, log line, manifest or error', async () => {
	const seen = join(folder, 'seen');
	const run = newRun(await fakeDump((real) => `tr '\\0' ' ' < /proc/$$/cmdline > ${seen}\nexec ${real} "$@"`));
	const backup = await createBackup(source, store, run);
	const manifest = await store.readText({ bucket: backup.bucket, key: backup.manifestKey }, run.signal);
	const args = await readFile(seen, 'utf8');
	expect(args).toContain('--format=custom');
	const shown = [args, manifest, JSON.stringify(backup), ...run.lines].join('\n');
	for (const secret of [source.password, CANARY]) expect(shown).not.toContain(secret);
	expect(run.lines.length).toBeGreaterThan(0);
});
