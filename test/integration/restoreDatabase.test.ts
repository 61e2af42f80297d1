import { randomBytes } from 'node:crypto';
import { createBackup } from '../../lib/backup/createBackup';
import { dropDatabase, readDatabases } from '../../lib/backup/restore/databases.client';
import { previewRestore } from '../../lib/backup/restore/previewRestore';
import { restoreDatabase, type RestoreDatabaseOptions } from '../../lib/backup/restore/restoreDatabase';
import { restoreId, restoreNames } from '../../lib/backup/restore/restoreNames';
import { swapBack } from '../../lib/backup/restore/swapBack';
import type { ObjectStorage } from '../../lib/storage/model';
import { connectPostgres, type PostgresConnection } from '../../lib/support/postgres.client';
import { createDatabase, newRun, openStore, query, readObject, superuser, writeObject } from '../lib/backup/harness';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

jest.setTimeout(120_000);

const CANARY = 'canary-row-77aa';
let store: ObjectStorage;
let live: Awaited<ReturnType<typeof createDatabase>>;
let role: string;
let run: ReturnType<typeof newRun>;
let backupId: string;

const SCHEMA = [
	'CREATE TABLE cases (id bigserial PRIMARY KEY, title text)',
	`INSERT INTO cases (title) SELECT '${CANARY} ' || i FROM generate_series(1, 100) AS i`,
	'CREATE TABLE notes (case_id bigint REFERENCES cases (id), body text)',
	"INSERT INTO notes SELECT id, 'note' FROM cases",
	'CREATE TABLE untouched (a int, b text, PRIMARY KEY (a, b))',
	"INSERT INTO untouched VALUES (1, 'x')",
];

beforeAll(async () => {
	store = await openStore();
});
afterAll(() => store.close());

beforeEach(async () => {
	role = `restore_owner_${randomBytes(4).toString('hex')}`;
	live = await createDatabase(`restore_test_${randomBytes(4).toString('hex')}`);
	await query(
		superuser(),
		`CREATE ROLE ${role} LOGIN PASSWORD '${CANARY}'`,
		`ALTER DATABASE ${live.database} OWNER TO ${role}`,
		`REVOKE ALL ON DATABASE ${live.database} FROM PUBLIC`,
		`GRANT CONNECT ON DATABASE ${live.database} TO pg_monitor`,
		`ALTER DATABASE ${live.database} SET timezone TO 'Europe/Berlin'`,
		`ALTER DATABASE ${live.database} SET search_path TO "$user", public, "odd ""one"""`,
		`ALTER ROLE ${role} IN DATABASE ${live.database} SET work_mem TO '8MB'`,
		`ALTER DATABASE ${live.database} CONNECTION LIMIT 50`,
		`COMMENT ON DATABASE ${live.database} IS 'the cases'`,
	);
	await query({ ...live, user: role, password: CANARY }, ...SCHEMA);
	run = newRun({ signal: AbortSignal.timeout(110_000) });
	({ backupId } = await createBackup(live, store, run));
});
afterEach(async () => {
	const client = await connectPostgres(superuser());
	for (const name of [live.database, names().restored, names().broken]) {
		await client.query(`UPDATE pg_database SET datallowconn = true WHERE datname = $1`, [name]);
		await dropDatabase(client, name);
	}
	await client.query(`DROP ROLE ${role}`);
	await client.end();
});

const names = (): ReturnType<typeof restoreNames> =>
	restoreNames(live.database, restoreId(backupId, { database: live.database, label: 'r-1' }));

function options(more: Partial<RestoreDatabaseOptions> = {}): RestoreDatabaseOptions {
	return {
		...run,
		backupId,
		label: 'r-1',
		maintenanceDatabase: 'postgres',
		endpoints: [],
		waivers: [],
		reason: 'on-call engineer: rows were deleted',
		typedName: live.database,
		swap: true,
		prepare: async () => await Promise.resolve(),
		refuseIfFencedOut: async () => await Promise.resolve(),
		...more,
	};
}

/** What happened after the backup. */
async function spoil(): Promise<void> {
	await query(
		live,
		'DELETE FROM notes WHERE case_id <= 10',
		'DELETE FROM cases WHERE id <= 10',
		"UPDATE cases SET title = 'changed' WHERE id = 11",
		"INSERT INTO cases (title) VALUES ('new 1'), ('new 2')",
	);
}

async function oidOf(name: string): Promise<number | undefined> {
	const client = await connectPostgres(superuser());
	const [found] = await readDatabases(client, [name]).finally(async () => await client.end());
	return found?.oid;
}

async function dressOf(name: string): Promise<unknown> {
	const rows = await query(
		superuser(),
		`SELECT pg_get_userbyid(d.datdba) AS owner, d.datconnlimit, shobj_description(d.oid, 'pg_database') AS comment,
			(SELECT array_agg(a::text ORDER BY a::text) FROM unnest(d.datacl) AS a) AS grants,
			(SELECT array_agg((r.rolname, s.setconfig)::text ORDER BY 1) FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = d.oid) AS settings
		 FROM pg_database d WHERE d.datname = '${name}'`,
	);
	return rows[0];
}

async function readLines(key: string): Promise<Array<Record<string, unknown>>> {
	const text = await store.readText({ bucket: run.location.bucket, key }, run.signal);
	return (text ?? '')
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a disk without room for a second database is told by the preview, and by the restore before it begins', async () => {
	const small = options({ diskBytes: 50e6 });
	expect(await previewRestore(live, store, small)).toMatchObject({
		verdict: 'failed',
		state: 'not-begun',
		reasons: [expect.stringContaining('of its disk are free')],
	});
	await expect(restoreDatabase(live, store, small)).rejects.toMatchObject({ code: 'RESTORE.DISK_SHORT' });
	expect(await oidOf(names().restored)).toBeUndefined();
	expect(await previewRestore(live, store, options({ diskBytes: 1e12 }))).toMatchObject({ verdict: 'passed' });
});

test('a restore brings deleted rows back, keeps the replaced database, and lists what that one had accepted', async () => {
	const [before, oldOid] = [await dressOf(live.database), await oidOf(live.database)];
	await spoil();
	const preview = await previewRestore(live, store, options());
	expect(preview).toMatchObject({
		verdict: 'passed',
		state: 'not-begun',
		hazards: [],
		loss: { tableCount: 2, rowsMore: 0, rowsLess: 18, problem: '' },
	});
	expect(preview.loss?.tables).toEqual([
		{ table: 'public.cases', rowsNow: 92, rowsInBackup: 100 },
		{ table: 'public.notes', rowsNow: 90, rowsInBackup: 100 },
	]);
	expect(await oidOf(names().restored)).toBeUndefined();

	const restored = await restoreDatabase(live, store, options());

	const newOid = await oidOf(live.database);
	expect(newOid).not.toBe(oldOid);
	expect(restored).toMatchObject({
		outcome: 'swapped',
		database: live.database,
		databaseOid: newOid,
		swap: {
			brokenDatabase: names().broken,
			brokenOid: oldOid,
			endpoints: [`${live.host}:${live.port}/${live.database}`],
			lost: { added: 2, changed: 1, removed: 10, withoutKeys: ['public.notes'], truncated: [] },
		},
	});
	expect(await query(live, 'SELECT count(*)::int AS rows, min(id)::int AS first FROM cases')).toEqual([
		{ rows: 100, first: 1 },
	]);
	expect(await dressOf(live.database)).toEqual(before);
	// The application's own role goes on with its own tables.
	await query(
		{ ...live, user: role, password: CANARY },
		"INSERT INTO cases (title) VALUES ('after')",
		'ALTER TABLE cases ADD note text',
	);
	await expect(connectPostgres({ ...live, database: names().broken })).rejects.toMatchObject({ code: '55000' });

	const lines = await readLines(restored.swap?.lost.key ?? '');
	expect(lines.filter(({ kind }) => kind === 'table')).toEqual([
		{ kind: 'table', table: 'public.cases', rowsInBackup: 100, rowsReplaced: 92, keys: true },
		{ kind: 'table', table: 'public.notes', rowsInBackup: 100, rowsReplaced: 90, keys: false },
	]);
	const rows = lines.filter(({ kind }) => kind === 'row');
	expect(
		rows
			.filter(({ change }) => change === 'added')
			.map(({ key }) => (key as { id: number }).id)
			.sort(),
	).toEqual([101, 102]);
	expect(rows.filter(({ change }) => change === 'changed')).toEqual([
		{ kind: 'row', table: 'public.cases', change: 'changed', key: { id: 11 } },
	]);

	// Pressing it again finds it done, and does not compare with what has happened since.
	const again = await restoreDatabase(live, store, options());
	expect(again).toMatchObject({
		outcome: 'already-swapped',
		databaseOid: newOid,
		swap: { lost: restored.swap?.lost },
	});
	expect(run.lines.join('\n')).not.toContain(CANARY);
	expect(JSON.stringify(restored)).not.toContain(CANARY);
});

test('a swap back lets the replaced database serve again, and is done once', async () => {
	const [before, oldOid] = [await dressOf(live.database), await oidOf(live.database)];
	await spoil();
	await restoreDatabase(live, store, options());
	await expect(swapBack(live, options({ typedName: 'another' }))).rejects.toMatchObject({
		code: 'RESTORE.NAME_NOT_TYPED',
	});
	expect(await swapBack(live, options())).toMatchObject({
		outcome: 'swapped-back',
		databaseOid: oldOid,
		keptDatabase: names().restored,
	});
	expect(await dressOf(live.database)).toEqual(before);
	expect(await query(live, 'SELECT count(*)::int AS rows FROM cases')).toEqual([{ rows: 92 }]);
	expect(await swapBack(live, options())).toMatchObject({ outcome: 'already-swapped-back', databaseOid: oldOid });
	// The restored database was live meanwhile: it is not what the backup held.
	await expect(restoreDatabase(live, store, options())).rejects.toMatchObject({ code: 'RESTORE.UNSURE' });
});

test('a name that was not typed, and an open hazard, are refused before anything is made', async () => {
	await expect(restoreDatabase(live, store, options({ typedName: 'cases' }))).rejects.toMatchObject({
		code: 'RESTORE.NAME_NOT_TYPED',
	});
	const session = await connectPostgres(live);
	await session.query("SET application_name = 'backend'");
	await expect(restoreDatabase(live, store, options())).rejects.toMatchObject({ code: 'RESTORE.SWAP_BLOCKED' });
	expect((await previewRestore(live, store, options())).verdict).toBe('failed');
	expect(await oidOf(names().restored)).toBeUndefined();
	const restored = await restoreDatabase(live, store, options({ waivers: ['session'] }));
	expect(restored.waived.map(({ kind }) => kind)).toEqual(['session']);
	await expect(session.query('SELECT 1')).rejects.toThrow();
	await session.end().catch(() => undefined);
});

test('what an interrupted run left is made again, what it had proven is used, and a failure leaves the live database serving', async () => {
	const oldOid = await oidOf(live.database);
	await query(superuser(), `CREATE DATABASE ${names().restored}`);
	const failing = options({ prepare: async () => await Promise.reject(new Error('no fence today')) });
	await expect(restoreDatabase(live, store, failing)).rejects.toMatchObject({ code: 'RESTORE.DATABASE_UNREACHABLE' });
	expect(await oidOf(live.database)).toBe(oldOid);
	const made = await oidOf(names().restored);
	expect((await previewRestore(live, store, options())).state).toBe('ready');
	expect(await restoreDatabase(live, store, options())).toMatchObject({ outcome: 'swapped', databaseOid: made });
});

test('a copy that cannot be dropped after a failure is named, and is dropped by the next run', async () => {
	const { location, signal } = run;
	const [restKey = ''] = await store.listKeys(location.bucket, `${location.prefix}/${backupId}/rest`, signal);
	const address = { bucket: location.bucket, key: restKey };
	const bytes = await readObject(store, address);
	await writeObject(store, address, bytes.subarray(0, bytes.length - 1));
	const keep = async (): Promise<void> => {
		while ((await oidOf(names().restored)) === undefined) signal.throwIfAborted();
		await query(superuser(), `ALTER DATABASE ${names().restored} IS_TEMPLATE true`);
	};
	const [error] = await Promise.all([
		restoreDatabase(live, store, options()).catch((reason: unknown) => reason),
		keep(),
	]);
	expect(error).toMatchObject({
		code: 'RESTORE.COPY_REMAINS',
		meta: { copy: names().restored },
		message: expect.stringContaining('template'),
	});

	await query(superuser(), `ALTER DATABASE ${names().restored} IS_TEMPLATE false`);
	await writeObject(store, address, bytes);
	expect(await restoreDatabase(live, store, options())).toMatchObject({ outcome: 'swapped' });
});

test('without a swap the restored database stands beside the live one, and the procedure is printed', async () => {
	const oldOid = await oidOf(live.database);
	const restored = await restoreDatabase(live, store, options({ swap: false }));
	expect(restored).toMatchObject({ outcome: 'restored', database: names().restored, swap: null });
	expect(restored.procedure[1]).toContain(`at the database ${names().restored} on ${live.host}:${live.port}`);
	expect(await oidOf(live.database)).toBe(oldOid);
	expect(await query({ ...live, database: names().restored }, 'SELECT count(*)::int AS rows FROM cases')).toEqual([
		{ rows: 100 },
	]);
});

test('a backup of another database wants its own waiver', async () => {
	const other = await createDatabase();
	try {
		const foreign = { ...options(), typedName: other.database };
		await expect(restoreDatabase(other, store, foreign)).rejects.toMatchObject({
			code: 'RESTORE.SWAP_BLOCKED',
			message: expect.stringContaining('foreignBackup'),
		});
	} finally {
		await other.drop();
	}
});

test('two restores of one database do not run at once', async () => {
	const holder = await connectPostgres(superuser());
	await holder.query("SELECT pg_advisory_lock(hashtextextended('deployment_runbook restore ' || $1, 0))", [
		live.database,
	]);
	await expect(restoreDatabase(live, store, options())).rejects.toMatchObject({ code: 'RESTORE.BUSY' });
	expect((await previewRestore(live, store, options())).verdict).toBe('inconclusive');
	await holder.end();
});

test('a backup that is missing is a failed preview and no restore', async () => {
	const missing = options({ backupId: '20200101T000000Z-000000000000' });
	expect((await previewRestore(live, store, missing)).verdict).toBe('failed');
	await expect(restoreDatabase(live, store, missing)).rejects.toMatchObject({ code: 'RESTORE.BACKUP_UNUSABLE' });
});

test('a role that may not rename is told so, and the live database serves on', async () => {
	const plain: PostgresConnection = { ...live, user: role, password: CANARY };
	await expect(restoreDatabase(plain, store, options())).rejects.toMatchObject({
		code: 'RESTORE.SWAP_BLOCKED',
		message: expect.stringContaining('CREATEDB'),
	});
	expect(sandboxEndpoints().postgres.user).not.toBe(role);
});
