import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { deployMigrations } from '../../lib/migration/deployMigrations';
import { readMigrationsFolder } from '../../lib/migration/readMigrationsFolder';
import { readMigrationStatus } from '../../lib/migration/readMigrationStatus';
import {
	deployOptions,
	MigrationSandbox,
	readAdvisoryLocks,
	readColumn,
	rejection,
	withClient,
} from '../lib/migration/migrationSandbox';

const sandbox = new MigrationSandbox();
const servers: Server[] = [];

afterAll(async () => {
	for (const server of servers) server.close();
	await sandbox.remove();
});

const SCRIPTS = { '1_a': 'CREATE TABLE a (i int);', '3_c': 'CREATE TABLE c (i int);' };

test('an empty database: everything is pending and deploying is safe; looking takes no lock and writes nothing', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder(SCRIPTS);
	const status = await readMigrationStatus(database, folder, deployOptions());
	expect(status).toEqual({
		verdict: 'passed',
		pending: folder.migrations.map(({ name, checksum }) => ({ name, checksum, transaction: 'one' })),
		applied: [],
		failed: [],
		edited: [],
		missing: [],
		outOfOrder: [],
		problems: [],
		database: expect.objectContaining({
			host: database.host,
			name: database.database,
			systemIdentifier: expect.any(String) as string,
		}) as object,
	});
	expect(
		await readColumn(database, `SELECT count(*)::int FROM pg_class WHERE relname = '_prisma_migrations'`),
	).toEqual([0]);
	expect(await readAdvisoryLocks(database)).toEqual([]);
});

test('a migration that was edited after it was applied is named and refused, and its original brings everything back', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder(SCRIPTS);
	await deployMigrations(database, folder, deployOptions());
	appendFileSync(join(folder.path, '1_a', 'migration.sql'), '\n-- changed');
	const edited = readMigrationsFolder(folder.path);
	expect(await readMigrationStatus(database, edited, deployOptions())).toMatchObject({
		verdict: 'failed',
		edited: ['1_a'],
	});
	const refused = await rejection(deployMigrations(database, edited, deployOptions()));
	expect(refused.code).toBe('MIGRATION.HISTORY_EDITED');
	expect(refused.text).toContain('1_a');
	expect(await readMigrationStatus(database, folder, deployOptions())).toMatchObject({
		verdict: 'passed',
		edited: [],
		pending: [],
	});
});

test('a migration that was applied and is not in the folder is named and refused, also beside pending ones', async () => {
	const database = await sandbox.createDatabase();
	await deployMigrations(database, sandbox.writeFolder(SCRIPTS), deployOptions());
	const behind = sandbox.writeFolder({ '1_a': SCRIPTS['1_a'], '4_d': 'CREATE TABLE d (i int);' });
	expect(await readMigrationStatus(database, behind, deployOptions())).toMatchObject({
		verdict: 'failed',
		missing: ['3_c'],
	});
	expect((await rejection(deployMigrations(database, behind, deployOptions()))).code).toBe(
		'MIGRATION.HISTORY_MISSING',
	);
	expect(await readColumn(database, `SELECT count(*)::int FROM pg_tables WHERE tablename = 'd'`)).toEqual([0]);
});

test('a migration that sorts before an applied one is a warning and is applied', async () => {
	const database = await sandbox.createDatabase();
	await deployMigrations(database, sandbox.writeFolder(SCRIPTS), deployOptions());
	const folder = sandbox.writeFolder({ ...SCRIPTS, '2_b': 'CREATE TABLE b (i int);' });
	const status = await readMigrationStatus(database, folder, deployOptions());
	expect(status).toMatchObject({
		verdict: 'passed',
		outOfOrder: ['2_b'],
		problems: [{ kind: 'out-of-order', severity: 'warning' }],
	});
	expect(await deployMigrations(database, folder, deployOptions())).toMatchObject({
		applied: ['2_b'],
		outOfOrder: ['2_b'],
	});
});

test('a failed migration is named until it is resolved', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder({ '1_a': SCRIPTS['1_a'], '2_bad': 'SELECT 1/0; SELECT 2;' });
	await rejection(deployMigrations(database, folder, deployOptions()));
	expect(await readMigrationStatus(database, folder, deployOptions())).toMatchObject({
		verdict: 'failed',
		failed: ['2_bad'],
		applied: ['1_a'],
	});
	await withClient(
		database,
		async (client) =>
			await client.query('UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL'),
	);
	expect(await readMigrationStatus(database, folder, deployOptions())).toMatchObject({
		verdict: 'passed',
		failed: [],
		pending: [{ name: '2_bad' }],
	});
});

test('a database in use without a history is refused', async () => {
	const database = await sandbox.createDatabase();
	await withClient(database, async (client) => await client.query('CREATE TABLE already_here (i int)'));
	const folder = sandbox.writeFolder(SCRIPTS);
	expect(await readMigrationStatus(database, folder, deployOptions())).toMatchObject({
		verdict: 'failed',
		problems: [{ kind: 'not-baselined' }],
	});
	expect((await rejection(deployMigrations(database, folder, deployOptions()))).code).toBe(
		'MIGRATION.HISTORY_NOT_BASELINED',
	);
	expect(await readColumn(database, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toEqual([
		'already_here',
	]);
});

test('what cannot be read is inconclusive, never passed', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder(SCRIPTS);
	await deployMigrations(database, folder, deployOptions());
	const stranger = await sandbox.createRole(database);
	const unreadable = await readMigrationStatus(stranger, folder, deployOptions());
	expect(unreadable).toMatchObject({
		verdict: 'inconclusive',
		problems: [
			{
				kind: 'unreadable',
				text: expect.stringContaining('permission denied for table _prisma_migrations') as string,
			},
		],
	});
	const down = await readMigrationStatus({ ...database, port: 1 }, folder, deployOptions());
	expect(down).toMatchObject({ verdict: 'inconclusive', database: null, problems: [{ kind: 'unreadable' }] });
});

test('a wrong password or database is the operator’s to correct: it is thrown', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder(SCRIPTS);
	for (const wrong of [
		{ ...database, password: 'wrong-password' },
		{ ...database, database: 'no_such_database' },
	]) {
		expect((await rejection(readMigrationStatus(wrong, folder, deployOptions()))).code).toBe(
			'MIGRATION.ACCESS_REFUSED',
		);
	}
});

/** Passes everything on, except that the server announces a process number of the proxy's own, as poolers do. */
async function startPooler(target: { host: string; port: number }): Promise<number> {
	const server = createServer((inbound: Socket) => {
		const outbound = connect(target);
		outbound.on('data', (chunk: Buffer) => {
			const at = chunk.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
			if (at !== -1 && chunk.length >= at + 13) chunk.writeInt32BE(12_345_678, at + 5);
			inbound.write(chunk);
		});
		inbound.on('data', (chunk) => outbound.write(chunk));
		for (const [one, other] of [
			[inbound, outbound],
			[outbound, inbound],
		] as const) {
			one.on('error', () => other.destroy());
			one.on('close', () => other.destroy());
		}
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

test('a pooler is refused, by its name or by the process number it makes up', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder(SCRIPTS);
	const pooled = { ...database, port: await startPooler(database) };
	for (const attempt of [
		readMigrationStatus(pooled, folder, deployOptions()),
		deployMigrations(pooled, folder, deployOptions()),
	]) {
		const { code, text } = await rejection(attempt);
		expect(code).toBe('MIGRATION.POOLER');
		expect(text).toContain('direct');
	}
	const named = { ...database, host: 'ep-cool-darkness-123456-pooler.example.invalid' };
	expect((await rejection(readMigrationStatus(named, folder, deployOptions()))).code).toBe('MIGRATION.POOLER');
	expect(await readAdvisoryLocks(database)).toEqual([]);
});

test('a folder that goes away after it was read changes nothing: its bytes were read once', async () => {
	const database = await sandbox.createDatabase();
	const folder = sandbox.writeFolder(SCRIPTS);
	rmSync(join(folder.path, '3_c'), { recursive: true });
	expect((await deployMigrations(database, folder, deployOptions())).applied).toEqual(['1_a', '3_c']);
});
