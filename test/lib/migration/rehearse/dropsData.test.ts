import { dropsData } from '../../../../lib/migration/rehearse/dropsData';
import { parseScript } from '../../../../lib/migration/sqlParser.client';

test.each([
	['ALTER TABLE a DROP COLUMN b', true],
	['ALTER TABLE a ALTER COLUMN b TYPE int', true],
	['DROP TABLE a', true],
	['DROP VIEW a CASCADE', true],
	['DELETE FROM a', true],
	['UPDATE a SET b = 1', true],
	['TRUNCATE a', true],
	['DO $$ BEGIN END $$', true],
	['this is no SQL', true],
	['DROP INDEX i; DROP VIEW v; DROP FUNCTION f()', false],
	['ALTER TABLE a DROP CONSTRAINT k; ALTER TABLE a ALTER COLUMN b DROP NOT NULL', false],
])('%s: %s', async (script, expected) => {
	expect(dropsData(await parseScript(script))).toBe(expected);
});
