import { createBackup } from '../../lib/backup/createBackup';
import { expiringKey } from '../../lib/backup/prune/readStored';
import { pruneBackups, type PruneOptions } from '../../lib/backup/prune/pruneBackups';
import type { ArchiveStore } from '../../lib/backup/model';
import { readManifest } from '../../lib/backup/readManifest';
import { writeVerifiedRecord } from '../../lib/backup/verifiedRecord';
import type { ObjectStorage } from '../../lib/storage/model';
import { createDatabase, listKeys, newRun, openStore, query } from '../lib/backup/harness';

jest.setTimeout(120_000);

/** Lists of lost rows, and preserved databases: their keys hold a backup's id. */
const NOT_OF_A_BACKUP = /\.lost-|\/emergency\//;

let store: ObjectStorage;
let source: Awaited<ReturnType<typeof createDatabase>>;
let run: ReturnType<typeof newRun>;
let ids: string[];

beforeAll(async () => {
	store = await openStore();
	source = await createDatabase();
	await query(source, 'CREATE TABLE t AS SELECT i FROM generate_series(1, 10) AS i');
});
afterAll(async () => {
	await source.drop();
	store.close();
});

/** Three backups of three days, each verified; and things that are none of ours. */
beforeEach(async () => {
	run = newRun();
	ids = ['20260101', '20260102', '20260103'].map((day, index) => `${day}T000000Z-00000000000${index}`);
	for (const backupId of ids) {
		await createBackup(source, store, { ...run, backupId });
		await verify(backupId);
	}
	for (const name of [
		`emergency/${ids[0]}.manifest.json`,
		`emergency/${ids[0]}/rest.dump.zst`,
		'notes.txt',
		'20261301T000000Z-000000000000.manifest.json',
		`${ids[0]}.lost-x.jsonl`,
	])
		await store.putText({ bucket: run.location.bucket, key: `${run.location.prefix}/${name}` }, 'kept', run.signal);
});

async function verify(backupId: string): Promise<void> {
	const { sha256 } = await readManifest(store, run.location, { backupId, signal: run.signal });
	await record(backupId, sha256);
}

async function record(backupId: string, sha256: string): Promise<void> {
	const { location, signal } = run;
	const { source: from } = await readManifest(store, location, { backupId, signal });
	const token = { backupId, sha256, source: from, verifiedAt: '2026-11-23T06:50:00.000Z', proofClass: 'A' as const };
	await writeVerifiedRecord(store, { token, tookMs: 1000 }, { location, backupId, signal });
}

function options(more: Partial<PruneOptions> = {}): PruneOptions {
	return { ...run, policy: { keepLast: 1, minimumAgeMs: 0, pins: [] }, dryRun: false, ...more };
}

const keysOf = async (backupId: string): Promise<string[]> =>
	(await listKeys(run)).filter((key) => key.includes(backupId) && !NOT_OF_A_BACKUP.test(key));

test('a dry run says what would go and touches nothing; the real one frees exactly that', async () => {
	const before = await listKeys(run);
	const wouldGo = await pruneBackups(store, options({ dryRun: true }));
	expect(await listKeys(run)).toEqual(before);
	expect(wouldGo.pruned.map(({ backupId }) => backupId)).toEqual([ids[1], ids[0]]);
	const gone = await pruneBackups(store, options());
	expect(gone).toEqual({ ...wouldGo, dryRun: false });
	expect(gone.freedBytes).toBeGreaterThan(0);
	const left = await listKeys(run);
	expect(left).toEqual(
		before.filter(
			(key) => !gone.pruned.some(({ backupId }) => key.includes(backupId)) || NOT_OF_A_BACKUP.test(key),
		),
	);
	expect(left).toContain(`${run.location.prefix}/notes.txt`);
	expect(left.filter((key) => key.includes('/emergency/'))).toHaveLength(2);
});

test('a record of another backup’s checksum verifies nothing, so the one before it stays', async () => {
	await record(ids[2]!, 'f'.repeat(64));
	const { pruned } = await pruneBackups(store, options());
	expect(pruned.map(({ backupId }) => backupId)).toEqual([ids[0]]);
});

test.each([0, 1, 2, 3])(
	'a run that is killed after %i removals leaves no backup that looks whole, and the next one ends it',
	async (removals) => {
		let left = removals;
		const dying: ArchiveStore = {
			putStream: async (...given) => await store.putStream(...given),
			putText: async (...given) => await store.putText(...given),
			readText: async (...given) => await store.readText(...given),
			openStream: async (...given) => await store.openStream(...given),
			readSize: async (...given) => await store.readSize(...given),
			listKeys: async (...given) => await store.listKeys(...given),
			remove: async (address) => {
				if (left-- <= 0) throw new Error('killed');
				await store.remove(address);
			},
		};
		await expect(pruneBackups(dying, options())).rejects.toThrow('killed');
		expect(await keysOf(ids[1]!)).toContain(expiringKey(run.location.prefix, ids[1]!));
		if (removals > 0)
			await expect(
				readManifest(store, run.location, { backupId: ids[1]!, signal: run.signal }),
			).rejects.toMatchObject({ verdict: 'failed' });
		await pruneBackups(store, options());
		expect([await keysOf(ids[0]!), await keysOf(ids[1]!)]).toEqual([[], []]);
		expect(await keysOf(ids[2]!)).not.toEqual([]);
	},
);
