import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';

/** The folder of the application's migrations, as `prisma migrate deploy` reads it. */
export const migrationsFolder = fileURLToPath(new URL('prisma/migrations', import.meta.url));

/** The table as Prisma's schema engine creates it. */
const createMigrationsTable = `CREATE TABLE "_prisma_migrations" (
    "id"                    VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"              VARCHAR(64) NOT NULL,
    "finished_at"           TIMESTAMPTZ,
    "migration_name"        VARCHAR(255) NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        TIMESTAMPTZ,
    "started_at"            TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count"   INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Puts an empty database where a past `prisma migrate deploy` left it: the first `count` migrations applied, each with
 * its row in `_prisma_migrations` (checksum = sha256 of the script's bytes). Returns their names.
 */
export async function applyMigrations(client: Client, count: number): Promise<readonly string[]> {
	const entries = await readdir(migrationsFolder, { withFileTypes: true });
	const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
	const names = folders.sort().slice(0, count);
	await client.query(createMigrationsTable);
	for (const name of names) {
		const script = await readFile(join(migrationsFolder, name, 'migration.sql'));
		const checksum = createHash('sha256').update(script).digest('hex');
		await client.query(script.toString('utf8'));
		await client.query(
			`INSERT INTO "_prisma_migrations" (id, checksum, started_at, finished_at, migration_name, applied_steps_count)
			VALUES ($1, $2, clock_timestamp() - interval '1 second', clock_timestamp(), $3, 1)`,
			[randomUUID(), checksum, name],
		);
	}
	return names;
}
