import type { Node } from 'libpg-query';
import { wordsOf } from './lint/names';
import type { ParsedScript } from './sqlParser.client';

/** Functions that a SELECT in a migration may call and that change no table. */
const HARMLESS = new Set(['setval', 'nextval', 'currval', 'set_config', 'current_setting', 'now', 'pg_sleep', 'count']);

/**
 * Tables that scripts name, as `schema.name`: what they changed is among them. Null when one may have changed what it does not name: it runs
 * code, calls a function, or was not understood. What triggers and cascades change besides is left to autovacuum.
 */
export function touchedTables(scripts: readonly ParsedScript[], schema: string): string[] | null {
	const nodes = scripts.map(({ statements }) => statements?.map(({ node }) => node));
	if (nodes.some((one) => one === undefined || one.some(runsCode))) return null;
	return [...new Set(nodes.flatMap((one) => one ?? []).flatMap((node) => tablesNamedIn(node, schema)))].sort();
}

function runsCode(node: Node): boolean {
	return 'DoStmt' in node || 'CallStmt' in node || ('SelectStmt' in node && callsUnknown(node));
}

function callsUnknown(node: unknown): boolean {
	if (node === null || typeof node !== 'object') return false;
	if (Array.isArray(node)) return node.some(callsUnknown);
	return Object.entries(node).some(([key, value]: [string, unknown]) => {
		const name =
			key === 'FuncCall' ? wordsOf((value as { funcname?: readonly Node[] }).funcname).at(-1) : undefined;
		return (name !== undefined && !HARMLESS.has(name)) || callsUnknown(value);
	});
}

/** Tables that are named anywhere in a statement, but for those that it drops. */
export function tablesNamedIn(node: unknown, schema: string): string[] {
	if (node === null || typeof node !== 'object') return [];
	const inner = Object.values(node).flatMap((value) => tablesNamedIn(value, schema));
	if (!('relname' in node) || typeof node.relname !== 'string') return inner;
	const own = 'schemaname' in node && typeof node.schemaname === 'string' ? node.schemaname : schema;
	return [`${own}.${node.relname}`, ...inner];
}
