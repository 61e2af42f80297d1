import { PostgresBackup } from '../../nodes/PostgresBackup/PostgresBackup.node';
import { createDatabase, listKeys, query, superuser } from '../lib/backup/harness';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

jest.setTimeout(120_000);

const CANARY = 'canary-row-90b1';
const node = new PostgresBackup();
const location = { bucket: sandboxEndpoints().s3.buckets.backups, prefix: `test/node-${process.pid}` };

function credentials(source: { database: string }) {
	const { databases } = sandboxEndpoints();
	return {
		postgres: { ...superuser(), database: source.database },
		// A server of its own, and a role that may create databases and nothing else.
		scratchPostgres: { ...databases.scratch, ssl: 'disable' },
		s3: { ...sandboxEndpoints().s3, buckets: '', forcePathStyle: true },
	};
}

test('create, then verify by the item that create gave, leaves through Passed with nothing secret in sight', async () => {
	const source = await createDatabase();
	try {
		await query(source, 'CREATE TABLE cases (t text)', `INSERT INTO cases VALUES ('${CANARY}')`);
		const created = fakeExecuteContext({
			parameters: {
				operation: 'create',
				...location,
				lockWaitTimeoutSeconds: 5,
				budgetMinutes: 15,
				jobs: 2,
				deadlineMinutes: 1,
			},
			credentials: credentials(source),
		});
		const [items] = await node.execute.call(created.context);
		const backup = items?.[0]?.json.backup as { backupId: string };
		expect(await listKeys({ location })).toHaveLength(3);

		const verified = fakeExecuteContext({
			parameters: {
				operation: 'verify',
				...location,
				backupId: backup.backupId,
				allowSourceServer: false,
				keepScratch: false,
				diskGB: 0,
				jobs: 2,
				deadlineMinutes: 1,
			},
			credentials: credentials(source),
			items: items ?? [],
		});
		const [inconclusive, failed, passed] = await node.execute.call(verified.context);
		expect([inconclusive, failed]).toEqual([[], []]);
		expect(passed?.[0]?.json.backup).toMatchObject({
			...backup,
			verdict: 'passed',
			tables: 1,
			rows: 1,
			token: { backupId: backup.backupId, proofClass: 'A' },
		});

		const shown = JSON.stringify([items, passed]) + [...created.logged, ...verified.logged].join('\n');
		expect(created.logged.length + verified.logged.length).toBeGreaterThan(4);
		for (const secret of [CANARY, superuser().password]) expect(shown).not.toContain(secret);
	} finally {
		await source.drop();
	}
});

test('list gives what is stored, under its own key and beside what the item holds', async () => {
	const context = fakeExecuteContext({
		parameters: { operation: 'list', ...location, limit: 10 },
		credentials: credentials({ database: 'unused' }),
		items: [{ json: { kept: 1 } }],
	});
	const [items] = await node.execute.call(context.context);
	expect(items?.[0]?.json).toEqual({
		kept: 1,
		backups: {
			backups: [expect.objectContaining({ tables: 1, rows: 1, verifiedAt: expect.any(String) })],
			unusable: [],
			unfinished: [],
			omitted: 0,
		},
	});
});

test('the credential test is content with a server where databases can be created, and not with a role that may not', async () => {
	const credential = (data: object) => ({ id: '1', name: 'Scratch', type: 'scratchPostgres', data }) as never;
	const scratchServer = node.methods.credentialTest.scratchServer;
	expect(await scratchServer.call({} as never, credential(superuser()))).toEqual({
		status: 'OK',
		message: 'Connection successful',
	});
	const role = `backup_test_idle_${process.pid}`;
	await query(superuser(), `CREATE ROLE ${role} LOGIN PASSWORD 'idle-password'`);
	const refused = await scratchServer.call(
		{} as never,
		credential({ ...superuser(), user: role, password: 'idle-password' }),
	);
	await query(superuser(), `DROP ROLE ${role}`);
	expect(refused).toMatchObject({ status: 'Error', message: expect.stringContaining('CREATEDB') });
});
