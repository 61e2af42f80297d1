import { createRequire } from 'node:module';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { createCleanups } from '../sandbox/cleanups.ts';
import { createDirectory } from '../sandbox/createDirectory.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import { measureCli } from './migrate/prismaCli.mjs';
import { readers } from './migrate/readers.mjs';

const require = createRequire(import.meta.url);
const ROUNDS = 5;
const MANY = 50;

/** What a deployment of 1 and of 50 pending migrations takes, against Prisma's command line, and what readers notice of one. */
export async function bench() {
	const cleanups = createCleanups();
	try {
		const directory = await createDirectory(undefined, cleanups);
		const server = await startPostgres({ directory: join(directory, 'postgres') });
		cleanups.add('postgres', async () => await server.stop());
		const { host, port, user, password } = server;
		const world = new World({ host, port, user, password, database: 'postgres' });
		const folder = await writeFolder(join(directory, 'migrations'), pendingMigrations(MANY));
		const single = await writeFolder(join(directory, 'single'), pendingMigrations(1));
		// An n8n that runs all day has loaded its modules.
		await deployTo(await world.createDatabase(), folder, 1);
		const oneMs = await median(async () => await deployTo(await world.createDatabase(), folder, 1));
		const manyMs = await median(async () => await deployTo(await world.createDatabase(), folder, MANY));
		const createUrl = async () => {
			const { database } = await world.createDatabase();
			return `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
		};
		const cliOneMs = await measureCli({ directory: join(directory, 'cli-1'), createUrl, migrations: single });
		const cliManyMs = await measureCli({ directory: join(directory, 'cli-many'), createUrl, migrations: folder });
		const reading = await world.createDatabase();
		const alter = await writeFolder(join(directory, 'alter'), {
			'1_notes': 'SELECT 1;',
			'2_alter': 'ALTER TABLE notes ADD COLUMN remark text;',
		});
		await deployTo(reading, alter, 1);
		const noticed = await readers({ connection: reading, deploy: async () => await deployTo(reading, alter, 2) });
		return report({ oneMs, manyMs, cliOneMs, cliManyMs, ...noticed });
	} finally {
		await cleanups.run();
	}
}

function report({ oneMs, manyMs, cliOneMs, cliManyMs, idleMs, busyMs, worstMs, queries }) {
	const [one, many] = [oneMs / cliOneMs, manyMs / cliManyMs];
	// What Prisma's own engine needs for each is a part of both: no deployment by it is faster.
	const [furtherMs, cliFurtherMs] = [manyMs - oneMs, cliManyMs - cliOneMs].map((ms) => ms / (MANY - 1));
	const ratios = {
		againstCli: Math.max(one, many),
		againstCliOne: one,
		againstCliMany: many,
		furtherAgainstCli: furtherMs / cliFurtherMs,
	};
	const readersP99Ratio = busyMs / idleMs;
	return {
		rows: [
			{ what: 'deploying 1 pending migration, ms', value: oneMs, bound: '' },
			{ what: 'prisma migrate deploy as a process for it, ms', value: cliOneMs, bound: '' },
			{ what: 'ours against it', value: one, bound: '<= 0.2' },
			{ what: `deploying ${MANY} pending migrations, ms`, value: manyMs, bound: '' },
			{ what: 'prisma migrate deploy as a process for them, ms', value: cliManyMs, bound: '' },
			{ what: 'ours against it', value: many, bound: '<= 0.2' },
			{ what: 'each further migration, ours, ms', value: furtherMs, bound: '' },
			{ what: 'the same of prisma migrate deploy, ms', value: cliFurtherMs, bound: '' },
			{ what: 'readers of an idle table, ms at p99', value: idleMs, bound: '' },
			{
				what: `the same while it is altered and a report holds it (${queries} queries)`,
				value: busyMs,
				bound: '',
			},
			{ what: 'the slowest of them, ms', value: worstMs, bound: '' },
			{ what: 'readers against idle', value: readersP99Ratio, bound: '<= 2' },
		],
		figures: { oneMs, manyMs, cliOneMs, cliManyMs, ratios, readersP99Ratio },
	};
}

class World {
	#connection;
	#databases = 0;

	constructor(connection) {
		this.#connection = connection;
	}

	async createDatabase() {
		const database = `bench_${(this.#databases += 1)}`;
		const client = new pg.Client(this.#connection);
		await client.connect();
		await client.query(`CREATE DATABASE ${database}`);
		await client.end();
		return { ...this.#connection, database };
	}
}

/** Milliseconds that the deployment of the first so many migrations takes, as the node does it. */
async function deployTo(connection, path, count) {
	const { deployMigrations } = require('../dist/lib/migration/deployMigrations.js');
	const { readMigrationsFolder } = require('../dist/lib/migration/readMigrationsFolder.js');
	const { systemClock } = require('../dist/lib/support/clock.js');
	const startedAt = performance.now();
	const whole = readMigrationsFolder(path);
	const folder = { ...whole, migrations: whole.migrations.slice(0, count) };
	const { applied } = await deployMigrations({ ...connection, ssl: 'disable' }, folder, {
		settings: { schema: 'public', lockTimeoutMs: 4_000, statementTimeoutMs: 600_000 },
		retry: { attempts: 5, firstPauseMs: 1_000 },
		patienceMs: 20_000,
		upTo: 'lastExpand',
		signal: new AbortController().signal,
		clock: systemClock,
		log: () => {},
	});
	if (applied.length === 0) throw new Error('nothing was applied');
	return performance.now() - startedAt;
}

/** As Prisma writes them: tables with an index, columns, foreign keys. */
function pendingMigrations(count) {
	const script = (index) => {
		const n = Math.floor(index / 3);
		if (index % 3 === 0)
			return `CREATE TABLE "Entity${n}" ("id" SERIAL NOT NULL, "title" TEXT NOT NULL, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, CONSTRAINT "Entity${n}_pkey" PRIMARY KEY ("id"));
CREATE INDEX "Entity${n}_createdAt_idx" ON "Entity${n}"("createdAt");`;
		if (index % 3 === 1) return `ALTER TABLE "Entity${n}" ADD COLUMN "ownerId" INTEGER;`;
		return `ALTER TABLE "Entity${n}" ADD CONSTRAINT "Entity${n}_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Entity0"("id") NOT VALID;`;
	};
	return Object.fromEntries(
		Array.from({ length: count }, (_, index) => [`${20_260_101_000_000 + index}_migration`, script(index)]),
	);
}

async function writeFolder(path, scripts) {
	await mkdir(path, { recursive: true });
	await writeFile(join(path, 'migration_lock.toml'), 'provider = "postgresql"\n');
	for (const [name, script] of Object.entries(scripts)) {
		await mkdir(join(path, name));
		await writeFile(join(path, name, 'migration.sql'), `${script}\n`);
	}
	return path;
}

async function median(measure) {
	const times = [];
	for (let round = 0; round < ROUNDS; round++) times.push(await measure());
	return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}
