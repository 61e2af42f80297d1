import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { createBackup } from '../../lib/backup/createBackup';
import { dropDatabase, readDatabases } from '../../lib/backup/restore/databases.client';
import type { NamedDatabase } from '../../lib/backup/restore/model';
import { restoreId, restoreNames } from '../../lib/backup/restore/restoreNames';
import { connectPostgres } from '../../lib/support/postgres.client';
import { PostgresBackup } from '../../nodes/PostgresBackup/PostgresBackup.node';
import { createDatabase, newRun, openStore, query, superuser } from '../lib/backup/harness';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { runInChild, type ChildWork } from './runInChild';

jest.setTimeout(180_000);

let admin: Client;
let live: Awaited<ReturnType<typeof createDatabase>>;
let work: ChildWork;
let names: ReturnType<typeof restoreNames>;

beforeAll(async () => {
	admin = await connectPostgres(superuser());
});
afterAll(async () => await admin.end());

beforeEach(async () => {
	live = await createDatabase(`restore_kill_${randomBytes(4).toString('hex')}`);
	await query(
		live,
		'CREATE TABLE cases (id bigserial PRIMARY KEY, title text)',
		'INSERT INTO cases (title) SELECT md5(i::text) FROM generate_series(1, 200000) AS i',
		'CREATE INDEX ON cases (title)',
	);
	const store = await openStore();
	const run = newRun({ signal: AbortSignal.timeout(170_000) });
	const { backupId } = await createBackup(live, store, run);
	store.close();
	await query(live, 'DELETE FROM cases WHERE id <= 1000');
	names = restoreNames(live.database, restoreId(backupId, { database: live.database, label: '' }));
	work = {
		node: 'PostgresBackup',
		parameters: {
			operation: 'restore',
			...run.location,
			backupId,
			environment: 'production',
			maintenanceDatabase: 'postgres',
			diskGB: 0,
			endpoints: '',
			waivers: '',
			reason: 'rows were deleted',
			typedDatabaseName: live.database,
			swap: true,
			jobs: 2,
			deadlineMinutes: 5,
		},
		credentials: {
			postgres: { ...superuser(), database: live.database },
			s3: { ...sandboxEndpoints().s3, buckets: '', forcePathStyle: true },
		},
	};
});
afterEach(async () => {
	for (const name of [names.live, names.restored, names.broken]) {
		await admin.query('UPDATE pg_database SET datallowconn = true WHERE datname = $1', [name]);
		await dropDatabase(admin, name);
	}
});

async function find(name: string): Promise<NamedDatabase | undefined> {
	return (await readDatabases(admin, [name]))[0];
}

const MOMENTS: Record<string, () => Promise<boolean>> = {
	'while the backup is restored': async () => (await find(names.restored)) !== undefined,
	'when it was proven': async () => (await find(names.restored))?.note !== undefined,
	'when it was swapped': async () => (await find(names.broken)) !== undefined,
};

test.each(Object.entries(MOMENTS))('a restore that is killed %s is ended by the next run', async (_, hasCome) => {
	const before = (await find(names.live))?.oid;
	const child = runInChild(work);
	while (!(await hasCome())) await sleep(5);
	await child.kill();

	// At every moment a database serves under the name: the old one, or the restored one.
	const serving = await find(names.live);
	expect(serving?.allowsConnections).toBe(true);
	const wasSwapped = serving?.oid !== before;
	expect(await query(live, 'SELECT count(*)::int AS rows FROM cases')).toEqual([
		{ rows: wasSwapped ? 200_000 : 199_000 },
	]);

	const { context } = fakeExecuteContext(work);
	const [items] = await new PostgresBackup().execute.call(context);
	expect(items?.[0]?.json.restore).toMatchObject({
		outcome: wasSwapped ? 'already-swapped' : 'swapped',
		swap: { lost: { added: 0, changed: 0, removed: 1000 } },
	});
	expect(await query(live, 'SELECT count(*)::int AS rows FROM cases')).toEqual([{ rows: 200_000 }]);
	expect(await find(names.restored)).toBeUndefined();
	expect(await find(names.broken)).toMatchObject({ oid: before, allowsConnections: false });
});
