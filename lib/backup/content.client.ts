import { escapeIdentifier, type Client } from 'pg';
import type { DatabaseContent, Extension, LargeObjectContent, TableContent } from './model';

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
	const tables = (await listTables(client)).map(({ schema, name }) => `ONLY ${qualified(schema, name)}`);
	if (tables.length > 0) await client.query(`LOCK TABLE ${tables.join(', ')} IN ACCESS SHARE MODE`);
}

/**
 * Every table's exact row count and content hash, and the large objects', as the session's transaction sees them. Left out: tables
 * that belong to an extension (a dump re-creates the extension instead), foreign tables, materialized views (a restore recomputes them).
 */
export async function readContent(client: Client, onTable?: (table: TableContent) => void): Promise<DatabaseContent> {
	const tables: TableContent[] = [];
	for (const table of await listTables(client)) {
		const content = await readTable(client, table);
		tables.push(content);
		onTable?.(content);
	}
	return { tables, largeObjects: await readLargeObjects(client) };
}

/** The last value that each sequence handed out, as decimal text; one increment before its start when none was. */
export async function readSequences(
	client: Client,
): Promise<Array<{ schema: string; name: string; position: string }>> {
	const { rows } = await client.query<{ schema: string; name: string; increment: string }>(
		`SELECT n.nspname AS schema, c.relname AS name, s.seqincrement::text AS increment
		 FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		 WHERE c.relpersistence <> 't' AND ${notOfAnExtension('c.oid')}
		 ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`,
	);
	const sequences = [];
	for (const { schema, name, increment } of rows) {
		const position = await client.query<{ position: string }>(
			`SELECT (CASE WHEN is_called THEN last_value::numeric ELSE last_value::numeric - $1::numeric END)::text AS position FROM ${qualified(schema, name)}`,
			[increment],
		);
		sequences.push({ schema, name, position: position.rows[0]?.position ?? '' });
	}
	return sequences;
}

/** The extensions installed, by name. */
export async function readExtensions(client: Client): Promise<Extension[]> {
	const { rows } = await client.query<Extension>(
		'SELECT extname AS name, extversion AS version FROM pg_extension ORDER BY extname::text COLLATE "C"',
	);
	return rows;
}

interface TableShape {
	readonly schema: string;
	readonly name: string;
	readonly columns: readonly string[];
}

async function listTables(client: Client): Promise<TableShape[]> {
	const { rows } = await client.query<TableShape>(
		`SELECT n.nspname AS schema, c.relname AS name,
		   (SELECT coalesce(json_agg(a.attname ORDER BY a.attname::text COLLATE "C"), '[]'::json)
		    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
		 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		 WHERE c.relkind = 'r' AND c.relpersistence <> 't'
		   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND ${notOfAnExtension('c.oid')}
		 ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`,
	);
	return rows;
}

/** Columns are taken by name: a restore may put the inherited ones in another order. */
async function readTable(client: Client, { schema, name, columns }: TableShape): Promise<TableContent> {
	const row = `ROW(${columns.map((column) => `r.${escapeIdentifier(column)}`).join(', ')})`;
	const { rows } = await client.query<{ rows: string; hash: string }>(
		`SELECT count(*)::text AS rows, coalesce(sum(hashtextextended(${row}::text COLLATE "C", 0)::numeric), 0)::text AS hash
		 FROM ONLY ${qualified(schema, name)} AS r`,
	);
	return { schema, name, rows: Number(rows[0]?.rows), hash: rows[0]?.hash ?? '' };
}

async function readLargeObjects(client: Client): Promise<LargeObjectContent> {
	const { rows } = await client.query<{ count: string; hash: string }>(
		`SELECT count(*)::text AS count,
		   coalesce(sum(hashtextextended((m.oid::text || ' ' || md5(lo_get(m.oid))) COLLATE "C", 0)::numeric), 0)::text AS hash
		 FROM pg_largeobject_metadata m`,
	);
	return { count: Number(rows[0]?.count), hash: rows[0]?.hash ?? '' };
}

function notOfAnExtension(oid: string): string {
	return `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;
}

function qualified(schema: string, name: string): string {
	return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
