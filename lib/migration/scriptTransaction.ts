import type { Node } from 'libpg-query';
import type { ScriptTransaction } from './model';
import type { ParsedScript } from './sqlParser.client';

/**
 * How Postgres runs a script that is sent whole as one simple query: several statements make one transaction unless the
 * script controls transactions itself. In doubt the answer is `own`, which is never retried automatically.
 */
export function scriptTransaction({ statements }: ParsedScript): ScriptTransaction {
	if (!statements) return 'own';
	const nodes = statements.map(({ node }) => node);
	if (nodes.some(runsOnlyAlone)) return nodes.length > 1 ? 'impossible' : 'own';
	if (nodes.some(controlsTransaction)) return 'own';
	const [only] = nodes;
	// Alone in a script, these may commit in between.
	return nodes.length === 1 && only && ('DoStmt' in only || 'CallStmt' in only) ? 'own' : 'one';
}

/** Whether it begins or ends a transaction by itself. */
function controlsTransaction(node: Node): boolean {
	if (!('TransactionStmt' in node)) return false;
	const { kind } = node.TransactionStmt;
	return kind !== 'TRANS_STMT_SAVEPOINT' && kind !== 'TRANS_STMT_RELEASE';
}

/** Whether SET TRANSACTION stands at the head of a script: it must come first in its transaction. */
export function setsTransaction({ statements }: ParsedScript): boolean {
	const first = statements?.[0]?.node;
	return first !== undefined && 'VariableSetStmt' in first && first.VariableSetStmt.kind === 'VAR_SET_MULTI';
}

/** Statements that Postgres refuses inside a transaction block, so that they must be alone in their script. */
export function runsOnlyAlone(node: Node): boolean {
	if ('IndexStmt' in node) return node.IndexStmt.concurrent === true;
	if ('DropStmt' in node) return node.DropStmt.concurrent === true;
	if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd === true;
	if ('ClusterStmt' in node) return node.ClusterStmt.relation === undefined;
	if ('ReindexStmt' in node) {
		const { kind, params } = node.ReindexStmt;
		return (
			hasOption(params, 'concurrently') ||
			kind === 'REINDEX_OBJECT_SCHEMA' ||
			kind === 'REINDEX_OBJECT_DATABASE' ||
			kind === 'REINDEX_OBJECT_SYSTEM'
		);
	}
	if ('AlterTableStmt' in node) return (node.AlterTableStmt.cmds ?? []).some(detachesConcurrently);
	if ('AlterDatabaseStmt' in node) return hasOption(node.AlterDatabaseStmt.options, 'tablespace');
	if ('TransactionStmt' in node) return /_PREPARED$/.test(node.TransactionStmt.kind ?? '');
	return ONLY_ALONE.some((kind) => kind in node);
}

const ONLY_ALONE = [
	'CreatedbStmt',
	'DropdbStmt',
	'CreateTableSpaceStmt',
	'DropTableSpaceStmt',
	'AlterSystemStmt',
	'CreateSubscriptionStmt',
	'DropSubscriptionStmt',
];

function detachesConcurrently(command: Node): boolean {
	const definition = 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
	return definition !== undefined && 'PartitionCmd' in definition && definition.PartitionCmd.concurrent === true;
}

function hasOption(options: readonly Node[] | undefined, name: string): boolean {
	return (options ?? []).some((option) => 'DefElem' in option && option.DefElem.defname === name);
}
