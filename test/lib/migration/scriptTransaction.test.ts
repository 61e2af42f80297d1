import { scriptTransaction } from '../../../lib/migration/scriptTransaction';
import { splitStatements } from '../../../lib/migration/splitStatements';

describe('a script is split where Postgres splits it', () => {
	test.each([
		['plain statements', 'SELECT 1;\nSELECT 2', ['select 1', 'select 2']],
		['nothing', ' ;; -- only a comment\n/* and /* nested; */ another; */', []],
		['semicolons in literals and names', `SELECT ';', 'it''s;', ";a"; SELECT 2`, [`select '', '', ""`, 'select 2']],
		[
			'a backslash before a quote in E literals only',
			`SELECT E'a\\';b'; SELECT 'a\\'; SELECT 3`,
			[`select e''`, `select ''`, 'select 3'],
		],
		[
			'a literal after a word that ends in e',
			`SELECT date'2026-01-01'; SELECT note'\\'; SELECT 2`,
			[`select date''`, `select note''`, 'select 2'],
		],
		[
			'dollar quotes with and without a tag',
			'DO $$ BEGIN; END $$; DO $a_1$ $$ ; $b$ ; $a_1$; SELECT 1',
			['do $$', 'do $$', 'select 1'],
		],
		['parameters and names with a dollar sign', 'SELECT $1, a$b$; SELECT c$b$', ['select $1, a$b$', 'select c$b$']],
		['an open literal runs to the end', `SELECT 'a; b`, [`select ''`]],
		['names beyond ASCII', 'SELECT größe$x$; SELECT 2;', ['select größe$x$', 'select 2']],
	])('%s', (_name, script, statements) => {
		expect(splitStatements(script)).toEqual(statements);
	});

	test('a megabyte of inserts is split in linear time', () => {
		const script = `INSERT INTO t VALUES ('a;b', $$c;d$$);\n`.repeat(30_000);
		const startedAt = performance.now();
		expect(splitStatements(script)).toHaveLength(30_000);
		expect(performance.now() - startedAt).toBeLessThan(8_000);
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
		['CREATE INDEX CONCURRENTLY i ON a (b); CREATE INDEX CONCURRENTLY j ON a (c);', 'impossible'],
		['SET lock_timeout = 1; DROP INDEX CONCURRENTLY i;', 'impossible'],
		['COMMIT; VACUUM a;', 'impossible'],
		['ALTER TABLE p DETACH PARTITION q CONCURRENTLY; SELECT 1', 'impossible'],
		['REFRESH MATERIALIZED VIEW CONCURRENTLY v; SELECT 1;', 'one'],
		['ALTER TABLE a ADD concurrently_built boolean; CREATE INDEX i ON a (concurrently_built);', 'one'],
	])('%s → %s', (script, transaction) => {
		expect(scriptTransaction(script)).toBe(transaction);
	});
});
