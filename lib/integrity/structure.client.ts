import { escapeIdentifier } from 'pg';
import type { Counts, Measured, StructureFacts } from './model';
import type { ReadOnlySession } from './session.client';

const USER_SCHEMA = `n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'deployment_runbook')`;

interface Relation {
	readonly schema: string;
	readonly table: string;
}

interface Constraint extends Relation {
	readonly name: string;
	readonly kind: 'f' | 'c';
	readonly isValid: boolean;
	readonly columns: readonly string[];
	readonly targetSchema: string | null;
	readonly targetTable: string | null;
	readonly targetColumns: readonly string[];
	/** Of a CHECK, as Postgres writes it. */
	readonly expression: string | null;
}

/** Foreign keys and checks of tables; those of partitions belong to their parents. */
const CONSTRAINTS = `SELECT n.nspname AS schema, t.relname AS table, c.conname AS name, c.contype AS kind, c.convalidated AS "isValid",
		ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(number, place)
			JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place) AS columns,
		tn.nspname AS "targetSchema", f.relname AS "targetTable",
		ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(number, place)
			JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place) AS "targetColumns",
		pg_get_expr(c.conbin, c.conrelid) AS expression
	FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
	LEFT JOIN pg_class f ON f.oid = c.confrelid LEFT JOIN pg_namespace tn ON tn.oid = f.relnamespace
	WHERE c.contype IN ('f', 'c') AND c.conparentid = 0 AND ${USER_SCHEMA} ORDER BY 1, 2, 3`;

/** Columns that draw their values from a sequence of their own. */
const SEQUENCES = `SELECT n.nspname AS schema, t.relname AS table, a.attname AS column, sn.nspname AS "sequenceSchema", s.relname AS sequence,
		q.seqincrement > 0 AS "isRising"
	FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace sn ON sn.oid = s.relnamespace
	JOIN pg_sequence q ON q.seqrelid = s.oid JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
	JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
	WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND ${USER_SCHEMA} ORDER BY 1, 2, 3`;

const INVALID_INDEXES = `SELECT n.nspname || '.' || i.relname AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
	JOIN pg_namespace n ON n.oid = i.relnamespace WHERE NOT (x.indisvalid AND x.indisready) AND i.relkind = 'i' AND ${USER_SCHEMA} ORDER BY 1`;

const TABLES = `SELECT n.nspname AS schema, t.relname AS table FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
	WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND ${USER_SCHEMA} ORDER BY 1, 2`;

/** Looks for what a sound database never has. Everything is measured by itself. */
export async function readStructure(session: ReadOnlySession): Promise<StructureFacts> {
	const constraints = await session.rows<Constraint>(CONSTRAINTS);
	const indexes = await session.rows<{ name: string }>(INVALID_INDEXES);
	const count = async (sql: string): Promise<Measured<number>> =>
		await session.measure(async () => Number((await session.rows<{ count: string }>(sql))[0]?.count));
	const counted = async (some: readonly Constraint[], sqlOf: (one: Constraint) => string) => {
		const found: Array<{ constraint: string; count: Measured<number> }> = [];
		for (const one of some) found.push({ constraint: nameOf(one), count: await count(sqlOf(one)) });
		return found;
	};
	return {
		constraintsNotValid: constraints.filter(({ isValid }) => !isValid).map(nameOf),
		orphans: await counted(
			constraints.filter(({ kind }) => kind === 'f'),
			orphansOf,
		),
		// A valid one is kept by the server; one that is not may be broken by older rows.
		checksBroken: await counted(
			constraints.filter(({ kind, isValid }) => kind === 'c' && !isValid),
			brokenRowsOf,
		),
		sequences: await readSequences(session),
		invalidIndexes: indexes.map(({ name }) => name),
		indexChecks: await checkIndexes(session),
	};
}

/** Exact counts of every table, in the session's snapshot. */
export async function countRows(session: ReadOnlySession): Promise<Counts> {
	const counts = new Map<string, Measured<number>>();
	for (const { schema, table } of await session.rows<Relation>(TABLES)) {
		const sql = `SELECT count(*) AS count FROM ${quoted(schema, table)}`;
		const read = async (): Promise<number> => Number((await session.rows<{ count: string }>(sql))[0]?.count);
		counts.set(`${schema}.${table}`, await session.measure(read));
	}
	return counts;
}

function orphansOf({ schema, table, columns, targetSchema, targetTable, targetColumns }: Constraint): string {
	const given = columns.map((column) => `c.${escapeIdentifier(column)} IS NOT NULL`);
	const same = columns.map(
		(column, index) => `p.${escapeIdentifier(targetColumns[index] ?? '')} = c.${escapeIdentifier(column)}`,
	);
	return `SELECT count(*) AS count FROM ${quoted(schema, table)} c WHERE ${given.join(' AND ')}
		AND NOT EXISTS (SELECT 1 FROM ${quoted(targetSchema ?? '', targetTable ?? '')} p WHERE ${same.join(' AND ')})`;
}

function brokenRowsOf({ schema, table, expression }: Constraint): string {
	return `SELECT count(*) AS count FROM ${quoted(schema, table)} WHERE NOT (${expression ?? 'true'})`;
}

async function readSequences(session: ReadOnlySession): Promise<StructureFacts['sequences']> {
	interface Owned extends Relation {
		readonly column: string;
		readonly sequenceSchema: string;
		readonly sequence: string;
		readonly isRising: boolean;
	}
	const found: Array<{ column: string; behind: Measured<boolean> }> = [];
	for (const { schema, table, column, sequenceSchema, sequence, isRising } of await session.rows<Owned>(SEQUENCES)) {
		const [furthest, ahead] = isRising ? ['max', '<'] : ['min', '>'];
		const equal = `(s.last_value = c.furthest AND NOT s.is_called)`;
		const sql = `SELECT s.last_value ${ahead ?? ''} c.furthest OR ${equal} AS behind FROM ${quoted(sequenceSchema, sequence)} s,
			(SELECT ${furthest ?? ''}(${escapeIdentifier(column)}) AS furthest FROM ${quoted(schema, table)}) c`;
		const read = async (): Promise<boolean> =>
			(await session.rows<{ behind: boolean | null }>(sql))[0]?.behind === true;
		found.push({ column: `${schema}.${table}.${column}`, behind: await session.measure(read) });
	}
	return found;
}

/** Every b-tree by amcheck, in the light form that locks out nobody. */
async function checkIndexes(session: ReadOnlySession): Promise<StructureFacts['indexChecks']> {
	const [extension] = await session.rows<{ schema: string }>(
		`SELECT n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'`,
	);
	if (!extension) return null;
	const indexes = await session.rows<{ name: string; oid: string }>(
		`SELECT n.nspname || '.' || i.relname AS name, i.oid::text AS oid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
		 JOIN pg_namespace n ON n.oid = i.relnamespace JOIN pg_am m ON m.oid = i.relam
		 WHERE m.amname = 'btree' AND i.relkind = 'i' AND x.indisvalid AND i.relpersistence = 'p' AND ${USER_SCHEMA} ORDER BY 1`,
	);
	const found: Array<{ index: string; sound: Measured<true> }> = [];
	for (const { name, oid } of indexes) {
		const check = async (): Promise<true> => {
			await session.rows(`SELECT ${escapeIdentifier(extension.schema)}.bt_index_check($1::oid::regclass)`, [oid]);
			return true;
		};
		found.push({ index: name, sound: await session.measure(check) });
	}
	return found;
}

function nameOf({ schema, table, name }: Constraint): string {
	return `${schema}.${table}.${name}`;
}

function quoted(schema: string, name: string): string {
	return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
