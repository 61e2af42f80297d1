import type { Node } from 'libpg-query';
import { alterTable } from './alterTable';
import { dropObjects, renameObject } from './dropAndRename';
import { createIndex, createTable } from './create';
import { changeRows, rewriteTables, truncate } from './rows';
import type { KnownSchema } from './knownSchema';
import type { Effect } from './model';
import { tableName } from './names';

/** What one statement does. What is not known here is `unknown`, never harmless. */
export function classifyStatement(node: Node, known: KnownSchema): Effect[] {
	if ('AlterTableStmt' in node) return alterTable(node.AlterTableStmt, known);
	if ('CreateStmt' in node) return createTable(node.CreateStmt, known);
	if ('CreateTableAsStmt' in node) {
		const table = tableName(node.CreateTableAsStmt.into?.rel, known.schema);
		known.addTable(table);
		return [creates(`creates ${table}`, table)];
	}
	if ('IndexStmt' in node) return createIndex(node.IndexStmt, known);
	if ('DropStmt' in node) return dropObjects(node.DropStmt, known);
	if ('RenameStmt' in node) return renameObject(node.RenameStmt, known);
	if ('AlterObjectSchemaStmt' in node) {
		const table = tableName(node.AlterObjectSchemaStmt.relation, known.schema);
		return [
			loud('rename-table', 'moves an object to another schema', {
				table,
				phase: 'contract',
				lock: 'ACCESS EXCLUSIVE',
			}),
		];
	}
	if ('AlterEnumStmt' in node) {
		const { oldVal, newVal = '' } = node.AlterEnumStmt;
		return oldVal === undefined
			? [loud('enum-value', `adds the value "${newVal}" to a type: the previous version may meet it`)]
			: [loud('rename-enum-value', `renames the value "${oldVal}" of a type`, { phase: 'contract' })];
	}
	if ('CreateTrigStmt' in node) {
		const table = tableName(node.CreateTrigStmt.relation, known.schema);
		if (known.isNew(table)) return [quiet('creates a trigger', table)];
		return [
			loud(
				'trigger',
				`adds the trigger "${node.CreateTrigStmt.trigname ?? ''}", which also acts on what the previous version writes`,
				{ table, lock: 'SHARE ROW EXCLUSIVE' },
			),
		];
	}
	if ('InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node || 'MergeStmt' in node)
		return changeRows(node, known);
	if ('TruncateStmt' in node) return truncate(node.TruncateStmt, known);
	if ('VacuumStmt' in node || 'ClusterStmt' in node || 'ReindexStmt' in node || 'RefreshMatViewStmt' in node)
		return rewriteTables(node, known);
	if ('GrantStmt' in node)
		return node.GrantStmt.is_grant === true
			? [quiet('grants rights')]
			: [loud('rights', 'takes rights away that the previous version may need', { phase: 'contract' })];
	if ('CreateFunctionStmt' in node) return replaced('function', node.CreateFunctionStmt.replace);
	if ('ViewStmt' in node) return replaced('view', node.ViewStmt.replace);
	if ('AlterDomainStmt' in node || 'CreateDomainStmt' in node) return domain(node);
	if ('DoStmt' in node || 'CallStmt' in node)
		return [loud('code', 'runs code: what it does cannot be told by looking at it', { phase: 'unknown' })];
	if (CREATES.some((kind) => kind in node)) return [creates('creates an object')];
	if (QUIET.some((kind) => kind in node)) return [quiet('describes, reads or sets')];
	const kind = Object.keys(node)[0] ?? '';
	return [
		loud('unknown-statement', `${kind.replace(/Stmt$/, '')} is not known to these rules`, { phase: 'unknown' }),
	];
}

/** They add something, and take nothing away from anybody. */
const CREATES = [
	'CreateSchemaStmt',
	'CreateSeqStmt',
	'CreateEnumStmt',
	'CompositeTypeStmt',
	'CreateRangeStmt',
	'CreateExtensionStmt',
	'CreateCastStmt',
	'CreateOpClassStmt',
	'CreateOpFamilyStmt',
	'DefineStmt',
];

/** Nobody notices them. */
const QUIET = [
	'SelectStmt',
	'CommentStmt',
	'AlterSeqStmt',
	'CreateStatsStmt',
	'CreatePolicyStmt',
	'AlterDefaultPrivilegesStmt',
	'VariableSetStmt',
	'TransactionStmt',
	'LockStmt',
	'ConstraintsSetStmt',
];

function replaced(what: string, replaces: boolean | undefined): Effect[] {
	if (replaces !== true) return [creates(`creates a ${what}`)];
	return [loud('replace-object', `may replace a ${what} that the previous version uses`)];
}

function domain(node: Node): Effect[] {
	if ('CreateDomainStmt' in node) return [creates('creates a domain')];
	return [loud('domain-constraint', 'changes a domain, which every column of it has to obey', { phase: 'contract' })];
}

function loud(rule: Effect['rule'], text: string, change: Partial<Effect> = {}): Effect {
	return { rule, phase: 'expand', lock: null, work: 'catalog', table: null, text, ...change };
}

/** Nothing that anybody has to look at. */
function quiet(text: string, table: string | null = null): Effect {
	return loud('adds-only', text, { table });
}

/** Something new that the release itself may need. */
function creates(text: string, table: string | null = null): Effect {
	return loud('create-object', text, { table });
}
