import { createDatabase, query } from './world.mjs';

const TABLES = 14;
/** What a row of the tables below takes on disk, indexes included; measured. */
const ROW_BYTES = 400;
/** Two large tables, four of a middle size, the others small. */
const WEIGHTS = [8, 6, 3, 3, 2, 2, ...Array.from({ length: TABLES - 6 }, () => 0.5)];
const SMALLEST_ROWS = 200;

/**
 * Makes a database of about `sizeBytes` on disk: text that compresses well, tokens and bytes that do not, numbers, times, JSON; three
 * indexes a table. Gives its real size.
 */
export async function fillDatabase(connection, sizeBytes) {
	await createDatabase(connection, connection.database);
	const total = WEIGHTS.reduce((sum, weight) => sum + weight, 0);
	for (const [index, weight] of WEIGHTS.entries()) {
		const table = `records_${String(index + 1)}`;
		const rows = SMALLEST_ROWS + Math.ceil((sizeBytes / ROW_BYTES) * (weight / total));
		await query(
			connection,
			`CREATE TABLE ${table} (id bigserial, owner integer, kind text, note text, token text, content bytea,
			   amount numeric(12,2), at timestamptz, active boolean, details jsonb)`,
		);
		await query(
			connection,
			`INSERT INTO ${table} (owner, kind, note, token, content, amount, at, active, details)
			 SELECT (i * 7919) % 10007, 'case-' || i % 17, repeat('the applicant has provided a document; ', 1 + (i % 4)::int),
			   md5(i || '${table}'), decode(md5('a' || i) || md5('b' || i) || md5('c' || i), 'hex'), (i % 99999) / 100.0,
			   timestamptz '2026-01-01' + i * interval '1 second', i % 3 = 0,
			   jsonb_build_object('step', i % 5, 'by', 'user-' || i % 400)
			 FROM generate_series(1, ${String(rows)}::bigint) AS i`,
		);
		await query(connection, `ALTER TABLE ${table} ADD PRIMARY KEY (id)`);
		await query(connection, `CREATE INDEX ON ${table} (owner)`);
		await query(connection, `CREATE INDEX ON ${table} (token)`);
	}
	await query(connection, 'VACUUM ANALYZE');
	const [size] = await query(connection, 'SELECT pg_database_size(current_database())::float8 AS bytes');
	return size.bytes;
}
