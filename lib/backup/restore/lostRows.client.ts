import { escapeIdentifier, escapeLiteral, type Client } from 'pg';

/** One row of a table as it is compared: its key, and a hash of the columns that both databases have. */
export interface KeyedRow {
	/** By which the rows are ordered; the same in both databases, whatever their locale. */
	readonly digest: string;
	/** JSON text of the key's columns. */
	readonly key: string;
	readonly hash: string;
}

export interface TableShape {
	readonly schema: string;
	readonly name: string;
	readonly columns: readonly string[];
	/** Columns of the primary key, by name; empty when there is none. */
	readonly key: readonly string[];
}

/** Rows that one FETCH brings: some hundred kilobytes. */
const BATCH = 5000;

/** A table's columns and key; undefined when the database has no such table. */
export async function readShape(
	client: Client,
	{ schema, name }: { schema: string; name: string },
): Promise<TableShape | undefined> {
	const { rows } = await client.query<Pick<TableShape, 'columns' | 'key'>>(
		`SELECT (SELECT coalesce(json_agg(a.attname ORDER BY a.attname::text COLLATE "C"), '[]'::json)
			FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
			(SELECT coalesce(json_agg(a.attname ORDER BY a.attname::text COLLATE "C"), '[]'::json)
			FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]) WHERE i.indrelid = c.oid AND i.indisprimary) AS key
		 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'r'`,
		[schema, name],
	);
	return rows[0] ? { schema, name, ...rows[0] } : undefined;
}

/**
 * The rows of a table in the order of their digests, through a cursor: neither side holds them all. The session must be in a transaction. With
 * `olderThan` only rows that were there before that transaction.
 */
export async function* readKeyedRows(
	client: Client,
	{ schema, name, key }: TableShape,
	{ columns, olderThan }: { columns: readonly string[]; olderThan?: string },
): AsyncGenerator<KeyedRow> {
	const keyJson = `json_build_object(${key.map((column) => `${escapeLiteral(column)}, r.${escapeIdentifier(column)}`).join(', ')})::text`;
	const row = `ROW(${columns.map((column) => `r.${escapeIdentifier(column)}`).join(', ')})::text`;
	const old = olderThan === undefined ? '' : `WHERE age(r.xmin) > age((${escapeLiteral(olderThan)}::xid8)::xid)`;
	await client.query(
		`DECLARE keyed_rows NO SCROLL CURSOR FOR
		 SELECT md5(k.key) AS digest, k.key, k.hash FROM (
			SELECT ${keyJson} AS key, hashtextextended(${row} COLLATE "C", 0)::text AS hash
			FROM ONLY ${escapeIdentifier(schema)}.${escapeIdentifier(name)} AS r ${old}
		 ) AS k ORDER BY md5(k.key) COLLATE "C"`,
	);
	try {
		for (;;) {
			const { rows } = await client.query<KeyedRow>(`FETCH ${BATCH} FROM keyed_rows`);
			yield* rows;
			if (rows.length < BATCH) return;
		}
	} finally {
		await client.query('CLOSE keyed_rows').catch(() => undefined);
	}
}
