import { parseScript } from '../../../lib/migration/sqlParser.client';
import { touchedTables } from '../../../lib/migration/touchedTables';

const touched = async (...scripts: readonly string[]): Promise<string[] | null> =>
	touchedTables(await Promise.all(scripts.map(parseScript)), 'public');

test.each([
	['ALTER TABLE notes ADD COLUMN a int', ['public.notes']],
	['CREATE TABLE s.a (i int); CREATE INDEX ON s.a (i)', ['s.a']],
	['UPDATE a SET n = b.n FROM b WHERE b.id = a.id', ['public.a', 'public.b']],
	['INSERT INTO "My Table" SELECT * FROM other', ['public.My Table', 'public.other']],
	["SELECT setval('a_id_seq', 5)", []],
	['CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$', []],
])('%s names its tables', async (script, tables) => {
	expect(await touched(script)).toEqual(tables);
});

test.each([
	['DO $$ BEGIN PERFORM 1; END $$'],
	['CALL move_rows()'],
	['SELECT move_rows()'],
	['SELECT 1 WHERE (SELECT move_rows()) > 0'],
	['this is no SQL'],
])('%s may have changed anything', async (script) => {
	expect(await touched('CREATE TABLE a (i int)', script)).toBeNull();
});
