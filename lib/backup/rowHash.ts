import type { RowHash } from './model';

export interface ColumnValue {
	/** SQL of the value, e.g. `r."id"`. */
	readonly sql: string;
	/** Of pg_type, e.g. `int4`. */
	readonly type: string;
}

/** Types of which equal values are the same text, so that their own hash sees every change. A numeric is not: 1.0 equals 1.00. */
const HASHED_BY_VALUE = new Set([
	'bool',
	'int2',
	'int4',
	'int8',
	'oid',
	'uuid',
	'date',
	'time',
	'timestamp',
	'timestamptz',
	'bytea',
]);
/** The same where the collation compares byte by byte. */
const HASHED_AS_TEXT = new Set(['text', 'varchar']);

/**
 * SQL of the 64-bit hash of a row. The text of a whole row costs about three times as much as hashing its values, so text is made of the
 * columns that need it only.
 */
export function rowHashExpression(values: readonly ColumnValue[], method: RowHash): string {
	if (method === 'text')
		return `hashtextextended(ROW(${values.map(({ sql }) => sql).join(', ')})::text COLLATE "C", 0)`;
	return `hash_record_extended(ROW(${values.map(hashedValue).join(', ')}), 0)`;
}

/** ROW(x)::text tells NULL from an empty text, and prints what a cast of x would trim. */
function hashedValue({ sql, type }: ColumnValue): string {
	if (HASHED_BY_VALUE.has(type)) return sql;
	return HASHED_AS_TEXT.has(type) ? `${sql} COLLATE "C"` : `ROW(${sql})::text COLLATE "C"`;
}
