import type { INodeExecutionData } from 'n8n-workflow';
import { checkIntegrity, type IntegrityQuestion } from '../../lib/integrity/checkIntegrity';
import type { Assertion, IntegrityReport } from '../../lib/integrity/model';
import { recordIntegrity } from '../../lib/integrity/recordIntegrity';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { openLedger } from '../../lib/release/ledger.client';
import { IntegrityCheck } from '../../nodes/IntegrityCheck/IntegrityCheck.node';
import { MigrationSandbox, readColumn, rejection, withClient } from '../lib/migration/migrationSandbox';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { beginProvenRelease } from './beginProvenRelease';

const sandbox = new MigrationSandbox();
let connection: PostgresConnection;

beforeEach(async () => {
	connection = await sandbox.createDatabase();
	await run(`CREATE TABLE cases (id bigserial PRIMARY KEY, title text NOT NULL, amount numeric);
		CREATE TABLE files (id serial PRIMARY KEY, "case" bigint REFERENCES cases (id), "odd ""name" int);
		INSERT INTO cases (title, amount) SELECT 'case ' || n, n FROM generate_series(1, 50) n;
		INSERT INTO files ("case") SELECT id FROM cases;
		CREATE INDEX files_case_idx ON files ("case")`);
});
afterAll(async () => await sandbox.remove());

async function run(sql: string): Promise<void> {
	await withClient(connection, async (client) => await client.query(sql));
}

async function check(change: Partial<IntegrityQuestion> = {}): Promise<IntegrityReport> {
	return await checkIntegrity(connection, {
		assertions: [],
		before: undefined,
		largestLoss: 0.01,
		statementTimeoutMs: 5_000,
		signal: new AbortController().signal,
		...change,
	});
}

const found = ({ violations }: IntegrityReport): string[] =>
	violations.map(({ check: name, severity, text }) => `${severity} ${name} ${text}`);
const assertion = (change: Partial<Assertion>): Assertion => ({
	name: 'a',
	sql: 'SELECT 1',
	expect: 'empty',
	...change,
});

test('a sound database passes, and every table is counted exactly', async () => {
	const report = await check();
	expect(found(report)).toEqual([]);
	expect(report).toMatchObject({
		verdict: 'passed',
		counts: { 'public.cases': 50, 'public.files': 50 },
		amcheck: 'not-installed',
	});
});

test('all that is wrong is told at once', async () => {
	await run(`ALTER TABLE cases ADD CONSTRAINT small CHECK (amount < 40) NOT VALID;
		SET session_replication_role = replica;
		DELETE FROM cases WHERE id IN (3, 4);
		RESET session_replication_role;
		SELECT setval('files_id_seq', 5);
		INSERT INTO cases (id, title) VALUES (1000, 'by hand')`);
	await run('CREATE UNIQUE INDEX CONCURRENTLY files_odd ON files ((1))').catch(() => undefined);
	expect(found(await check())).toEqual([
		'warning constraint-not-valid public.cases.small: was never validated against the rows that were there',
		'failed orphaned-rows public.files.files_case_fkey: 2 rows refer to something that is not there',
		'failed check-violated public.cases.small: 11 rows break the constraint',
		'failed sequence-behind public.cases.id: has values that its sequence will give again',
		'failed sequence-behind public.files.id: has values that its sequence will give again',
		'failed invalid-index public.files_odd: is not used by Postgres, and dumps leave it out',
	]);
});

test('a sequence that will give the very value that is there is behind', async () => {
	await run(
		`CREATE TABLE one (id serial PRIMARY KEY); INSERT INTO one VALUES (7); SELECT setval('one_id_seq', 7, false)`,
	);
	expect(found(await check())).toEqual([expect.stringContaining('sequence-behind public.one.id')]);
	await run(`SELECT setval('one_id_seq', 7, true)`);
	expect(found(await check())).toEqual([]);
});

test('a damaged index is found where amcheck is installed', async () => {
	await run(`CREATE EXTENSION amcheck`);
	expect(await check()).toMatchObject({ verdict: 'passed', amcheck: 'checked' });
	// Two entries of an index are swapped by changing how its type is ordered behind its back.
	await run(`CREATE FUNCTION reversed(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($1, $2)';
		CREATE OPERATOR CLASS odd_ops FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 reversed(int, int);
		CREATE INDEX files_reversed ON files (id odd_ops);
		CREATE OR REPLACE FUNCTION reversed(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($2, $1)'`);
	const report = await check();
	expect(report.verdict).toBe('failed');
	expect(found(report)).toEqual([
		expect.stringMatching(/^failed corrupt-index public\.files_reversed: .*SQLSTATE XX002/),
	]);
});

test('assertions are compared with what they must give, each by itself', async () => {
	const assertions = [
		assertion({ name: 'titles', sql: "SELECT id FROM cases WHERE title = '';" }),
		assertion({ name: 'odd', sql: 'SELECT title FROM cases WHERE id <= 3' }),
		assertion({ name: 'broken', sql: 'SELECT nothing FROM cases' }),
		assertion({ name: 'slow', sql: 'SELECT pg_sleep(20)' }),
		assertion({ name: 'quotes a row', sql: 'SELECT title::int FROM cases' }),
		assertion({ name: 'sum', sql: 'SELECT sum(amount) FROM cases', expect: 'between', min: 1275, max: 1275 }),
		assertion({ name: 'many', sql: 'SELECT count(*) FROM cases', expect: 'between', max: 10 }),
	];
	const report = await check({ assertions, statementTimeoutMs: 500 });
	expect(found(report)).toEqual([
		'failed assertion odd: gave 3 rows instead of none',
		expect.stringMatching(/^inconclusive assertion broken: could not be made: column "nothing" does not exist/),
		expect.stringMatching(/^inconclusive assertion slow: could not be made: .*SQLSTATE 57014/),
		'inconclusive assertion quotes a row: could not be made: SQLSTATE 22P02',
		'failed assertion many: gave 50, which is above 10',
	]);
	expect(JSON.stringify(report)).not.toContain('case 1');
});

test.each([
	['a write', 'DELETE FROM files', '42601'],
	['a write in a query', 'WITH gone AS (DELETE FROM files RETURNING 1) SELECT * FROM gone', '0A000'],
	['a second statement', 'SELECT 1; DELETE FROM files', '42601'],
	['the end of the transaction', 'SELECT 1; COMMIT; DELETE FROM files', '42601'],
	['a write by a function', `SELECT setval('files_id_seq', 1)`, ''],
	['leaving read-only', `SELECT set_config('transaction_read_only', 'off', true)`, ''],
])('an assertion that tries %s is not made, and nothing is changed', async (_attempt, sql, state) => {
	const state_ = async (): Promise<unknown[]> =>
		await readColumn(connection, `SELECT count(*) || '/' || (SELECT last_value FROM files_id_seq) FROM files`);
	const before = await state_();
	const report = await check({ assertions: [assertion({ sql })] });
	expect(found(report)).toEqual([
		expect.stringMatching(new RegExp(`^inconclusive assertion a: .*SQLSTATE ${state}`)),
	]);
	expect(await state_()).toEqual(before);
});

test('an assertion runs without any right to write', async () => {
	const sql = `SELECT 1 WHERE has_table_privilege('files', 'DELETE') OR current_user <> 'pg_read_all_data'`;
	expect(found(await check({ assertions: [assertion({ sql })] }))).toEqual([]);
});

test('a policy that hides rows makes a count inconclusive instead of smaller', async () => {
	const role = await sandbox.createRole(connection);
	await run(`ALTER TABLE cases ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON cases USING (id < 3);
		GRANT pg_read_all_data TO "${role.user}"`);
	const report = await checkIntegrity(role, {
		...{ assertions: [], before: undefined, largestLoss: 0, statementTimeoutMs: 5_000 },
		signal: new AbortController().signal,
	});
	expect(report.verdict).toBe('inconclusive');
	expect(found(report)).toContainEqual(expect.stringMatching(/^inconclusive count public\.cases: .*SQLSTATE 42501/));
});

test('rows that a migration lost, and a value that it changed, are told against the record', async () => {
	const assertions = [assertion({ name: 'sum', sql: 'SELECT sum(amount) FROM cases', expect: 'unchanged' })];
	const settings = { statementTimeoutMs: 5_000, signal: new AbortController().signal };
	const before = await recordIntegrity(connection, { ...settings, assertions });
	expect(before).toEqual({ counts: { 'public.cases': 50, 'public.files': 50 }, values: { sum: '1275' } });
	expect(await check({ assertions, before })).toMatchObject({ verdict: 'passed', violations: [] });

	await run(`DELETE FROM files WHERE id < 10; UPDATE cases SET amount = 0 WHERE id = 1; CREATE TABLE fresh (i int)`);
	expect(found(await check({ assertions, before }))).toEqual([
		'failed assertion sum: has another value than before',
		'failed rows-lost public.files: has 41 rows, and had 50 before',
	]);
	await run('DROP TABLE files');
	expect(found(await check({ before }))).toEqual(['failed table-missing public.files: is gone, and had 50 rows']);
});

test('a record that is not whole is none', async () => {
	const settings = { statementTimeoutMs: 500, signal: new AbortController().signal };
	const recordOf = async (sql: string): Promise<string> =>
		(
			await rejection(
				recordIntegrity(connection, { ...settings, assertions: [assertion({ sql, expect: 'unchanged' })] }),
			)
		).code;
	expect(await recordOf('SELECT pg_sleep(20)')).toBe('INTEGRITY.NOT_RECORDED');
	expect(await recordOf('SELECT id FROM cases')).toBe('INTEGRITY.NOT_RECORDED');
});

test('a server that is away is inconclusive, a wrong password is thrown', async () => {
	const question = { assertions: [], before: undefined, largestLoss: 0, statementTimeoutMs: 500 };
	const { signal } = new AbortController();
	expect(await checkIntegrity({ ...connection, port: 1 }, { ...question, signal })).toMatchObject({
		verdict: 'inconclusive',
		violations: [{ check: 'unreachable' }],
	});
	const database = 'no_such_database';
	expect((await rejection(checkIntegrity({ ...connection, database }, { ...question, signal }))).code).toBe(
		'INTEGRITY.ACCESS_REFUSED',
	);
});

test('cancelling ends the query on the server', async () => {
	const controller = new AbortController();
	const checking = check({
		assertions: [assertion({ sql: 'SELECT pg_sleep(30)' })],
		statementTimeoutMs: 60_000,
		signal: controller.signal,
	});
	const running = async (): Promise<number> =>
		(
			await readColumn(
				connection,
				`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'`,
			)
		).length;
	while ((await running()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
	controller.abort(new Error('cancelled'));
	await expect(checking).rejects.toThrow('cancelled');
	const deadline = performance.now() + 5_000;
	while ((await running()) > 0 && performance.now() < deadline)
		await new Promise((resolve) => setTimeout(resolve, 50));
	expect(await running()).toBe(0);
});

describe('in a release', () => {
	test('what was recorded before is compared with after, and is kept when the release is resumed', async () => {
		const operations = await sandbox.createDatabase();
		const ledger = await openLedger(operations);
		try {
			const release = await beginProvenRelease(ledger);
			const execute = async (parameters: object): Promise<INodeExecutionData[][]> => {
				const { context } = fakeExecuteContext({
					parameters: {
						...{ assertions: '[]', statementTimeoutSeconds: 10, largestLossPercent: 1, compareWith: '' },
						...{ recordStep: true, releaseId: release.id, token: release.token },
						...parameters,
					},
					credentials: { postgres: { ...connection }, releaseLedger: { ...operations } },
				});
				return await new IntegrityCheck().execute.call(context);
			};
			const record = { operation: 'record', stepKey: '2.2/record-counts' };
			const after = { operation: 'check', stepKey: '2.2/integrity-after', compareWith: '2.2/record-counts' };
			await expect(execute(after)).rejects.toThrow('INTEGRITY.RECORD_MISSING');
			await execute(record);
			expect((await execute(after))[2]?.[0]?.json.integrity).toMatchObject({ verdict: 'passed', compared: true });
			await run('DELETE FROM files WHERE id < 25');
			expect((await execute(record))[0]?.[0]?.json.integrity).toMatchObject({ counts: { 'public.files': 50 } });
			const failed = await execute(after);
			expect(failed[1]?.[0]?.json.integrity).toMatchObject({ verdict: 'failed', reasons: [expect.any(String)] });
			const rows = await readColumn(operations, 'SELECT s::text FROM deployment_runbook.step s');
			expect(JSON.stringify([failed, rows])).not.toContain(connection.password);
		} finally {
			await ledger.close();
		}
	});
});
