import type { Node, TruncateStmt } from 'libpg-query';
import type { KnownSchema } from './knownSchema';
import type { Effect, TableLock } from './model';
import { tableName } from './names';

/** INSERT, UPDATE, DELETE, MERGE: the rows stay locked until the script ends. */
export function changeRows(node: Node, known: KnownSchema): Effect[] {
	const { relation, whereClause } = Object.values(node)[0] as {
		relation?: Parameters<typeof tableName>[0];
		whereClause?: Node;
	};
	const table = tableName(relation, known.schema);
	if (known.isNew(table) || 'InsertStmt' in node) return [rowsOf(table, 'adds rows', 'adds-only')];
	const verb = 'UpdateStmt' in node ? 'changes' : 'DeleteStmt' in node ? 'deletes' : 'merges';
	if (whereClause || 'MergeStmt' in node)
		return [rowsOf(table, `${verb} rows, which stay locked until the script ends`)];
	const text = `${verb} every row: the table is locked row by row until the script ends`;
	return [{ ...rowsOf(table, text), work: 'rewrite', phase: 'DeleteStmt' in node ? 'contract' : 'expand' }];
}

function rowsOf(table: string, text: string, rule: Effect['rule'] = 'change-rows'): Effect {
	return { rule, phase: 'expand', lock: 'ROW EXCLUSIVE', work: 'rows', table, text };
}

/** TRUNCATE: the data are gone. */
export function truncate({ relations }: TruncateStmt, known: KnownSchema): Effect[] {
	return (relations ?? []).map((node): Effect => {
		const table = tableName('RangeVar' in node ? node.RangeVar : undefined, known.schema);
		return {
			rule: 'truncate',
			phase: known.isNew(table) ? 'expand' : 'contract',
			lock: 'ACCESS EXCLUSIVE',
			work: 'catalog',
			table,
			text: 'empties the table',
		};
	});
}

/** VACUUM, CLUSTER, REINDEX, REFRESH: they go over whole tables. */
export function rewriteTables(node: Node, known: KnownSchema): Effect[] {
	const effect = (table: string | null, lock: TableLock, text: string): Effect => ({
		rule: 'rewrite-table',
		phase: 'expand',
		lock,
		work: 'rewrite',
		table,
		text,
	});
	if ('VacuumStmt' in node) {
		const { rels, options, is_vacuumcmd: isVacuum } = node.VacuumStmt;
		const isFull = (options ?? []).some((option) => 'DefElem' in option && option.DefElem.defname === 'full');
		if (!isFull)
			return [
				{
					...effect(null, 'SHARE UPDATE EXCLUSIVE', isVacuum ? 'vacuums' : 'updates statistics'),
					rule: 'adds-only',
				},
			];
		const tables = (rels ?? []).map((rel) =>
			tableName('VacuumRelation' in rel ? rel.VacuumRelation.relation : undefined, known.schema),
		);
		return (tables.length === 0 ? [null] : tables).map((table) =>
			effect(table, 'ACCESS EXCLUSIVE', 'VACUUM FULL: rewrites the table'),
		);
	}
	if ('ClusterStmt' in node) {
		const { relation } = node.ClusterStmt;
		return [
			effect(
				relation ? tableName(relation, known.schema) : null,
				'ACCESS EXCLUSIVE',
				'CLUSTER: rewrites the table',
			),
		];
	}
	if ('RefreshMatViewStmt' in node) {
		const { relation, concurrent } = node.RefreshMatViewStmt;
		const lock = concurrent === true ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE';
		return [{ ...effect(tableName(relation, known.schema), lock, 'computes a materialized view anew') }];
	}
	if (!('ReindexStmt' in node)) return [];
	const { relation, kind, params } = node.ReindexStmt;
	const isConcurrent = (params ?? []).some((param) => 'DefElem' in param && param.DefElem.defname === 'concurrently');
	const name = relation ? tableName(relation, known.schema) : null;
	const table = kind === 'REINDEX_OBJECT_INDEX' && name !== null ? known.tableOfIndex(name) : name;
	return [
		effect(
			table,
			isConcurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE',
			'builds indexes anew: who would use them waits',
		),
	];
}
