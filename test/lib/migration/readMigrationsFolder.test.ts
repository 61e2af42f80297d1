import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMigrationsFolder } from '../../../lib/migration/readMigrationsFolder';

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'migrations-'));
	writeFileSync(join(folder, 'migration_lock.toml'), '# comment\nprovider = "postgresql"\n');
	writeMigration('20260201_b', 'SELECT 2;');
	writeMigration('20260101_a', 'SELECT 1;');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeMigration(name: string, script: string): void {
	mkdirSync(join(folder, name));
	writeFileSync(join(folder, name, 'migration.sql'), script);
}

function refusal(path: string): { code: string; text: string } {
	try {
		readMigrationsFolder(path);
	} catch (error) {
		const { code, message, fix } = error as { code: string; message: string; fix: string };
		return { code, text: `${message} ${fix}` };
	}
	throw new Error('it was read');
}

test('migrations come in the order of their names, with the checksum that Prisma stores', () => {
	expect(readMigrationsFolder(folder).migrations).toEqual([
		{
			name: '20260101_a',
			script: 'SELECT 1;',
			checksum: '17db4fd369edb9244b9f91d9aeed145c3d04ad8ba6e95d06247f07a63527d11a',
		},
		{
			name: '20260201_b',
			script: 'SELECT 2;',
			checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
		},
	]);
});

test.each<[string, () => string, string, string]>([
	['a folder that is not there', () => join(folder, 'nowhere'), 'FOLDER_MISSING', 'there is no such folder'],
	['a file instead of a folder', () => join(folder, 'migration_lock.toml'), 'FOLDER_MISSING', 'ENOTDIR'],
	['a relative path', () => 'prisma/migrations', 'FOLDER_MISSING', 'absolute'],
	['no path', () => '', 'FOLDER_MISSING', '(none)'],
	[
		'no migration_lock.toml',
		() => (rmSync(join(folder, 'migration_lock.toml')), folder),
		'LOCK_FILE_MISSING',
		'no migration_lock.toml',
	],
	[
		'migrations of another database',
		() => (writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "mysql"'), folder),
		'PROVIDER_NOT_POSTGRESQL',
		'"mysql"',
	],
	[
		'a lock file without a provider',
		() => (writeFileSync(join(folder, 'migration_lock.toml'), '# provider = "postgresql"'), folder),
		'PROVIDER_NOT_POSTGRESQL',
		'(none)',
	],
	[
		'a migration without its script',
		() => (mkdirSync(join(folder, '20260301_c')), folder),
		'SCRIPT_MISSING',
		'20260301_c',
	],
	[
		'no migration at all',
		() => (
			rmSync(join(folder, '20260101_a'), { recursive: true }),
			rmSync(join(folder, '20260201_b'), { recursive: true }),
			folder
		),
		'FOLDER_EMPTY',
		'',
	],
])('%s is refused with a clear error', (_name, prepare, code, text) => {
	const refused = refusal(prepare());
	expect(refused.code).toBe(`MIGRATION.${code}`);
	expect(refused.text).toContain(text);
});
