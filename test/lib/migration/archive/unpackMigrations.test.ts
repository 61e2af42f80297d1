import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { unpackMigrations } from '../../../../lib/migration/archive/unpackMigrations';
import { zip, type ZipEntry } from './zip';

/** One of them unpacks 65 MB. */
jest.setTimeout(60_000);

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'unpack-'))));
afterEach(async () => await rm(directory, { recursive: true }));

type Entry = readonly [Partial<Header> & { name: string }, string | Buffer];
const LOCK: Entry = [{ name: 'app/prisma/migrations/migration_lock.toml' }, 'provider = "postgresql"\n'];
const ENTRIES: Entry[] = [
	[{ name: 'app/prisma/migrations', type: 'directory' }, ''],
	LOCK,
	[{ name: 'app/prisma/migrations/1_first/migration.sql' }, 'CREATE TABLE a (i int);'],
	[{ name: 'app/prisma/migrations/2_second/migration.sql' }, 'CREATE TABLE b (i int);'],
	[{ name: 'app/prisma/migrations/2_second/down.sql' }, 'DROP TABLE b;'],
	[{ name: 'app/prisma/schema.prisma' }, 'not needed'],
	[{ name: 'app/src/migration.sql' }, 'not one of them'],
];

async function tar(entries: readonly Entry[]): Promise<Buffer> {
	const packed = pack();
	for (const [header, text] of entries) packed.entry(header, text);
	packed.finalize();
	return await buffer(packed);
}

function asZip([{ name, type }, text]: Entry): ZipEntry {
	return type === 'directory' ? { name: `${name}/`, text: '', mode: 0o040_755 } : { name, text };
}

async function* inParts(bytes: Buffer): AsyncIterable<Uint8Array> {
	for (let at = 0; at < bytes.length; at += 1000) yield await Promise.resolve(bytes.subarray(at, at + 1000));
}

async function unpack(bytes: Buffer, sha256 = '') {
	const { signal } = new AbortController();
	return await unpackMigrations(inParts(bytes), { archive: 's3://b/k', directory, sha256, signal });
}

it.each([
	['as it is', (bytes: Buffer) => bytes],
	['packed by gzip', (bytes: Buffer) => gzipSync(bytes)],
])('an archive %s becomes a folder named by its checksum, with nothing but migrations', async (_, packed) => {
	const bytes = packed(await tar(ENTRIES));
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	const migrationsFolder = join(directory, sha256);
	expect(await unpack(bytes, sha256.toUpperCase())).toEqual({ migrationsFolder, sha256, migrations: 2 });
	expect((await readdir(migrationsFolder, { recursive: true })).sort()).toEqual([
		'1_first',
		'1_first/migration.sql',
		'2_second',
		'2_second/down.sql',
		'2_second/migration.sql',
		'migration_lock.toml',
	]);
	expect(await readFile(join(migrationsFolder, '2_second', 'down.sql'), 'utf8')).toBe('DROP TABLE b;');
});

it('a second time finds it there, mends what somebody changed, and leaves nothing half-made', async () => {
	const bytes = await tar(ENTRIES);
	const { migrationsFolder } = await unpack(bytes);
	const [one, other] = await Promise.all([unpack(bytes), unpack(bytes)]);
	expect(one).toEqual(other);
	await writeFile(join(migrationsFolder, '1_first', 'migration.sql'), 'DROP TABLE a;');
	await unpack(bytes);
	expect(await readFile(join(migrationsFolder, '1_first', 'migration.sql'), 'utf8')).toBe('CREATE TABLE a (i int);');
	expect(await readdir(directory)).toHaveLength(1);
});

const UNSAFE: Array<[string, Entry]> = [
	['a name that climbs out', [{ name: 'app/../../etc/cron.d/migration.sql' }, 'x']],
	['an absolute name', [{ name: '/etc/migration.sql' }, 'x']],
	['a name with a backslash', [{ name: 'app\\..\\migration.sql' }, 'x']],
	['a symbolic link', [{ name: 'app/1/migration.sql', type: 'symlink', linkname: '/etc/passwd' }, '']],
	['a hard link', [{ name: 'app/1/migration.sql', type: 'link', linkname: 'app/x' }, '']],
	['a device', [{ name: 'app/1/migration.sql', type: 'character-device' }, '']],
];

it.each(UNSAFE)('refuses %s, and writes nothing', async (_, entry) => {
	const bytes = await tar([...ENTRIES, entry]);
	await expect(unpack(bytes)).rejects.toMatchObject({ code: 'MIGRATION.ARCHIVE_UNSAFE' });
	expect(await readdir(directory)).toEqual([]);
});

describe('a zip archive', () => {
	it('becomes a folder named by its checksum, packed or not, with nothing but migrations', async () => {
		const bytes = zip([...ENTRIES.map(asZip), { name: 'app/x/migration.sql', text: 'stored', packed: false }]);
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		const migrationsFolder = join(directory, sha256);
		expect(await unpack(bytes, sha256)).toEqual({ migrationsFolder, sha256, migrations: 2 });
		expect((await readdir(migrationsFolder, { recursive: true })).sort()).toEqual([
			'1_first',
			'1_first/migration.sql',
			'2_second',
			'2_second/down.sql',
			'2_second/migration.sql',
			'migration_lock.toml',
		]);
		expect(await readFile(join(migrationsFolder, '2_second', 'down.sql'), 'utf8')).toBe('DROP TABLE b;');
	});

	it.each<[string, ZipEntry, string]>([
		['a name that climbs out', { name: 'app/../../etc/cron.d/migration.sql', text: 'x' }, 'ARCHIVE_UNSAFE'],
		['an absolute name', { name: '/etc/migration.sql', text: 'x' }, 'ARCHIVE_UNSAFE'],
		['a name of a drive', { name: 'C:/migration.sql', text: 'x' }, 'ARCHIVE_UNSAFE'],
		['a name with a backslash', { name: String.raw`app\..\migration.sql`, text: 'x' }, 'ARCHIVE_UNSAFE'],
		['a symbolic link', { name: 'app/1/migration.sql', text: '/etc/passwd', mode: 0o120_777 }, 'ARCHIVE_UNSAFE'],
		['a device', { name: 'app/1/migration.sql', text: '', mode: 0o020_666 }, 'ARCHIVE_UNSAFE'],
		['what says that it is encrypted', { name: 'app/1/migration.sql', text: 'x', flags: 1 }, 'ARCHIVE_UNREADABLE'],
		['a checksum that is not that of the content', { name: 'app/a', text: 'x', crc: 1 }, 'ARCHIVE_UNREADABLE'],
		['more than was announced', { name: 'app/a', text: 'x'.repeat(900), size: 10 }, 'ARCHIVE_UNREADABLE'],
		['less than was announced', { name: 'app/a', text: 'x', size: 900 }, 'ARCHIVE_UNREADABLE'],
	])('with %s is refused, and nothing is written', async (_, entry, code) => {
		const bytes = zip([...ENTRIES.map(asZip), entry]);
		await expect(unpack(bytes)).rejects.toMatchObject({ code: `MIGRATION.${code}` });
		expect(await readdir(directory)).toEqual([]);
	});

	it('that is small and unpacks to a large one is refused before it has unpacked it', async () => {
		const bomb = zip([asZip(LOCK), { name: 'app/zeros', text: Buffer.alloc(65_000_000) }]);
		expect(bomb.length).toBeLessThan(200_000);
		await expect(unpack(bomb)).rejects.toMatchObject({ code: 'MIGRATION.ARCHIVE_UNSAFE' });
		expect(await readdir(directory)).toEqual([]);
	});

	it.each<[string, () => Buffer, string]>([
		['is cut off', () => zip(ENTRIES.map(asZip)).subarray(0, -30), 'ARCHIVE_UNREADABLE'],
		['holds nothing', () => zip([]), 'ARCHIVE_UNREADABLE'],
		['holds no lock file', () => zip(ENTRIES.filter((one) => one !== LOCK).map(asZip)), 'ARCHIVE_UNREADABLE'],
		[
			'holds two migrations folders',
			() => zip([...ENTRIES.map(asZip), { name: 'old/migration_lock.toml', text: LOCK[1] }]),
			'ARCHIVE_UNREADABLE',
		],
	])('that %s is refused, and leaves nothing', async (_, bytes, code) => {
		await expect(unpack(bytes())).rejects.toMatchObject({ code: `MIGRATION.${code}` });
		expect(await readdir(directory)).toEqual([]);
	});
});

it('refuses a small archive that unpacks to a large one before it has unpacked it', async () => {
	const bomb = gzipSync(await tar([LOCK, [{ name: 'app/zeros' }, Buffer.alloc(65_000_000)]]));
	expect(bomb.length).toBeLessThan(200_000);
	await expect(unpack(bomb)).rejects.toMatchObject({ code: 'MIGRATION.ARCHIVE_UNSAFE' });
	expect(await readdir(directory)).toEqual([]);
});

it.each<[string, () => Promise<Buffer>, string]>([
	['no archive at all', async () => await Promise.resolve(randomBytes(2_000)), 'ARCHIVE_UNREADABLE'],
	['nothing', async () => await Promise.resolve(Buffer.alloc(0)), 'ARCHIVE_UNREADABLE'],
	[
		'what only begins as a zip',
		async () => await Promise.resolve(Buffer.from('PK\u0003\u0004'.padEnd(600, '\0'))),
		'ARCHIVE_UNREADABLE',
	],
	['one that was cut off', async () => (await tar(ENTRIES)).subarray(0, 1_300), 'ARCHIVE_UNREADABLE'],
	['gzip that was cut off', async () => gzipSync(await tar(ENTRIES)).subarray(0, 150), 'ARCHIVE_UNREADABLE'],
	['no lock file', async () => await tar(ENTRIES.filter((entry) => entry !== LOCK)), 'ARCHIVE_UNREADABLE'],
	[
		'two migrations folders',
		async () => await tar([...ENTRIES, [{ name: 'old/migration_lock.toml' }, LOCK[1]]]),
		'ARCHIVE_UNREADABLE',
	],
	[
		'a folder without a script',
		async () => await tar([LOCK, [{ name: 'app/prisma/migrations/1_a/down.sql' }, '']]),
		'SCRIPT_MISSING',
	],
	['no migration', async () => await tar([LOCK]), 'FOLDER_EMPTY'],
])('refuses %s, and leaves nothing', async (_, bytes, code) => {
	await expect(bytes().then(async (packed) => await unpack(packed))).rejects.toMatchObject({
		code: `MIGRATION.${code}`,
	});
	expect(await readdir(directory)).toEqual([]);
});

it('refuses an archive that is not the one that was announced', async () => {
	await expect(unpack(await tar(ENTRIES), 'f'.repeat(64))).rejects.toMatchObject({
		code: 'MIGRATION.ARCHIVE_CHECKSUM',
	});
	expect(await readdir(directory)).toEqual([]);
});

it('names the directory that cannot be written to', async () => {
	await writeFile(join(directory, 'file'), '');
	const { signal } = new AbortController();
	const options = { archive: 's3://b/k', sha256: '', signal };
	const bytes = await tar(ENTRIES);
	for (const place of [join(directory, 'file'), 'relative', ''])
		await expect(unpackMigrations(inParts(bytes), { ...options, directory: place })).rejects.toMatchObject({
			code: 'MIGRATION.FOLDER_MISSING',
		});
});
