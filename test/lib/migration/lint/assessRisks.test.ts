import { readFileSync } from 'node:fs';
import { describeMigration, parseMigration } from '../../../../lib/migration/describeMigration';
import { assessRisks, type PendingScript } from '../../../../lib/migration/lint/assessRisks';
import type { DeployUpTo } from '../../../../lib/migration/model';
import type { Phase, RiskCard, RiskProblem, SchemaFacts } from '../../../../lib/migration/lint/model';
import { rules, type RuleId } from '../../../../lib/migration/lint/rules';

const column = (type: string, isRequired = false): { type: string; isRequired: boolean; hasDefault: boolean } => ({
	type,
	isRequired,
	hasDefault: isRequired,
});
/** `cases` is small and `events` is large. */
const FACTS: SchemaFacts = {
	schema: 'public',
	serverVersion: 15,
	tableBytes: new Map([
		['public.cases', 8_192],
		['public.events', 5_000_000_000],
		['audit.log', 5_000_000_000],
	]),
	columns: new Map([
		['public.cases.title', column('character varying(80)')],
		['public.cases.amount', column('numeric(10,2)')],
		['public.cases.note', column('text')],
		['public.cases.state', column('text', true)],
	]),
	indexTables: new Map([['public.events_at_idx', 'public.events']]),
	volatileFunctions: new Set(['gen_random_uuid', 'nextval', 'random']),
};

async function pending(...scripts: string[]): Promise<PendingScript[]> {
	return await Promise.all(
		scripts.map(async (script, index) => {
			const file = { name: `${index + 1}_m`, script, checksum: '' };
			return { migration: await describeMigration(file), script: await parseMigration(file) };
		}),
	);
}

async function lint(...scripts: string[]): Promise<RiskCard> {
	return await lintUpTo('lastExpand', ...scripts);
}

async function lintUpTo(upTo: DeployUpTo, ...scripts: string[]): Promise<RiskCard> {
	return assessRisks(await pending(...scripts), FACTS, { smallTableBytes: 100_000_000, upTo });
}

test.each<[string, Phase, RuleId[]]>([
	['CREATE TABLE a (id int PRIMARY KEY); CREATE INDEX i ON a (id); COMMENT ON TABLE a IS $$x;$$', 'expand', []],
	['CREATE TABLE a (id int REFERENCES cases (id))', 'expand', ['add-foreign-key']],
	['ALTER TABLE cases ADD COLUMN b text', 'expand', ['add-column']],
	["ALTER TABLE cases ADD COLUMN b text NOT NULL DEFAULT 'x'", 'expand', ['add-column']],
	['ALTER TABLE cases ADD COLUMN b timestamptz NOT NULL DEFAULT now()', 'expand', ['add-column']],
	['ALTER TABLE cases ADD COLUMN b uuid DEFAULT gen_random_uuid()', 'expand', ['volatile-default']],
	['ALTER TABLE cases ADD COLUMN b serial', 'expand', ['volatile-default']],
	['ALTER TABLE cases ADD COLUMN b int GENERATED ALWAYS AS IDENTITY', 'expand', ['volatile-default']],
	['ALTER TABLE cases ADD COLUMN b int GENERATED ALWAYS AS (1) STORED', 'expand', ['generated-column']],
	['ALTER TABLE cases ADD COLUMN b json', 'expand', ['json-column']],
	['ALTER TABLE cases ADD COLUMN b int NOT NULL', 'contract', ['required-column']],
	['ALTER TABLE cases DROP COLUMN note', 'contract', ['drop-column']],
	['ALTER TABLE cases ADD COLUMN b int; ALTER TABLE cases DROP COLUMN b', 'expand', ['add-column', 'drop-column']],
	['ALTER TABLE cases RENAME COLUMN note TO remark', 'contract', ['rename-column']],
	['ALTER TABLE cases RENAME TO matters', 'contract', ['rename-table']],
	['ALTER TABLE cases SET SCHEMA archive', 'contract', ['rename-table']],
	['ALTER TABLE cases RENAME CONSTRAINT a TO b', 'expand', ['rename-object']],
	['ALTER INDEX a RENAME TO b', 'expand', ['rename-object']],
	['ALTER TABLE cases ALTER title TYPE varchar(120)', 'expand', ['change-type']],
	['ALTER TABLE cases ALTER title TYPE text', 'expand', ['change-type']],
	['ALTER TABLE cases ALTER title TYPE varchar(40)', 'contract', ['change-type']],
	['ALTER TABLE cases ALTER title TYPE text USING lower(title)', 'contract', ['change-type']],
	['ALTER TABLE cases ALTER amount TYPE numeric(12,2)', 'expand', ['change-type']],
	['ALTER TABLE cases ALTER amount TYPE numeric(12,4)', 'contract', ['change-type']],
	['ALTER TABLE cases ALTER amount TYPE bigint', 'contract', ['change-type']],
	['ALTER TABLE cases ALTER note SET NOT NULL', 'contract', ['set-not-null']],
	['ALTER TABLE cases ALTER state DROP NOT NULL', 'expand', ['drop-not-null']],
	['ALTER TABLE cases ALTER state DROP DEFAULT', 'contract', ['drop-default']],
	['ALTER TABLE cases ALTER note DROP DEFAULT', 'expand', ['drop-default']],
	["ALTER TABLE cases ALTER note SET DEFAULT ''", 'expand', []],
	['ALTER TABLE cases ADD CHECK (amount > 0) NOT VALID', 'contract', ['add-check']],
	['ALTER TABLE cases VALIDATE CONSTRAINT a', 'expand', ['validate-constraint']],
	['ALTER TABLE cases DROP CONSTRAINT a', 'expand', ['drop-constraint']],
	[
		'ALTER TABLE cases ADD FOREIGN KEY (owner) REFERENCES users (id)',
		'contract',
		['add-foreign-key', 'add-foreign-key'],
	],
	[
		'ALTER TABLE cases ADD owner int; ALTER TABLE cases ADD FOREIGN KEY (owner) REFERENCES users (id)',
		'expand',
		['add-column', 'add-foreign-key', 'add-foreign-key'],
	],
	['ALTER TABLE cases ADD UNIQUE (title)', 'contract', ['add-unique']],
	['CREATE UNIQUE INDEX i ON cases (title)', 'contract', ['add-unique']],
	['CREATE UNIQUE INDEX i ON cases (lower(title))', 'contract', ['add-unique']],
	[
		'ALTER TABLE cases ADD b int; CREATE UNIQUE INDEX i ON cases (b)',
		'expand',
		['add-column', 'index-blocks-writers'],
	],
	['CREATE INDEX i ON cases (title)', 'expand', ['index-blocks-writers']],
	['CREATE INDEX CONCURRENTLY i ON events (at)', 'expand', ['concurrent-index']],
	['DROP INDEX i', 'expand', ['drop-index']],
	['DROP TABLE cases, events CASCADE', 'contract', ['drop-table', 'drop-table']],
	['CREATE TABLE a (i int); DROP TABLE a', 'expand', ['drop-table']],
	['DROP VIEW v', 'contract', ['drop-object']],
	['DROP FUNCTION f(int)', 'contract', ['drop-object']],
	["ALTER TYPE mood ADD VALUE 'calm'", 'expand', ['enum-value']],
	["ALTER TYPE mood RENAME VALUE 'calm' TO 'still'", 'contract', ['rename-enum-value']],
	['ALTER TYPE mood RENAME TO feeling', 'contract', ['rename-object']],
	['ALTER DOMAIN d ADD CHECK (value > 0)', 'contract', ['domain-constraint']],
	['ALTER TABLE cases ENABLE ROW LEVEL SECURITY', 'contract', ['row-security']],
	['ALTER TABLE cases DETACH PARTITION q CONCURRENTLY', 'contract', ['partition']],
	['ALTER TABLE cases OWNER TO someone', 'contract', ['rights']],
	['ALTER TABLE cases SET (fillfactor = 70)', 'expand', ['table-option']],
	['CREATE TRIGGER t BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION f()', 'expand', ['trigger']],
	['CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$', 'expand', ['replace-object']],
	['CREATE OR REPLACE VIEW v AS SELECT 1', 'expand', ['replace-object']],
	['CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ DROP TABLE x; $$', 'expand', []],
	['GRANT SELECT ON cases TO reader', 'expand', []],
	['REVOKE SELECT ON cases FROM reader', 'contract', ['rights']],
	["INSERT INTO cases (title) VALUES ('a; DROP TABLE cases')", 'expand', []],
	['UPDATE cases SET note = 1 WHERE id = 1', 'expand', ['change-rows']],
	['UPDATE cases SET note = 1', 'expand', ['change-rows']],
	['DELETE FROM cases', 'contract', ['change-rows']],
	['TRUNCATE cases', 'contract', ['truncate']],
	['VACUUM FULL cases', 'expand', ['rewrite-table']],
	['ANALYZE cases', 'expand', []],
	['DO $$ BEGIN NULL; END $$; SELECT 1', 'unknown', ['code']],
	['CREATE RULE r AS ON INSERT TO cases DO NOTHING', 'unknown', ['unknown-statement']],
	['ALTER VIEW v ALTER COLUMN a SET DEFAULT 1', 'unknown', ['unknown-statement']],
])('%s → %s', async (script, phase, found) => {
	const [migration] = (await lint(script)).migrations;
	expect({ phase: migration?.phase, rules: migration?.risks.map(({ rule }) => rule) }).toEqual({
		phase,
		rules: found,
	});
});

test.each<[string, string[], RiskCard['verdict'], Array<RiskProblem['kind']>]>([
	['nothing pending', [], 'passed', []],
	['only additions', ['CREATE TABLE a (i int)', 'ALTER TABLE cases ADD b int'], 'passed', []],
	['a contraction at the end, which waits', ['ALTER TABLE cases DROP note'], 'passed', []],
	[
		'an expansion behind a contraction',
		['ALTER TABLE cases DROP note', 'ALTER TABLE cases ADD b int'],
		'failed',
		['behind-contract'],
	],
	['one that takes and adds', ['ALTER TABLE cases DROP note, ADD b int'], 'failed', ['contract-needed']],
	['one that takes and creates', ['DROP TABLE events; CREATE TABLE a (i int)'], 'failed', ['contract-needed']],
	['a rename, which cannot wait', ['ALTER TABLE cases RENAME note TO remark'], 'failed', ['contract-needed']],
	['a required column, which cannot wait', ['ALTER TABLE cases ADD b int NOT NULL'], 'failed', ['contract-needed']],
	['another type, which cannot wait', ['ALTER TABLE cases ALTER amount TYPE bigint'], 'failed', ['contract-needed']],
	['code that nobody can judge', ['DO $$ BEGIN NULL; END $$; SELECT 1'], 'inconclusive', ['unknown']],
	['what is not SQL', ['SELEC 1'], 'inconclusive', ['unreadable']],
	['an index on a large table', ['CREATE INDEX i ON events (at)'], 'failed', ['blocks']],
	['a rewrite of a large table of another schema', ['ALTER TABLE audit.log ADD b serial'], 'failed', ['blocks']],
	['a rebuild of an index of a large table', ['REINDEX INDEX events_at_idx'], 'failed', ['blocks']],
	['a concurrent index on a large table', ['CREATE INDEX CONCURRENTLY i ON events (at)'], 'passed', []],
	['a validation of a large table', ['ALTER TABLE events VALIDATE CONSTRAINT c'], 'passed', []],
	[
		'a concurrent index beside another statement',
		['CREATE INDEX CONCURRENTLY i ON events (at); SELECT 1'],
		'failed',
		['impossible-script'],
	],
	[
		'a new value that is used at once',
		["ALTER TYPE mood ADD VALUE 'calm'; UPDATE cases SET mood = 'calm' WHERE id = 1"],
		'failed',
		['enum-value-used'],
	],
	[
		'a new value that is used by the next migration',
		["ALTER TYPE mood ADD VALUE 'calm'", "UPDATE cases SET mood = 'calm' WHERE id = 1"],
		'passed',
		[],
	],
	[
		'code that its author vouches for',
		['-- Fills a column\n-- deployment-runbook: expand\nDO $$ BEGIN NULL; END $$; SELECT 1'],
		'passed',
		[],
	],
	['an addition that its author holds back', ['-- deployment-runbook: contract\nSELECT 1'], 'passed', []],
	[
		'a declaration that comes too late',
		['SELECT 1;\n-- deployment-runbook: expand\nALTER TABLE cases RENAME TO matters'],
		'failed',
		['contract-needed'],
	],
	['a declaration for what nobody can read', ['-- deployment-runbook: expand\nSELEC 1'], 'failed', ['unreadable']],
])('%s', async (_promise, scripts, verdict, kinds) => {
	const card = await lint(...scripts);
	expect({ verdict: card.verdict, kinds: card.problems.map(({ kind }) => kind) }).toEqual({ verdict, kinds });
});

test('what contracts stays pending and is listed, until a deployment goes on to the end', async () => {
	const scripts = ['ALTER TABLE cases ADD b int', 'ALTER TABLE cases DROP note', 'DROP TABLE events'];
	expect(await lint(...scripts)).toMatchObject({
		verdict: 'passed',
		previousVersionMayServe: false,
		deploys: [{ name: '1_m' }],
		heldBack: ['2_m', '3_m'],
	});
	expect(await lintUpTo('all', ...scripts)).toMatchObject({
		verdict: 'passed',
		deploys: [{ name: '1_m' }, { name: '2_m' }, { name: '3_m' }],
		heldBack: [],
	});
	expect(await lintUpTo('all', 'ALTER TABLE cases RENAME note TO remark')).toMatchObject({ verdict: 'passed' });
});

test('a table of one pending migration is new to the next one', async () => {
	expect(await lint('CREATE TABLE a (i int)', 'ALTER TABLE a ALTER i SET NOT NULL; DROP TABLE a')).toMatchObject({
		verdict: 'passed',
		previousVersionMayServe: true,
	});
});

test('a risk is told with its line, lock, work and the size of its table', async () => {
	const script = '-- größe\nSELECT 1;\n\n/* why */ CREATE INDEX "i"\n\tON "events" ("at");';
	expect((await lint(script)).migrations[0]?.risks).toEqual([
		{
			rule: 'index-blocks-writers',
			phase: 'expand',
			lock: 'SHARE',
			work: 'scan',
			table: 'public.events',
			tableBytes: 5_000_000_000,
			text: 'builds "i" while nobody may write',
			migration: '1_m',
			line: 4,
		},
	]);
});

test('no more than fifty risks are told, and all of them are judged', async () => {
	const script = `${'UPDATE cases SET note = 1 WHERE id = 1;\n'.repeat(60)}DROP TABLE cases;`;
	const { migrations } = await lint(script);
	expect({
		told: migrations[0]?.risks.length,
		phase: migrations[0]?.phase,
		statements: migrations[0]?.statements,
	}).toEqual({
		told: 50,
		phase: 'contract',
		statements: 61,
	});
});

test("the node's page lists each rule with those of squawk and strong_migrations that it stands for", () => {
	const page = readFileSync('docs/nodes/prisma-migrate.md', 'utf8');
	for (const [id, { squawk, strongMigrations }] of Object.entries(rules)) {
		const row = page.split('\n').find((line) => line.startsWith(`| \`${id}\``)) ?? '';
		const missing = row === '' ? ['its row'] : [...squawk, ...strongMigrations].filter((one) => !row.includes(one));
		expect({ id, missing }).toEqual({ id, missing: [] });
	}
});
