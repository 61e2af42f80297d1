import type { DropStmt, ObjectType, RenameStmt } from 'libpg-query';
import type { KnownSchema } from './knownSchema';
import type { Effect } from './model';
import { qualifiedName, tableName } from './names';

/** DROP …: contract, unless it came with this deployment, or is an index. */
export function dropObjects(statement: DropStmt, known: KnownSchema): Effect[] {
	const kind = wordOf(statement.removeType);
	return (statement.objects ?? []).map((object): Effect => {
		const name = qualifiedName(object, known.schema);
		if (statement.removeType === 'OBJECT_INDEX') return dropIndex(name, statement, known);
		const isTable = statement.removeType === 'OBJECT_TABLE';
		return {
			rule: isTable ? 'drop-table' : 'drop-object',
			phase: known.isNew(name) ? 'expand' : 'contract',
			lock: isTable ? 'ACCESS EXCLUSIVE' : null,
			work: 'catalog',
			table: isTable ? name : null,
			text: `drops the ${kind} ${name}${statement.behavior === 'DROP_CASCADE' ? ' and all that depends on it' : ''}`,
		};
	});
}

function dropIndex(name: string, { concurrent }: DropStmt, known: KnownSchema): Effect {
	const text = `drops the index ${name}: queries of the previous version may become slow`;
	const lock = concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
	return { rule: 'drop-index', phase: 'expand', lock, work: 'catalog', table: known.tableOfIndex(name), text };
}

/** ALTER … RENAME: the previous version knows the old name only. */
export function renameObject(statement: RenameStmt, known: KnownSchema): Effect[] {
	const { renameType, relation, subname = '', newname = '' } = statement;
	const table = relation ? tableName(relation, known.schema) : null;
	const kind = wordOf(renameType);
	const isColumn = renameType === 'OBJECT_COLUMN';
	const isTable = renameType === 'OBJECT_TABLE' || renameType === 'OBJECT_VIEW';
	if (isTable) known.addTable(`${relation?.schemaname ?? known.schema}.${newname}`);
	const isUnseen = renameType === 'OBJECT_INDEX' || renameType === 'OBJECT_TABCONSTRAINT';
	const isNew = table !== null && (known.isNew(table) || (isColumn && known.areNew(table, [subname])));
	const text = `renames the ${kind} ${isColumn ? `"${subname}"` : (table ?? '')} to "${newname}"`;
	return [
		{
			rule: isColumn ? 'rename-column' : isTable ? 'rename-table' : 'rename-object',
			phase: isUnseen || isNew ? 'expand' : 'contract',
			lock: table === null ? null : 'ACCESS EXCLUSIVE',
			work: 'catalog',
			table: isUnseen ? null : table,
			text,
		},
	];
}

function wordOf(type: ObjectType | undefined): string {
	return (type ?? 'OBJECT').replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase();
}
