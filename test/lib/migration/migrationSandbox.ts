import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { DeployOptions } from '../../../lib/migration/deployMigrations';
import type { MigrationsFolder } from '../../../lib/migration/model';
import { readMigrationsFolder } from '../../../lib/migration/readMigrationsFolder';
import { systemClock } from '../../../lib/support/clock';
import { connectPostgres, type PostgresConnection } from '../../../lib/support/postgres.client';
import { sandboxEndpoints } from '../../support/sandboxEndpoints';

/** Databases and migrations folders of one test file; everything is gone after `remove`. */
export class MigrationSandbox {
	readonly #folders: string[] = [];
	readonly #databases: string[] = [];
	readonly #roles: string[] = [];

	async createDatabase(): Promise<PostgresConnection> {
		const database = `migration_${randomBytes(6).toString('hex')}`;
		await this.#administer(`CREATE DATABASE "${database}"`);
		this.#databases.push(database);
		return { ...sandboxEndpoints().postgres, database, ssl: 'disable' };
	}

	/** A role that may log in and nothing else. */
	async createRole(connection: PostgresConnection): Promise<PostgresConnection> {
		const user = `role_${randomBytes(6).toString('hex')}`;
		const password = randomBytes(12).toString('hex');
		await this.#administer(`CREATE ROLE "${user}" LOGIN PASSWORD '${password}'`);
		this.#roles.push(user);
		return { ...connection, user, password };
	}

	/** Writes a migrations folder: name → script; `downs` by the same names. */
	writeFolder(
		scripts: Readonly<Record<string, string>>,
		downs: Readonly<Record<string, string>> = {},
	): MigrationsFolder {
		const path = this.createFolder();
		writeFileSync(join(path, 'migration_lock.toml'), 'provider = "postgresql"\n');
		for (const [name, script] of Object.entries(scripts)) {
			mkdirSync(join(path, name));
			writeFileSync(join(path, name, 'migration.sql'), script);
			const down = downs[name];
			if (down !== undefined) writeFileSync(join(path, name, 'down.sql'), down);
		}
		return readMigrationsFolder(path);
	}

	/** An empty folder. */
	createFolder(): string {
		const path = mkdtempSync(join(tmpdir(), 'migrations-'));
		this.#folders.push(path);
		return path;
	}

	async remove(): Promise<void> {
		for (const path of this.#folders.splice(0)) rmSync(path, { recursive: true });
		for (const database of this.#databases.splice(0))
			await this.#administer(`DROP DATABASE "${database}" WITH (FORCE)`);
		for (const role of this.#roles.splice(0)) await this.#administer(`DROP ROLE "${role}"`);
	}

	async #administer(sql: string): Promise<void> {
		await withClient({ ...sandboxEndpoints().postgres, ssl: 'disable' }, async (client) => await client.query(sql));
	}
}

/** Runs something over a connection of its own. */
export async function withClient<T>(connection: PostgresConnection, use: (client: Client) => Promise<T>): Promise<T> {
	const client = await connectPostgres(connection);
	try {
		return await use(client);
	} finally {
		await client.end();
	}
}

/** The first column of every row. */
export async function readColumn(connection: PostgresConnection, sql: string): Promise<unknown[]> {
	return await withClient(connection, async (client) =>
		(await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows.map((row) => row[0]),
	);
}

/** Advisory locks in the database, granted or waited for. */
export async function readAdvisoryLocks(connection: PostgresConnection): Promise<unknown[]> {
	return await readColumn(
		connection,
		`SELECT granted FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
	);
}

/** Resolves once `condition` holds; fails after ten seconds, or as many as are given. */
export async function waitUntil(condition: () => Promise<boolean>, what: string, seconds = 10): Promise<void> {
	const deadline = performance.now() + seconds * 1000;
	while (!(await condition())) {
		if (performance.now() > deadline) throw new Error(`not within ${seconds} seconds: ${what}`);
		await systemClock.sleep(20);
	}
}

/** Options with short pauses; `overrides` replaces whole fields. */
export function deployOptions(overrides: Partial<DeployOptions> = {}): DeployOptions {
	return {
		settings: { schema: 'public', lockTimeoutMs: 300, statementTimeoutMs: 20_000 },
		retry: { attempts: 3, firstPauseMs: 50 },
		signal: new AbortController().signal,
		clock: systemClock,
		log: () => undefined,
		upTo: 'all',
		...overrides,
	};
}

/** The code and texts of what a promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<{ code: string; text: string }> {
	const error: unknown = await promise.then(
		(value) => {
			throw new Error(`resolved with ${JSON.stringify(value)}`);
		},
		(reason: unknown) => reason,
	);
	const { code, message, why, fix } = error as { code?: string; message: string; why?: string; fix?: string };
	return { code: code ?? message, text: [message, why, fix].join('\n') };
}
