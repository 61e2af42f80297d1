import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const REPOSITORY = resolve(__dirname, '..', '..', '..');

/** Commands and engine calls that empty a database, or bend it to a schema without a migration. */
const DESTRUCTIVE = [
	/migrate[\s-]+(reset|dev)\b/i,
	/\bdb[\s-]+push\b/i,
	/schema_?push/i,
	/\.\s*reset\s*\(/,
	/\[\s*['"`]reset['"`]\s*\]/,
	/devDiagnostic/,
	/DROP\s+(SCHEMA|OWNED)\b/i,
];

function filesUnder(folder: string): string[] {
	return readdirSync(join(REPOSITORY, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /\.(ts|js|mjs|json)$/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name));
}

const matches = (text: string): string[] => DESTRUCTIVE.flatMap((pattern) => pattern.exec(text)?.[0] ?? []);

test.each(['lib', 'nodes', 'workflows', 'credentials'])(
	'nothing in %s can empty a database or push a schema',
	(folder) => {
		const found = filesUnder(folder).flatMap((file) =>
			matches(readFileSync(file, 'utf8')).map((match) => `${file}: ${match}`),
		);
		expect(found).toEqual([]);
	},
);

test('the patterns find what they are for', () => {
	const bad = [
		'npx prisma migrate reset --force',
		'prisma migrate  dev',
		'prisma db push',
		'engine.schemaPush({})',
		'engine.reset({ filter })',
		`engine['reset']()`,
		'drop schema public cascade',
	];
	expect(bad.filter((text) => matches(text).length === 0)).toEqual([]);
	expect(matches('RESET ALL; npx prisma migrate resolve --rolled-back "x"; npx prisma migrate deploy')).toEqual([]);
});

test('the engine is reached through four calls only, in whatever thread', () => {
	const callsIn = (file: string): Array<string | undefined> =>
		[...readFileSync(join(REPOSITORY, 'lib/migration', file), 'utf8').matchAll(/\bengine\.(\w+)\(/g)].map(
			(match) => match[1],
		);
	const engines = filesUnder('lib').filter((file) => /SchemaEngine\b/.test(readFileSync(file, 'utf8')));
	expect(engines.map((file) => file.split('/').at(-1))).toEqual(['engineWorker.client.ts']);
	expect(callsIn('engineWorker.client.ts').sort()).toEqual([
		...['__wbg_set_wasm', 'applyMigrations', 'diagnoseMigrationHistory'],
		...['markMigrationApplied', 'markMigrationRolledBack'],
	]);
	expect(callsIn('schemaEngine.client.ts')).toEqual([]);
});
