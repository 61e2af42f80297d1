import type { Client } from 'pg';
import type { ColumnFacts, SchemaFacts } from './model';

const USER_SCHEMAS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";

const TABLES = `SELECT n.nspname || '.' || c.relname AS name,
		CASE WHEN c.relkind = 'p' THEN (SELECT coalesce(sum(pg_table_size(relid)), 0) FROM pg_partition_tree(c.oid)) ELSE pg_table_size(c.oid) END::text AS bytes
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND ${USER_SCHEMAS}`;
const COLUMNS = `SELECT n.nspname || '.' || c.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
		a.attnotnull AS "isRequired", a.atthasdef AS "hasDefault"
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND ${USER_SCHEMAS}`;
const INDEXES = `SELECT n.nspname || '.' || i.relname AS name, tn.nspname || '.' || t.relname AS table
	FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
	JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace WHERE ${USER_SCHEMAS}`;
const FUNCTIONS = "SELECT DISTINCT proname AS name FROM pg_proc WHERE provolatile = 'v' AND prokind = 'f'";

/** What the rules want to know of the database. Reads catalogs and sizes only. */
export async function readSchemaFacts(client: Client, schema: string): Promise<SchemaFacts> {
	const [version, tables, columns, indexes, functions] = await Promise.all([
		client.query<{ version: string }>("SELECT current_setting('server_version_num') AS version"),
		client.query<{ name: string; bytes: string }>(TABLES),
		client.query<ColumnFacts & { name: string }>(COLUMNS),
		client.query<{ name: string; table: string }>(INDEXES),
		client.query<{ name: string }>(FUNCTIONS),
	]);
	return {
		schema,
		serverVersion: Math.floor(Number(version.rows[0]?.version) / 10_000),
		tableBytes: new Map(tables.rows.map(({ name, bytes }) => [name, Number(bytes)])),
		columns: new Map(
			columns.rows.map(({ name, type, isRequired, hasDefault }) => [name, { type, isRequired, hasDefault }]),
		),
		indexTables: new Map(indexes.rows.map(({ name, table }) => [name, table])),
		volatileFunctions: new Set(functions.rows.map(({ name }) => name)),
	};
}
