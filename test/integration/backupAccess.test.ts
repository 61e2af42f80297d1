import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBackup } from '../../lib/backup/createBackup';
import type { Capability } from '../../lib/backup/access/model';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import { PostgresBackup } from '../../nodes/PostgresBackup/PostgresBackup.node';
import {
	createDatabase,
	listKeys,
	newRun,
	openStore,
	query,
	startProxy,
	superuser,
	type RecordingProxy,
} from '../lib/backup/harness';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

jest.setTimeout(120_000);

const ROLE = `backup_access_${process.pid}`;
const PASSWORD = 'canary-password-access';
let source: Awaited<ReturnType<typeof createDatabase>>;
let proxy: RecordingProxy;
let location: { bucket: string; prefix: string };

beforeAll(async () => {
	source = await createDatabase();
	await query(
		source,
		'CREATE TABLE cases (id serial PRIMARY KEY, t text)',
		"INSERT INTO cases (t) VALUES ('a'), ('b')",
		'CREATE TABLE secrets (t text)',
		'CREATE SCHEMA hidden',
		'CREATE TABLE hidden.notes (t text)',
	);
});
afterAll(async () => await source.drop());
beforeEach(async () => {
	({ location } = newRun());
	proxy = await startProxy();
	await query(superuser(), `CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
});
afterEach(async () => {
	await proxy.close();
	await query(source, `DROP OWNED BY ${ROLE}`);
	await query(superuser(), `DROP OWNED BY ${ROLE}`, `DROP ROLE ${ROLE}`);
});

const role = () => ({ ...superuser(), database: source.database, user: ROLE, password: PASSWORD });

async function checkAccess(
	changes: { readonly postgres?: object; readonly scratchPostgres?: object; readonly s3?: object } = {},
): Promise<{ verdict: string; capabilities: readonly Capability[]; missing: readonly string[] }> {
	const { context, logged } = fakeExecuteContext({
		parameters: { operation: 'checkAccess', ...location },
		credentials: {
			postgres: { ...role(), ...changes.postgres },
			scratchPostgres: { ...sandboxEndpoints().databases.scratch, ssl: 'disable', ...changes.scratchPostgres },
			s3: {
				...sandboxEndpoints().s3,
				buckets: '',
				endpoint: proxy.endpoint,
				forcePathStyle: true,
				...changes.s3,
			},
		},
	});
	const outputs = await new PostgresBackup().execute.call(context);
	const { verdict, capabilities } = outputs.flat()[0]?.json.access as Awaited<ReturnType<typeof checkAccess>>;
	expect(outputs[['inconclusive', 'failed', 'passed'].indexOf(verdict)]).toHaveLength(1);
	expect(JSON.stringify([outputs, logged])).not.toContain(PASSWORD);
	const missing = capabilities.filter(({ held }) => held !== true).map(({ where, what }) => `${where}: ${what}`);
	return { verdict, capabilities, missing };
}

/** The statements of the page's first SQL block that is about the role of backups, with its names. */
async function documentedRole(): Promise<string[]> {
	const page = await readFile(join(__dirname, '../../docs/nodes/postgres-backup.md'), 'utf8');
	const block = /```sql\n(CREATE ROLE runbook_backup[\s\S]*?)```/.exec(page)?.[1] ?? '';
	const statements = block
		.split('\n')
		.map((line) => line.replace(/\s*--.*$/, '').trim())
		.filter((line) => line !== '');
	expect(statements.length).toBeGreaterThan(2);
	return statements
		.filter((statement) => !statement.startsWith('CREATE ROLE'))
		.map((statement) =>
			statement.replaceAll('runbook_backup', ROLE).replaceAll('case_management', source.database),
		);
}

test('the least role of the docs passes, and a backup with it is made and verified', async () => {
	await query(source, ...(await documentedRole()));
	const check = await checkAccess();
	expect(check).toMatchObject({ verdict: 'passed', missing: [] });
	expect(check.capabilities.map(({ where, what }) => `${where}: ${what}`)).toEqual([
		'source: read every table, by pg_read_all_data',
		'source: read every sequence',
		'source: see every row',
		'source: read every large object',
		'source: tell which database it is',
		'scratch: create databases',
		'scratch: restore this version',
		'scratch: restore the extensions',
		"scratch: be a server other than the source's",
		'bucket: store an object',
		'bucket: list the folder',
		'bucket: read an object back',
		'bucket: upload in parts',
		'bucket: discard an upload in parts',
		'bucket: delete an object',
		expect.stringMatching(/^tools: pg_dump \d+/),
		expect.stringMatching(/^tools: pg_restore \d+/),
	]);
	expect(await listKeys({ location })).toEqual([]);

	const store = await openStore();
	const run = newRun();
	const { backupId } = await createBackup(role(), store, run);
	const verification = await verifyBackup(superuser(), store, { ...run, backupId, allowSourceServer: true });
	expect(verification).toMatchObject({ verdict: 'passed', tables: 3 });
	store.close();
});

test('what a role may not read is named: tables, sequences, rows behind a policy, large objects', async () => {
	await query(
		source,
		`GRANT SELECT ON cases TO ${ROLE}`,
		'ALTER TABLE cases ENABLE ROW LEVEL SECURITY',
		"SELECT lo_from_bytea(424242, 'large')",
	);
	try {
		const { verdict, capabilities, missing } = await checkAccess();
		expect(verdict).toBe('failed');
		expect(missing).toEqual([
			'source: read every table',
			'source: read every sequence',
			'source: see every row',
			'source: read every large object',
		]);
		expect(capabilities.map(({ detail }) => detail).slice(0, 4)).toEqual([
			'hidden.notes, public.secrets',
			'public.cases_id_seq',
			'a policy hides rows of public.cases',
			'1 cannot be read',
		]);
		expect(capabilities[0]?.remedy).toContain(`GRANT pg_read_all_data TO "${ROLE}"`);
	} finally {
		await query(source, 'SELECT lo_unlink(424242)', 'ALTER TABLE cases DISABLE ROW LEVEL SECURITY');
	}
});

test('a scratch role that may not create databases, on the server of the source, is named so', async () => {
	await query(source, ...(await documentedRole()));
	const { verdict, missing } = await checkAccess({ scratchPostgres: { ...role(), database: 'postgres' } });
	expect([verdict, missing]).toEqual([
		'failed',
		['scratch: create databases', "scratch: be a server other than the source's"],
	]);
});

test('a key pair that may not delete, or not discard uploads, is named so', async () => {
	await query(source, ...(await documentedRole()));
	await proxy.close();
	proxy = await startProxy((call, response) => {
		if (!call.startsWith('DELETE ')) return false;
		response
			.writeHead(403, { 'content-type': 'application/xml' })
			.end('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>');
		return true;
	});
	const { verdict, capabilities, missing } = await checkAccess();
	expect([verdict, missing]).toEqual(['failed', ['bucket: discard an upload in parts', 'bucket: delete an object']]);
	expect(capabilities.filter(({ held }) => held === false).at(-1)).toMatchObject({
		detail: expect.stringContaining('refuses delete'),
		remedy: expect.stringContaining('s3:DeleteObject'),
	});
	expect(await listKeys({ location })).toEqual([expect.stringMatching(/\/access-probe-[0-9a-f]{12}$/)]);
});

test('a missing bucket fails every call on it', async () => {
	location = { bucket: 'no-such-bucket', prefix: 'x' };
	const { verdict, missing } = await checkAccess();
	expect(verdict).toBe('failed');
	expect(missing).toEqual(
		expect.arrayContaining(['bucket: store an object', 'bucket: list the folder', 'bucket: upload in parts']),
	);
});

test('what cannot be reached is not judged', async () => {
	await query(source, ...(await documentedRole()));
	const { verdict, missing } = await checkAccess({
		scratchPostgres: { port: 1 },
		s3: { endpoint: 'http://127.0.0.1:1' },
	});
	expect(verdict).toBe('inconclusive');
	expect(missing[0]).toBe('scratch: connect');
	expect(missing).toHaveLength(7);
});
