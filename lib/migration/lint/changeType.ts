import type { ColumnDef } from 'libpg-query';
import type { Effect } from './model';
import type { KnownSchema } from './knownSchema';
import { typeModifiers, typeName } from './names';

/** Types that keep the bytes of a `character varying` as they are. */
const TEXTS = ['text', 'varchar'];

/** ALTER COLUMN … TYPE: widening a text or numeric is done in a moment and keeps every old value; anything else rewrites and breaks readers. */
export function changeType(
	column: string,
	definition: ColumnDef | undefined,
	{ table, known }: { table: string; known: KnownSchema },
): Effect[] {
	const lock = 'ACCESS EXCLUSIVE';
	const rule = 'change-type';
	if (isWidening(known.column(table, column)?.type ?? '', definition))
		return [{ rule, phase: 'expand', lock, work: 'catalog', table, text: `widens the type of "${column}"` }];
	const phase = known.areNew(table, [column]) ? 'expand' : 'contract';
	const text = `changes the type of "${column}": rewrites the table, and the previous version expects the old type`;
	return [{ rule, phase, lock, work: 'rewrite', table, text }];
}

function isWidening(before: string, definition: ColumnDef | undefined): boolean {
	// A conversion may do anything, and a collation sorts anew.
	if (definition?.raw_default ?? definition?.collClause) return false;
	const after = definition?.typeName;
	if ((after?.arrayBounds ?? []).length > 0) return false;
	const name = typeName(after);
	const [length = Infinity, scale = 0] = typeModifiers(after);
	const text = /^character varying(?:\((\d+)\))?$/.exec(before);
	if (text && TEXTS.includes(name)) return name === 'text' || length >= Number(text[1] ?? Infinity);
	const number = /^numeric\((\d+),(\d+)\)$/.exec(before);
	if (!number || name !== 'numeric') return false;
	return length === Infinity || (length >= Number(number[1]) && scale === Number(number[2]));
}
