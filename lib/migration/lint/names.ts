import type { Node, RangeVar, TypeName } from 'libpg-query';

/** A table as `schema.name`; a name without a schema is found in `schema`. */
export function tableName(relation: RangeVar | undefined, schema: string): string {
	return `${relation?.schemaname ?? schema}.${relation?.relname ?? ''}`;
}

/** A name of several parts, e.g. of DROP TABLE, as `schema.name`. */
export function qualifiedName(node: Node | undefined, schema: string): string {
	const parts = namesIn(node);
	return parts.length > 1 ? parts.slice(-2).join('.') : `${schema}.${parts[0] ?? ''}`;
}

/** The words of a list of names. */
export function namesIn(node: Node | undefined): string[] {
	if (!node) return [];
	if ('List' in node) return wordsOf(node.List.items);
	if ('TypeName' in node) return wordsOf(node.TypeName.names);
	if ('ObjectWithArgs' in node) return wordsOf(node.ObjectWithArgs.objname);
	return wordsOf([node]);
}

/** Strings among nodes. */
export function wordsOf(nodes: readonly Node[] | undefined): string[] {
	return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}

/** A column type's name without the catalog's schema, e.g. `varchar`, `int4`. */
export function typeName(type: TypeName | undefined): string {
	const words = wordsOf(type?.names);
	return (words[0] === 'pg_catalog' ? words.slice(1) : words).join('.');
}

/** Length, or precision and scale, of a column type: `varchar(20)` → [20]. */
export function typeModifiers(type: TypeName | undefined): number[] {
	return (type?.typmods ?? []).flatMap((node) => ('A_Const' in node ? [node.A_Const.ival?.ival ?? 0] : []));
}

/** Names of the functions that are called somewhere in an expression. */
export function functionsIn(expression: unknown): string[] {
	if (expression === null || typeof expression !== 'object') return [];
	if (Array.isArray(expression)) return expression.flatMap(functionsIn);
	return Object.entries(expression).flatMap(([key, value]: [string, unknown]) => [
		...(key === 'FuncCall' ? wordsOf((value as { funcname?: readonly Node[] }).funcname).slice(-1) : []),
		...functionsIn(value),
	]);
}

/** Text constants anywhere in a statement. */
export function literalsIn(node: unknown): string[] {
	if (node === null || typeof node !== 'object') return [];
	if (Array.isArray(node)) return node.flatMap(literalsIn);
	return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
		key === 'A_Const' ? [(value as { sval?: { sval?: string } }).sval?.sval ?? ''] : literalsIn(value),
	);
}
