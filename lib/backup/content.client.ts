import { escapeIdentifier, type Client } from 'pg';
import type { LargeObjectContent, RowHash, TableContent } from './model';
import type { SizedTable } from './planArchives';
import { rowHashExpression } from './rowHash';

/**
 * A row's text must be the same wherever and whenever it is read: these settings change how values print. Row security is off so
 * that a policy that would hide rows is an error; timeouts of the role do not end a long reading half-way.
 */
const READING_SETTINGS: ReadonlyArray<readonly [string, string]> = [
	['search_path', ''],
	['datestyle', 'ISO, MDY'],
	['intervalstyle', 'postgres'],
	['timezone', 'UTC'],
	['extra_float_digits', '3'],
	['bytea_output', 'hex'],
	['lc_monetary', 'C'],
	['quote_all_identifiers', 'off'],
	['row_security', 'off'],
	['statement_timeout', '0'],
	['idle_in_transaction_session_timeout', '0'],
	['transaction_timeout', '0'],
	// The server notices within 10 s when we are gone, and stops hashing.
	['client_connection_check_interval', '10s'],
];

/** Prepares a session for the functions below. Settings that the server's version does not know are left out. */
export async function prepareReading(client: Client, lockTimeoutMs: number): Promise<void> {
	const settings = [...READING_SETTINGS, ['lock_timeout', String(lockTimeoutMs)] as const];
	await client.query(
		`SELECT set_config(known.name, wanted.value, false)
		 FROM unnest($1::text[], $2::text[]) AS wanted(name, value) JOIN pg_settings AS known ON lower(known.name) = wanted.name`,
		[settings.map(([name]) => name), settings.map(([, value]) => value)],
	);
}

/** Takes the lock of a reader on every table at once, for the rest of the transaction. Waits as long as `prepareReading` was told. */
export async function lockTables(client: Client): Promise<void> {
	const { rows } = await client.query<{ schema: string; name: string }>(
		`SELECT n.nspname AS schema, c.relname AS name ${TABLES}`,
	);
	const tables = rows.map(({ schema, name }) => `ONLY ${qualified(schema, name)}`);
	if (tables.length > 0) await client.query(`LOCK TABLE ${tables.join(', ')} IN ACCESS SHARE MODE`);
}

export interface TableShape extends SizedTable {
	/** Types are names of pg_catalog, e.g. `int4`; empty for any other type. */
	readonly columns: ReadonlyArray<{ readonly name: string; readonly type: string }>;
}

/**
 * Every table with rows of its own, by name. Left out: tables that belong to an extension (a dump re-creates the extension instead),
 * foreign tables, materialized views (a restore recomputes them).
 */
export async function listTables(client: Client): Promise<TableShape[]> {
	const { rows } = await client.query<Omit<TableShape, 'sizeBytes'> & { sizeBytes: string }>(
		`SELECT n.nspname AS schema, c.relname AS name, pg_table_size(c.oid)::text AS "sizeBytes",
		   (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', CASE t.typnamespace WHEN 'pg_catalog'::regnamespace THEN t.typname ELSE '' END) ORDER BY a.attname::text COLLATE "C"), '[]'::json)
		    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
		 ${TABLES} ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`,
	);
	return rows.map(({ sizeBytes, ...table }) => ({ ...table, sizeBytes: Number(sizeBytes) }));
}

/** Exact row count and content hash as the session's transaction sees them. Columns are taken by name: a restore may reorder inherited ones. */
export async function readTable(
	client: Client,
	{ schema, name, columns }: TableShape,
	rowHash: RowHash,
): Promise<TableContent> {
	const values = columns.map((column) => ({ sql: `r.${escapeIdentifier(column.name)}`, type: column.type }));
	// The sum of bigints is an exact numeric.
	const { rows } = await client.query<{ rows: string; hash: string }>(
		`SELECT count(*)::text AS rows, coalesce(sum(${rowHashExpression(values, rowHash)}), 0)::text AS hash
		 FROM ONLY ${qualified(schema, name)} AS r`,
	);
	return { schema, name, rows: Number(rows[0]?.rows), hash: rows[0]?.hash ?? '' };
}

export async function readLargeObjects(client: Client): Promise<LargeObjectContent> {
	const { rows } = await client.query<{ count: string; hash: string }>(
		`SELECT count(*)::text AS count,
		   coalesce(sum(hashtextextended((m.oid::text || ' ' || md5(lo_get(m.oid))) COLLATE "C", 0)::numeric), 0)::text AS hash
		 FROM pg_largeobject_metadata m`,
	);
	return { count: Number(rows[0]?.count), hash: rows[0]?.hash ?? '' };
}

/** SQL that is true unless the relation belongs to an extension. */
export function notOfAnExtension(oid: string): string {
	return `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;
}

export function qualified(schema: string, name: string): string {
	return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}

/** Every table that a backup holds, as `c` in `n`. */
export const TABLES = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind = 'r' AND c.relpersistence <> 't'
	  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND ${notOfAnExtension('c.oid')}`;
