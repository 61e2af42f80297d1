import { createBackup } from '../../lib/backup/createBackup';
import { findTool } from '../../lib/backup/findTool.client';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import type { ObjectStorage } from '../../lib/storage/model';
import { createDatabase, listKeys, newRun, openStore, query } from '../lib/backup/harness';
import { ArchivedCluster } from './archivedCluster';
import { copyOtherPostgres } from './otherPostgres';

jest.setTimeout(180_000);

const other = copyOtherPostgres();
const withTwoMajors = other ? describe : describe.skip;

withTwoMajors('a server of a newer major than the programs of this machine', () => {
	let newer: ArchivedCluster;
	let store: ObjectStorage;

	beforeAll(async () => {
		newer = await ArchivedCluster.start({ programs: other?.programs ?? '' });
		store = await openStore();
	});
	afterAll(() => {
		store.close();
		newer.stop();
		other?.remove();
	});

	test('is not dumped: the refusal names both versions, before anything is stored', async () => {
		const { path, version, major } = await findTool('pg_dump', 1);
		const run = newRun({ toolFolders: [path.slice(0, path.lastIndexOf('/'))] });
		const [server] = await query(
			newer.connection,
			"SELECT current_setting('server_version_num')::int / 10000 AS major",
		);
		expect(server?.major).toBeGreaterThan(major);
		await expect(createBackup(newer.connection, store, run)).rejects.toMatchObject({
			code: 'BACKUP.TOOL_TOO_OLD',
			message: `pg_dump ${version} is older than the server, which needs version ${String(server?.major)} or newer`,
		});
		expect(await listKeys(run)).toEqual([]);
	});

	test('takes the restore of an older one, and its rows have the same hashes there', async () => {
		const source = await createDatabase();
		try {
			await query(
				source,
				'CREATE TABLE cases (id bigserial PRIMARY KEY, t text, at timestamptz, amount numeric, ratio float8, raw bytea, details jsonb, tags text[])',
				`INSERT INTO cases (t, at, amount, ratio, raw, details, tags)
				 SELECT 'Fälle ' || i, timestamptz '2026-03-29 01:30+01' + i * interval '1 hour', i / 7.0, 1.0 / i, decode(md5(i::text), 'hex'), jsonb_build_object('i', i), ARRAY['a', i::text]
				 FROM generate_series(1, 1000) AS i`,
			);
			const run = newRun();
			const { backupId } = await createBackup(source, store, run);
			const options = { ...run, backupId, allowSourceServer: false };
			expect(await verifyBackup(newer.connection, store, options)).toMatchObject({
				verdict: 'passed',
				reasons: [],
			});
		} finally {
			await source.drop();
		}
	});
});
