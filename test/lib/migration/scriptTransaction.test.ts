import { scriptTransaction } from '../../../lib/migration/scriptTransaction';
import { parseScript } from '../../../lib/migration/sqlParser.client';

describe('a script is read as Postgres reads it', () => {
	const kinds = async (script: string): Promise<string[] | undefined> =>
		(await parseScript(script)).statements?.map(({ node, line }) => `${line} ${Object.keys(node).join()}`);

	test.each([
		['plain statements', 'SELECT 1;\nTABLE a', ['1 SelectStmt', '2 SelectStmt']],
		['nothing', ' ;; -- only a comment\n/* and /* nested; */ another; */', []],
		['an empty file', '', []],
		[
			'semicolons in literals, names and bodies',
			`SELECT ';', 'it''s;', E'a\\';b', ";a"; DO $a_1$ $$ ; $b$ ; $a_1$;\n\n-- why\nVACUUM a`,
			['1 SelectStmt', '1 DoStmt', '4 VacuumStmt'],
		],
		[
			'characters of several bytes',
			`SELECT 'größe 😀';\nSELECT 2;\n\tDROP TABLE a`,
			['1 SelectStmt', '2 SelectStmt', '3 DropStmt'],
		],
	])('%s', async (_name, script, statements) => {
		expect(await kinds(script)).toEqual(statements);
	});

	test.each([
		['what is not SQL', `SELECT 'größe';\nSELEC 1;`, 'syntax error at or near "SELEC" (line 2)'],
		['an open literal', `SELECT 'a; b`, /unterminated quoted string.*\(line 1\)/],
		['nesting that no parser survives', `SELECT ${'('.repeat(30_000)}1${')'.repeat(30_000)}`, /memory exhausted/],
		['more than a megabyte', 'SELECT 1;'.repeat(120_000), /longer than 1000000 characters/],
	])('%s has a problem and no statements', async (_name, script, problem) => {
		expect(await parseScript(script)).toEqual({
			problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
		});
		expect(await kinds('SELECT 1')).toEqual(['1 SelectStmt']);
	});
});

describe('how a script runs', () => {
	test.each([
		['ALTER TABLE a ADD b int; CREATE INDEX i ON a (b);', 'one'],
		['', 'one'],
		['CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN COMMIT; RETURN 1; END $$; SELECT 1;', 'one'],
		[`INSERT INTO notes VALUES ('commit; vacuum');`, 'one'],
		['DO $$ BEGIN NULL; END $$; SELECT 1;', 'one'],
		['DO $$ BEGIN COMMIT; END $$;', 'own'],
		['CALL move_rows();', 'own'],
		['BEGIN; ALTER TABLE a ADD b int; COMMIT;', 'own'],
		['/* first */ start  transaction; SELECT 1; End;', 'own'],
		['CREATE INDEX CONCURRENTLY i ON a (b);', 'own'],
		['-- why\ncreate unique index\n concurrently i on a (b)', 'own'],
		['VACUUM ANALYZE a', 'own'],
		['REINDEX TABLE CONCURRENTLY a', 'own'],
		['SELEC 1', 'own'],
		['REINDEX SCHEMA s; SELECT 1', 'impossible'],
		['CLUSTER', 'own'],
		['CLUSTER a USING i; SELECT 1', 'one'],
		['ALTER DATABASE d SET TABLESPACE t; SELECT 1', 'impossible'],
		['SAVEPOINT s; RELEASE s', 'one'],
		['CREATE INDEX CONCURRENTLY i ON a (b); CREATE INDEX CONCURRENTLY j ON a (c);', 'impossible'],
		['SET lock_timeout = 1; DROP INDEX CONCURRENTLY i;', 'impossible'],
		['COMMIT; VACUUM a;', 'impossible'],
		['ALTER TABLE p DETACH PARTITION q CONCURRENTLY; SELECT 1', 'impossible'],
		['REFRESH MATERIALIZED VIEW CONCURRENTLY v; SELECT 1;', 'one'],
		['ALTER TABLE a ADD concurrently_built boolean; CREATE INDEX i ON a (concurrently_built);', 'one'],
	])('%s → %s', async (script, transaction) => {
		expect(scriptTransaction(await parseScript(script))).toBe(transaction);
	});
});
