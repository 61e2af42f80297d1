import { lockedTables } from '../../../lib/migration/lockedTables';
import { parseScript } from '../../../lib/migration/sqlParser.client';

test.each([
	['ALTER TABLE notes ADD COLUMN a int', ['public.notes']],
	['DROP TABLE a, s.b', ['public.a', 's.b']],
	['CREATE TABLE child (i int REFERENCES parent (id))', ['public.child', 'public.parent']],
	['CREATE INDEX ON notes (n)', ['public.notes']],
	['TRUNCATE notes', ['public.notes']],
	['UPDATE notes SET n = 1; INSERT INTO a SELECT * FROM b', []],
	['UPDATE notes SET n = 1; ALTER TABLE a ADD COLUMN b int', ['public.a']],
	['this is no SQL', []],
])('%s', async (script, tables) => {
	expect(lockedTables(await parseScript(script), 'public')).toEqual(tables);
});
