import type { ColumnDef, Constraint, CreateStmt, IndexStmt, Node } from 'libpg-query';
import type { KnownSchema } from './knownSchema';
import type { Effect } from './model';
import { tableName } from './names';

/** CREATE TABLE: nobody uses it yet; the tables it refers to are locked for a moment. */
export function createTable(statement: CreateStmt, known: KnownSchema): Effect[] {
	const table = tableName(statement.relation, known.schema);
	// IF NOT EXISTS may find a table that is in use.
	if (statement.if_not_exists !== true) known.addTable(table);
	const constraints = (statement.tableElts ?? []).flatMap(constraintsOf);
	const targets = constraints.flatMap(({ contype, pktable }) =>
		contype === 'CONSTR_FOREIGN' ? [tableName(pktable, known.schema)] : [],
	);
	return [
		{ rule: 'create-object', phase: 'expand', lock: null, work: 'catalog', table, text: `creates ${table}` },
		...[...new Set(targets)].map((target): Effect => ({
			rule: 'add-foreign-key',
			phase: 'expand',
			lock: 'SHARE ROW EXCLUSIVE',
			work: 'catalog',
			table: target,
			text: `is referred to by the new ${table}`,
		})),
	];
}

function constraintsOf(element: Node): Constraint[] {
	if ('Constraint' in element) return [element.Constraint];
	return 'ColumnDef' in element ? columnConstraints(element.ColumnDef) : [];
}

function columnConstraints({ constraints }: ColumnDef): Constraint[] {
	return (constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
}

/** CREATE INDEX: a plain build lets nobody write; a unique one forbids what the previous version may write. */
export function createIndex(statement: IndexStmt, known: KnownSchema): Effect[] {
	const table = tableName(statement.relation, known.schema);
	const name = statement.idxname ?? 'an index';
	const columns = (statement.indexParams ?? []).map((node) =>
		'IndexElem' in node ? (node.IndexElem.name ?? '') : '',
	);
	const narrows = statement.unique === true && !known.areNew(table, columns);
	const phase = narrows ? 'contract' : 'expand';
	const unique = narrows ? ': the previous version may write duplicates' : '';
	if (statement.concurrent === true) {
		const text = `builds "${name}" while everybody works on${unique}`;
		return [{ rule: 'concurrent-index', phase, lock: 'SHARE UPDATE EXCLUSIVE', work: 'scan', table, text }];
	}
	if (known.isNew(table))
		return [{ rule: 'adds-only', phase, lock: null, work: 'catalog', table, text: `builds "${name}"` }];
	const rule = narrows ? 'add-unique' : 'index-blocks-writers';
	return [
		{ rule, phase, lock: 'SHARE', work: 'scan', table, text: `builds "${name}" while nobody may write${unique}` },
	];
}
