import type { Node } from 'libpg-query';
import { qualifiedName } from './lint/names';
import type { ParsedScript } from './sqlParser.client';
import { tablesNamedIn } from './touchedTables';

/** They lock rows, and tables only against what changes them. */
const ROWS_ONLY = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'SelectStmt', 'CopyStmt'];

/** Tables, as `schema.name`, that a script may lock against readers or writers; empty when nobody can tell. */
export function lockedTables({ statements = [] }: ParsedScript, schema: string): string[] {
	const strong = statements.map(({ node }) => node).filter((node) => !ROWS_ONLY.some((kind) => kind in node));
	return [...new Set(strong.flatMap((node) => [...tablesNamedIn(node, schema), ...dropped(node, schema)]))].sort();
}

function dropped(node: Node, schema: string): string[] {
	if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_TABLE') return [];
	return (node.DropStmt.objects ?? []).map((object) => qualifiedName(object, schema));
}
