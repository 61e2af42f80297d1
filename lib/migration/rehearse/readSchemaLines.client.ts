import type { Client } from 'pg';

const USER =
	"n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'deployment_runbook') AND c.relname <> '_prisma_migrations'";
const TABLES = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER}`;
const OWN = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'deployment_runbook')";

/** A line for each thing that a schema is made of; the same schema gives the same lines, whatever the order in which it came to be. */
const LINES = `
	SELECT 'relation ' || n.nspname || '.' || c.relname || ' ' || c.relkind::text || ' ' || c.relrowsecurity || ' ' || coalesce(array_to_string(c.reloptions, ','), '') AS line ${TABLES}
	UNION ALL SELECT 'column ' || n.nspname || '.' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' '
			|| CASE WHEN a.attnotnull THEN 'NOT NULL ' ELSE '' END || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE ${USER} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
	UNION ALL SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER}
	UNION ALL SELECT 'constraint ' || n.nspname || '.' || c.relname || '.' || k.conname || ' ' || pg_get_constraintdef(k.oid)
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER}
	UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE ${USER} AND NOT t.tgisinternal
	UNION ALL SELECT 'view ' || n.nspname || '.' || c.relname || ' ' || pg_get_viewdef(c.oid) ${TABLES} AND c.relkind IN ('v', 'm')
	UNION ALL SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OWN} AND p.prokind IN ('f', 'p')
	UNION ALL SELECT 'value ' || n.nspname || '.' || t.typname || '.' || e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
		JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OWN}
	UNION ALL SELECT 'type ' || n.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OWN} AND t.typtype IN ('d', 'e', 'r')
	UNION ALL SELECT 'schema ' || n.nspname FROM pg_namespace n WHERE ${OWN}
	UNION ALL SELECT 'extension ' || extname || ' ' || extversion FROM pg_extension`;

export async function readSchemaLines(client: Client): Promise<ReadonlySet<string>> {
	const { rows } = await client.query<{ line: string }>(LINES);
	return new Set(rows.map(({ line }) => line));
}
