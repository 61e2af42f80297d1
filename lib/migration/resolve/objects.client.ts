import type { Client } from 'pg';

const USER = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";

/** An invalid index is not there: Postgres never uses it. */
const OBJECTS = `
	SELECT 'relation ' || n.nspname || '.' || c.relname AS object FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE ${USER} AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indexrelid = c.oid AND NOT i.indisvalid)
	UNION ALL SELECT 'column ' || n.nspname || '.' || c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER} AND a.attnum > 0 AND NOT a.attisdropped
	UNION ALL SELECT 'required ' || n.nspname || '.' || c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER} AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
	UNION ALL SELECT 'constraint ' || n.nspname || '.' || c.relname || '.' || k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER}
	UNION ALL SELECT 'trigger ' || n.nspname || '.' || c.relname || '.' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER} AND NOT t.tgisinternal
	UNION ALL SELECT 'type ' || n.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${USER}
	UNION ALL SELECT 'value ' || n.nspname || '.' || t.typname || '.' || e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
		JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${USER}
	UNION ALL SELECT 'schema ' || n.nspname FROM pg_namespace n WHERE ${USER}
	UNION ALL SELECT 'extension ' || extname FROM pg_extension`;

/** Every object of the database that a migration may leave behind, as findTraces calls it. */
export async function readObjects(client: Client): Promise<ReadonlySet<string>> {
	const { rows } = await client.query<{ object: string }>(OBJECTS);
	return new Set(rows.map(({ object }) => object));
}

/** The newest row of a migration that was not rolled back. */
export interface OpenRow {
	readonly checksum: string;
	readonly isFinished: boolean;
	/** True when the engine wrote down what the server said against the script. */
	readonly isReported: boolean;
}

/** Undefined when the migration has no row, or only ones that were rolled back. */
export async function readOpenRow(client: Client, migration: string): Promise<OpenRow | undefined> {
	const { rows } = await client.query<OpenRow>(
		`SELECT checksum, finished_at IS NOT NULL AS "isFinished", coalesce(logs, '') <> '' AS "isReported"
		 FROM _prisma_migrations WHERE migration_name = $1 AND rolled_back_at IS NULL ORDER BY started_at DESC LIMIT 1`,
		[migration],
	);
	return rows[0];
}
