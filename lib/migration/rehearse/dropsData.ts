import type { Node } from 'libpg-query';
import type { ParsedScript } from '../sqlParser.client';

/** Objects that hold data. */
const HOLDERS = ['OBJECT_TABLE', 'OBJECT_MATVIEW', 'OBJECT_SCHEMA', 'OBJECT_FOREIGN_TABLE'];

/** Whether a script takes data away, or may: code can do anything. */
export function dropsData({ statements }: ParsedScript): boolean {
	return statements?.some(({ node }) => takesAway(node)) ?? true;
}

function takesAway(node: Node): boolean {
	if ('DropStmt' in node)
		return HOLDERS.includes(node.DropStmt.removeType ?? '') || node.DropStmt.behavior === 'DROP_CASCADE';
	if ('AlterTableStmt' in node)
		return (node.AlterTableStmt.cmds ?? []).some(
			(one) =>
				'AlterTableCmd' in one &&
				['AT_DropColumn', 'AT_AlterColumnType'].includes(one.AlterTableCmd.subtype ?? ''),
		);
	return ['TruncateStmt', 'DeleteStmt', 'UpdateStmt', 'MergeStmt', 'DoStmt', 'CallStmt'].some((kind) => kind in node);
}
