import { findTraces } from '../../../../lib/migration/resolve/findTraces';
import { parseScript } from '../../../../lib/migration/sqlParser.client';

const told = async (script: string): Promise<string[]> =>
	findTraces(await parseScript(script), 'public').told.map(({ object, isMade }) => `${isMade ? '+' : '-'} ${object}`);

test.each([
	['CREATE TABLE notes (i int)', ['+ relation public.notes']],
	['CREATE TABLE s.notes AS SELECT 1', ['+ relation s.notes']],
	['CREATE UNIQUE INDEX CONCURRENTLY notes_n ON s.notes (n)', ['+ relation s.notes_n']],
	[
		'ALTER TABLE notes ADD COLUMN a int, DROP COLUMN b, ALTER COLUMN c SET NOT NULL, ADD CONSTRAINT k CHECK (a > 0)',
		[
			'+ column public.notes.a',
			'- column public.notes.b',
			'+ required public.notes.c',
			'+ constraint public.notes.k',
		],
	],
	["CREATE TYPE mood AS ENUM ('ok')", ['+ type public.mood']],
	["ALTER TYPE mood ADD VALUE 'sad'", ['+ value public.mood.sad']],
	['DROP TABLE a, s.b', ['- relation public.a', '- relation s.b']],
	['ALTER TABLE a RENAME TO b', ['+ relation public.b']],
	['ALTER TABLE a RENAME COLUMN b TO c', ['+ column public.a.c']],
	['CREATE SCHEMA s; CREATE EXTENSION citext', ['+ schema s', '+ extension citext']],
	["COMMENT ON TABLE a IS 'x'; SET lock_timeout = 5; BEGIN; COMMIT", []],
])('%s leaves its traces', async (script, traces) => {
	expect(await told(script)).toEqual(traces);
	expect(findTraces(await parseScript(script), 'public').untold).toEqual([]);
});

test.each([
	['UPDATE notes SET n = 1'],
	['CREATE TABLE IF NOT EXISTS notes (i int)'],
	['DROP TABLE IF EXISTS notes'],
	['CREATE OR REPLACE VIEW v AS SELECT 1'],
	['ALTER TABLE notes ADD COLUMN IF NOT EXISTS a int'],
	['ALTER TABLE notes ALTER COLUMN a TYPE bigint'],
	['ALTER TABLE notes ADD CHECK (a > 0)'],
	['CREATE INDEX ON notes (n)'],
	['DO $$ BEGIN END $$'],
	['this is no SQL'],
	['CREATE TABLE t (i int); DROP TABLE t'],
])('%s leaves nothing that can be looked for', async (script) => {
	const traces = findTraces(await parseScript(script), 'public');
	expect(traces.told).toEqual([]);
	expect(traces.untold).toEqual([1]);
});
