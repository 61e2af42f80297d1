import { mkdtemp, chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackup } from '../../lib/backup/createBackup';
import { findTool } from '../../lib/backup/findTool.client';
import { MIGRATION_LOCK } from '../../lib/backup/migrationLock.client';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import type { ObjectStorage } from '../../lib/storage/model';
import { connectPostgres, type PostgresConnection } from '../../lib/support/postgres.client';
import { listKeys, newRun, openStore, query, superuser } from '../lib/backup/harness';
import { startServer, startStandby, type TestServer } from '../support/startServers';

jest.setTimeout(120_000);

let directory: string;
let primary: TestServer;
let standby: TestServer;
let source: PostgresConnection;
let store: ObjectStorage;

beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), 'backup-standby-'));
	// PostgreSQL runs as another user when we are root, and must be able to pass through.
	await chmod(directory, 0o711);
	primary = await startServer({ directory: join(directory, 'primary'), extraSettings: 'wal_level = replica' });
	const { host, port, user, password } = primary;
	const maintenance = { host, port, user, password, database: 'postgres', ssl: 'disable' } as const;
	await query(maintenance, 'CREATE DATABASE cases');
	source = { ...maintenance, database: 'cases' };
	standby = await startStandby(primary, { directory: join(directory, 'standby'), application: 'backups' });
	store = await openStore();
	await query(
		source,
		'CREATE TABLE cases (id bigserial PRIMARY KEY, t text)',
		'INSERT INTO cases (t) SELECT md5(i::text) FROM generate_series(1, 400000) AS i',
		"SELECT lo_from_bytea(0, 'a large object')",
	);
});
afterAll(async () => {
	store.close();
	await standby.stop();
	await primary.stop();
	await rm(directory, { recursive: true, force: true });
});

const address = (): { host: string; port: number } => ({ host: standby.host, port: standby.port });
const onStandby = (): PostgresConnection => ({ ...source, ...address() });

test('a backup is read from the standby, holds what the primary had just written, and is of the primary', async () => {
	const lines: string[] = [];
	const run = newRun({ standby: address(), log: (line) => void lines.push(line) });
	await query(onStandby(), 'SELECT pg_wal_replay_pause()');
	await query(source, "INSERT INTO cases (t) VALUES ('written a moment ago')");
	const backup = createBackup(source, store, run);
	await run.clock.sleep(500);
	await query(onStandby(), 'SELECT pg_wal_replay_resume()');
	const { backupId, rows } = await backup;
	expect(rows).toBe(400_001);
	expect(lines[0]).toMatch(/^reading from the standby 127\.0\.0\.1:\d+, which caught up in \d/);

	const { verdict, token } = await verifyBackup(superuser(), store, { ...run, backupId, allowSourceServer: false });
	const [identity] = await query(
		source,
		'SELECT system_identifier::text AS system, (SELECT oid::int FROM pg_database WHERE datname = current_database()) AS oid FROM pg_control_system()',
	);
	expect(verdict).toBe('passed');
	expect(token?.source).toMatchObject({ systemIdentifier: identity?.system, databaseOid: identity?.oid });
});

test('the rows are read on the standby alone, and migrations are kept off the primary meanwhile', async () => {
	const run = newRun({ standby: address() });
	// A session with a snapshot of its own reads, or keeps the server from cleaning up.
	const reading =
		"SELECT query FROM pg_stat_activity WHERE datname = 'cases' AND backend_type = 'client backend' AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()";
	const migration = await connectPostgres(source);
	const lock = async (): Promise<unknown> =>
		(await migration.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS taken`)).rows[0]
			?.taken;
	const backup = createBackup(source, store, run);
	while ((await query(onStandby(), reading)).length === 0) run.signal.throwIfAborted();
	expect(await query(source, reading)).toEqual([]);
	expect(await lock()).toBe(false);
	await backup;
	expect(await lock()).toBe(true);
	await expect(createBackup(source, store, newRun({ standby: address() }))).rejects.toMatchObject({
		code: 'BACKUP.MIGRATION_RUNS',
	});
	await migration.end();
});

test.each<[string, () => { host: string; port: number }, RegExp]>([
	['is not there', () => ({ host: '127.0.0.1', port: 1 }), /cannot be reached/],
	['is the primary itself', () => ({ host: primary.host, port: primary.port }), /it is no standby/],
])('a standby that %s is refused', async (_what, where, problem) => {
	const run = newRun({ standby: where() });
	await expect(createBackup(source, store, run)).rejects.toMatchObject({
		code: 'BACKUP.STANDBY_UNFIT',
		message: expect.stringMatching(problem),
	});
	expect(await listKeys(run)).toEqual([]);
});

test('a standby is refused where it lacks rows: those of unlogged tables', async () => {
	await query(source, 'CREATE UNLOGGED TABLE fleeting (t text)');
	const run = newRun({ standby: address() });
	await expect(createBackup(source, store, run)).rejects.toMatchObject({
		code: 'BACKUP.STANDBY_UNFIT',
		message: expect.stringContaining('public.fleeting'),
	});
	await query(source, 'DROP TABLE fleeting');
});

/** How many readings of this database the standby has cancelled so far. */
const cancelled = async (): Promise<unknown> => {
	const [row] = await query(
		onStandby(),
		"SELECT confl_snapshot::int AS count FROM pg_stat_database_conflicts WHERE datname = 'cases'",
	);
	return row?.['count'];
};

/**
 * Does the standby's startup process wait for readings to end? They are cancelled in turn, and one whose client reads no
 * further ends only when it does: until then nobody may be counted. The server tells it in the process title alone.
 */
const replayWaits = async (): Promise<boolean> => {
	const [row] = await query(onStandby(), "SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup'");
	return (await readFile(`/proc/${String(row?.['pid'])}/cmdline`, 'utf8')).includes(' waiting');
};

test.each([
	[
		'while pg_dump waits for storage',
		(real: string) => `${real} "$@" | (head -c 1000000; while [ ! -e ${directory}/go ]; do sleep 0.1; done; cat)`,
	],
	[
		'before pg_dump has begun',
		(real: string) => `while [ ! -e ${directory}/go ]; do sleep 0.1; done; exec ${real} "$@"`,
	],
])('a standby that cancels the reading to go on replaying is named as the reason: %s', async (_when, body) => {
	const { path } = await findTool('pg_dump', 1);
	await writeFile(
		join(directory, 'pg_dump'),
		`#!/bin/bash\nset -o pipefail\n[ "$1" = --version ] && exec ${path} --version\n${body(path)}\n`,
		{ mode: 0o755 },
	);
	await query(onStandby(), 'ALTER SYSTEM SET max_standby_streaming_delay = 0', 'SELECT pg_reload_conf()');
	const before = await cancelled();
	const run = newRun({ standby: address(), toolFolders: [directory] });
	const backup = createBackup(source, store, run).catch((reason: unknown) => reason);
	try {
		const held = "SELECT 1 FROM pg_stat_activity WHERE datname = 'cases' AND state = 'idle in transaction'";
		while ((await query(onStandby(), held)).length === 0) run.signal.throwIfAborted();
		// A vacuum leaves rows alone that anybody on the primary may still see, such as an autovacuum's analyze.
		while ((await cancelled()) === before && !(await replayWaits())) {
			run.signal.throwIfAborted();
			await query(source, "UPDATE cases SET t = t || '.' WHERE id <= 1000", 'VACUUM cases');
		}
	} finally {
		await writeFile(join(directory, 'go'), '');
	}
	expect(await backup).toMatchObject({ code: 'BACKUP.STANDBY_CONFLICT', retryable: true });
	expect(await listKeys(run)).toEqual([]);
	await rm(join(directory, 'go'));
});
