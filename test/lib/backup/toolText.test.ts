import { backupKeys } from '../../../lib/backup/backupKeys';
import { createBackupId } from '../../../lib/backup/createBackupId';
import { libpqConninfo, libpqEnvironment } from '../../../lib/backup/libpqConnection';
import { summarizeStderr } from '../../../lib/backup/summarizeStderr';
import type { PostgresConnection } from '../../../lib/support/postgres.client';

const connection: PostgresConnection = {
	host: 'db',
	port: 5432,
	database: 'cases',
	user: 'app',
	password: 'canary-password',
	ssl: 'disable',
};

test.each<[string, Partial<PostgresConnection>, string]>([
	['plain parts', {}, "host='db' port='5432' dbname='cases' user='app' connect_timeout='10'"],
	[
		'a database that looks like an option',
		{ database: '--file=/tmp/x' },
		"host='db' port='5432' dbname='--file=/tmp/x' user='app' connect_timeout='10'",
	],
	[
		'quotes and backslashes',
		{ database: String.raw`a'b\c` },
		String.raw`host='db' port='5432' dbname='a\'b\\c' user='app' connect_timeout='10'`,
	],
	[
		'a database that looks like a connection string',
		{ database: "x' host='evil" },
		String.raw`host='db' port='5432' dbname='x\' host=\'evil' user='app' connect_timeout='10'`,
	],
])('%s stay one value each', (_, parts, expected) => {
	expect(libpqConninfo({ ...connection, ...parts })).toBe(expected);
});

test('the password is in the environment of the child and nowhere in its arguments', () => {
	expect(libpqConninfo(connection)).not.toContain(connection.password);
	expect(libpqEnvironment({ ...connection, ssl: 'verify-full' }, '/x/authorities.pem')).toEqual({
		PATH: process.env.PATH,
		LC_ALL: 'C',
		PGPASSWORD: 'canary-password',
		PGSSLMODE: 'verify-full',
		PGAPPNAME: 'n8n-nodes-deployment-runbook',
		PGSSLROOTCERT: '/x/authorities.pem',
	});
});

test.each<[string, string, string]>([
	['no complaint', '', 'it gave no reason'],
	['notes of no interest', 'pg_dump: last built-in OID is 16383\n', 'it gave no reason'],
	[
		'the error of the server',
		'pg_dump: error: Dumping the contents of table "t" failed: PQgetResult() failed.\npg_dump: detail: Error message from server: ERROR:  permission denied\npg_dump: detail: Command was: COPY public.t TO stdout;\n',
		'Dumping the contents of table "t" failed: PQgetResult() failed.; Error message from server: ERROR:  permission denied',
	],
	[
		'rows are left out',
		'pg_restore: error: COPY failed for table "people": ERROR:  invalid input syntax for type integer: "canary"\nDETAIL:  Key (id)=(canary)\nCONTEXT:  COPY people, line 1, column id: "canary"\n',
		'COPY failed for table "people"',
	],
])('of what a tool prints, %s', (_, stderr, summary) => expect(summarizeStderr(stderr)).toBe(summary));

test('a very long complaint is cut', () =>
	expect(summarizeStderr(`pg_dump: error: ${'x'.repeat(5000)}`)).toHaveLength(601));

test('ids tell their time and never repeat', () => {
	const now = new Date('2026-11-23T06:40:12.345Z');
	const ids = Array.from({ length: 1000 }, () => createBackupId(now));
	expect(ids[0]).toMatch(/^20261123T064012Z-[0-9a-f]{12}$/);
	expect(new Set(ids).size).toBe(1000);
});

test.each([
	['', 'id'],
	['backups', 'backups/id'],
	['/a//b/', 'a/b/id'],
])('the prefix %j gives keys under %s', (prefix, stem) => {
	expect(backupKeys(prefix, 'id')).toEqual({
		folder: `${stem}/`,
		manifest: `${stem}.manifest.json`,
		verified: `${stem}.verified.json`,
	});
});
