import type { Client } from 'pg';
import type { RewrittenTable } from './model';

/** The file that each table's rows lie in, by `schema.table`; the number changes when they are written anew. */
export type TableFiles = ReadonlyMap<string, string>;

export interface DatabaseState {
	readonly files: TableFiles;
	/** Size of the database. */
	readonly bytes: number;
}

const FILES = `SELECT n.nspname || '.' || c.relname AS table, pg_relation_filenode(c.oid)::text AS file
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`;

export async function readDatabaseState(client: Client): Promise<DatabaseState> {
	const { rows } = await client.query<{ table: string; file: string | null }>(FILES);
	return {
		files: new Map(rows.map(({ table, file }) => [table, file ?? ''])),
		bytes: await readDatabaseBytes(client),
	};
}

export async function readDatabaseBytes(client: Client): Promise<number> {
	const { rows } = await client.query<{ bytes: string }>(
		'SELECT pg_database_size(current_database())::text AS bytes',
	);
	return Number(rows[0]?.bytes ?? 0);
}

/** Tables that lie in another file than before. An empty one costs nothing and is left out; so is one that is new. */
export async function readRewritten(client: Client, before: TableFiles): Promise<RewrittenTable[]> {
	const { files } = await readDatabaseState(client);
	const moved = [...files]
		.filter(([table, file]) => before.has(table) && before.get(table) !== file)
		.map(([table]) => table);
	if (moved.length === 0) return [];
	const { rows } = await client.query<{ table: string; bytes: string; oid: string }>(
		`SELECT n.nspname || '.' || c.relname AS table, pg_total_relation_size(c.oid)::text AS bytes, c.oid::text AS oid
		 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname || '.' || c.relname = ANY ($1) ORDER BY 1`,
		[moved],
	);
	const rewritten: RewrittenTable[] = [];
	for (const { table, bytes, oid } of rows) {
		const counted = await client.query<{ sql: string }>(
			`SELECT format('SELECT count(*) AS count FROM %s', $1::oid::regclass) AS sql`,
			[oid],
		);
		const { rows: counts } = await client.query<{ count: string }>(counted.rows[0]?.sql ?? '');
		const count = Number(counts[0]?.count ?? 0);
		if (count > 0) rewritten.push({ table, rows: count, bytes: Number(bytes) });
	}
	return rewritten;
}
