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
	const found = new Set<string>();
	for (const { statements } of scripts) {
		if (!statements || statements.some(({ node }) => runsCode(node))) return null;
		for (const { node } of statements) collectTables(node, { schema, found });
	}
	return [...found].sort();
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

function collectTables(node: unknown, place: { readonly schema: string; readonly found: Set<string> }): void {
	if (node === null || typeof node !== 'object') return;
	if (!Array.isArray(node) && 'relname' in node && typeof node.relname === 'string') {
		const schema = 'schemaname' in node && typeof node.schemaname === 'string' ? node.schemaname : place.schema;
		place.found.add(`${schema}.${node.relname}`);
	}
	for (const value of Object.values(node)) collectTables(value, place);
}
