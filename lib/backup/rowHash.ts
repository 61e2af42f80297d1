import type { RowHash } from './model';

export interface ColumnValue {
	/** SQL of the value, e.g. `r."id"`. */
	readonly sql: string;
	/** Of pg_catalog, e.g. `int4`; empty for any other. */
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
/** The bytes in which the server sends it, digits behind the point included, cost a fraction of its text. */
const HASHED_AS_SENT: Readonly<Record<string, string>> = { numeric: 'numeric_send' };
/** Of which a cast is what the type prints, and nothing is trimmed. */
const HASHED_AS_PRINTED = new Set(['json', 'jsonb', 'float4', 'float8', 'interval']);

/**
 * SQL of the 64-bit hash of a row. The text of a whole row costs about three times as much as hashing its values, so text is made of the
 * columns that need it only.
 */
export function rowHashExpression(values: readonly ColumnValue[], method: RowHash): string {
	if (method === 'text')
		return `hashtextextended(ROW(${values.map(({ sql }) => sql).join(', ')})::text COLLATE "C", 0)`;
	return `hash_record_extended(ROW(${values.map(hashedValue).join(', ')}), 0)`;
}

/** A NULL is no value of any kind to the hash of a record. ROW(x)::text tells NULL from an empty text, and prints what a cast of x would trim. */
function hashedValue({ sql, type }: ColumnValue): string {
	if (HASHED_BY_VALUE.has(type)) return sql;
	if (HASHED_AS_TEXT.has(type)) return `${sql} COLLATE "C"`;
	if (HASHED_AS_PRINTED.has(type)) return `${sql}::text COLLATE "C"`;
	const send = HASHED_AS_SENT[type];
	return send === undefined ? `ROW(${sql})::text COLLATE "C"` : `${send}(${sql})`;
}
