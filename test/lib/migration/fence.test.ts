import { DatabaseError } from 'pg';
import { describeMigration } from '../../../lib/migration/describeMigration';
import { fenceStatement, isFencedOut, scriptPrefix } from '../../../lib/migration/fence.client';
import type { Migration } from '../../../lib/migration/model';

const FENCE = { environment: 'production', release: "r-1'; DROP TABLE cases; --", token: 7 };
const migration = async (script: string): Promise<Migration> =>
	await describeMigration({ name: '1_a', script, checksum: '' });
const refusal = (change: Partial<DatabaseError>): DatabaseError =>
	Object.assign(new DatabaseError('null value', 0, 'error'), {
		code: '23502',
		severity: 'ERROR',
		schema: 'deployment_runbook',
		table: 'fence',
		...change,
	});

test('names are quoted in what is sent in front of a script', async () => {
	expect(fenceStatement(FENCE)).toContain("'r-1''; DROP TABLE cases; --'");
	const prefix = scriptPrefix(FENCE, { migration: await migration('SELECT 1'), id: "o'hara" });
	expect(prefix).toContain("id = 'o''hara'");
	expect(prefix).toContain("release_id = 'r-1''; DROP TABLE cases; --'");
});

test.each<[string, string, boolean]>([
	['a script that is one transaction carries the fence in it', 'CREATE TABLE a (i int);', true],
	['one that commits in between cannot', 'CREATE INDEX CONCURRENTLY i ON a (i)', false],
	[
		'one whose first statement must be the first of its transaction cannot',
		'-- strict\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1;',
		false,
	],
])('%s', async (_promise, script, carries) => {
	expect(scriptPrefix(FENCE, { migration: await migration(script), id: 'i' }) !== '').toBe(carries);
});

test.each<[string, unknown, boolean]>([
	['the refusal of the fence', refusal({}), true],
	["a script's own NOT NULL", refusal({ schema: 'public', table: 'cases' }), false],
	["a table of the script's that is called fence", refusal({ schema: 'public' }), false],
	['another refusal of the fence, such as a full disk', refusal({ code: '53100' }), false],
	['a lost connection', new Error('Connection terminated'), false],
])('%s is told apart', (_promise, error, expected) => expect(isFencedOut(error)).toBe(expected));
