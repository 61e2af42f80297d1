import { createBackup } from '../../lib/backup/createBackup';
import { readManifest } from '../../lib/backup/readManifest';
import { dropDatabase } from '../../lib/backup/restore/databases.client';
import { restoreDatabase, type RestoredDatabase } from '../../lib/backup/restore/restoreDatabase';
import { restoreId, restoreNames } from '../../lib/backup/restore/restoreNames';
import { readIdentity } from '../../lib/migration/catalog.client';
import { fenceDatabase, refuseNewerHolder } from '../../lib/migration/fenceDatabase';
import { refuseForeignBackup } from '../../lib/migration/refuseForeignBackup';
import type { ObjectStorage } from '../../lib/storage/model';
import { connectPostgres } from '../../lib/support/postgres.client';
import { createDatabase, newRun, openStore, query, superuser } from '../lib/backup/harness';

jest.setTimeout(120_000);

let store: ObjectStorage;
let live: Awaited<ReturnType<typeof createDatabase>>;
let run: ReturnType<typeof newRun>;
let backupId: string;

beforeEach(async () => {
	store = await openStore();
	live = await createDatabase();
	run = newRun({ signal: AbortSignal.timeout(110_000) });
	await fenceDatabase(live, fence(3));
	({ backupId } = await createBackup(live, store, run));
});
afterEach(async () => {
	store.close();
	const client = await connectPostgres(superuser());
	const { restored, broken } = restoreNames(
		live.database,
		restoreId(backupId, { database: live.database, label: 'r-7' }),
	);
	for (const name of [restored, broken]) await dropDatabase(client, name);
	await client.end();
	await live.drop();
});

const fence = (token: number): { environment: string; release: string; token: number } => ({
	environment: 'production',
	release: `r-${token}`,
	token,
});

async function restore(): Promise<RestoredDatabase> {
	return await restoreDatabase(live, store, {
		...run,
		backupId,
		label: 'r-7',
		maintenanceDatabase: 'postgres',
		endpoints: [],
		waivers: [],
		reason: '',
		typedName: live.database,
		swap: true,
		prepare: async (restored) => await fenceDatabase(restored, fence(7)),
		refuseIfFencedOut: async (database) => await refuseNewerHolder(database, fence(7)),
	});
}

test('a restored database serves with the fence of the release that restored it, not with the one in the backup', async () => {
	await fenceDatabase(live, fence(5));
	await restore();
	expect(await query(live, 'SELECT token::int, release_id FROM deployment_runbook.fence')).toEqual([
		{ token: 7, release_id: 'r-7' },
	]);
	await expect(fenceDatabase(live, fence(5))).rejects.toMatchObject({ code: 'MIGRATION.FENCED_OUT' });
});

test('a release that a newer one has fenced out does not swap', async () => {
	await fenceDatabase(live, fence(9));
	await expect(restore()).rejects.toMatchObject({ code: 'MIGRATION.FENCED_OUT' });
	expect(await query(live, 'SELECT token::int FROM deployment_runbook.fence')).toEqual([{ token: 9 }]);
});

test('a backup from before the swap proves nothing for a migration after it', async () => {
	const { source } = await readManifest(store, run.location, { backupId, signal: run.signal });
	const identity = async (): ReturnType<typeof readIdentity> => {
		const client = await connectPostgres(live);
		return await readIdentity(client, live, 'public').finally(async () => await client.end());
	};
	refuseForeignBackup(source, await identity());
	await restore();
	const after = await identity();
	expect(() => refuseForeignBackup(source, after)).toThrow(
		expect.objectContaining({ code: 'MIGRATION.BACKUP_OF_ANOTHER_DATABASE' }) as Error,
	);
});
