import type { AlterTableCmd, AlterTableStmt, AlterTableType, ColumnDef, Constraint, Node } from 'libpg-query';
import { addColumn } from './addColumn';
import { addConstraint } from './addConstraint';
import { changeType } from './changeType';
import type { KnownSchema } from './knownSchema';
import type { Effect } from './model';
import { tableName } from './names';

interface Place {
	readonly table: string;
	readonly known: KnownSchema;
}

type Rule = (command: AlterTableCmd, place: Place) => Effect[];

/** What each command of an ALTER TABLE does; a list may hold several. */
export function alterTable(statement: AlterTableStmt, known: KnownSchema): Effect[] {
	const table = tableName(statement.relation, known.schema);
	const isTable = statement.objtype === 'OBJECT_TABLE';
	return (statement.cmds ?? []).flatMap((node) => {
		const command = 'AlterTableCmd' in node ? node.AlterTableCmd : {};
		const rule = isTable && command.subtype ? RULES[command.subtype] : undefined;
		if (rule) return rule(command, { table, known });
		const what = `${command.subtype ?? 'a change'} of ${statement.objtype ?? 'an object'}`.replaceAll('_', ' ');
		return [effect('unknown-statement', { table, text: what, phase: 'unknown' })];
	});
}

const RULES: Partial<Record<AlterTableType, Rule>> = {
	AT_AddColumn: ({ def }, { table, known }) => addColumn(columnOf(def) ?? {}, table, known),
	AT_DropColumn: ({ name = '' }, { table, known }) => [
		effect('drop-column', {
			table,
			text: `drops the column "${name}", which the previous version may still read`,
			phase: known.areNew(table, [name]) ? 'expand' : 'contract',
		}),
	],
	AT_AlterColumnType: ({ name = '', def }, place) => changeType(name, columnOf(def), place),
	AT_SetNotNull: ({ name = '' }, { table, known }) => [
		effect('set-not-null', {
			table,
			text: `makes "${name}" required: the previous version may write nulls`,
			phase: known.areNew(table, [name]) ? 'expand' : 'contract',
			work: 'scan',
		}),
	],
	AT_DropNotNull: ({ name = '' }, { table }) => [
		effect('drop-not-null', { table, text: `lets "${name}" be null: the previous version may meet one` }),
	],
	AT_ColumnDefault: ({ name = '', def }, { table, known }) => {
		if (def) return [effect('adds-only', { table, text: `sets the default of "${name}"` })];
		const isMissed = known.column(table, name)?.isRequired === true && !known.areNew(table, [name]);
		const text = `drops the default of "${name}"${isMissed ? ", which the previous version's inserts may need" : ''}`;
		return [effect('drop-default', { table, text, phase: isMissed ? 'contract' : 'expand' })];
	},
	AT_AddIdentity: ({ name = '' }, { table }) => [
		effect('adds-only', { table, text: `makes "${name}" an identity column` }),
	],
	AT_AddConstraint: ({ def }, { table, known }) => addConstraint(constraintOf(def) ?? {}, table, known),
	AT_ValidateConstraint: ({ name = '' }, { table }) => [
		effect('validate-constraint', {
			table,
			text: `validates "${name}": reads the whole table, and nobody waits`,
			lock: 'SHARE UPDATE EXCLUSIVE',
			work: 'scan',
		}),
	],
	AT_DropConstraint: ({ name = '' }, { table }) => [
		effect('drop-constraint', { table, text: `drops the constraint "${name}": ON CONFLICT of it would fail` }),
	],
	AT_SetLogged: (_command, { table }) => [rewrites(table, 'makes the table logged')],
	AT_SetUnLogged: (_command, { table }) => [rewrites(table, 'makes the table unlogged')],
	AT_SetTableSpace: (_command, { table }) => [rewrites(table, 'moves the table to another tablespace')],
	AT_SetAccessMethod: (_command, { table }) => [rewrites(table, 'changes the access method')],
	AT_SetExpression: ({ name = '' }, { table }) => [rewrites(table, `changes how "${name}" is computed`)],
	AT_AttachPartition: (_command, { table }) => [
		effect('partition', {
			table,
			text: 'attaches a partition: reads it whole unless a check vouches for it',
			lock: 'SHARE UPDATE EXCLUSIVE',
		}),
	],
	AT_DetachPartition: (_command, { table }) => [
		effect('partition', {
			table,
			text: 'detaches a partition: its rows are gone from the table',
			phase: 'contract',
		}),
	],
	AT_EnableRowSecurity: (_command, { table, known }) => [
		effect('row-security', {
			table,
			text: 'turns row security on: the previous version may see nothing',
			phase: known.isNew(table) ? 'expand' : 'contract',
		}),
	],
	AT_ForceRowSecurity: (_command, { table, known }) => [
		effect('row-security', {
			table,
			text: 'forces row security on the owner',
			phase: known.isNew(table) ? 'expand' : 'contract',
		}),
	],
	AT_DisableTrig: (_command, { table }) => [triggers(table, 'turns a trigger off')],
	AT_EnableTrig: (_command, { table }) => [triggers(table, 'turns a trigger on')],
	AT_ChangeOwner: (_command, { table }) => [
		effect('rights', { table, text: 'changes the owner, and with it who may do what', phase: 'contract' }),
	],
	AT_SetStatistics: option,
	AT_SetOptions: option,
	AT_ResetOptions: option,
	AT_SetStorage: option,
	AT_SetCompression: option,
	AT_SetRelOptions: option,
	AT_ResetRelOptions: option,
	AT_ReplicaIdentity: option,
	AT_ClusterOn: option,
	AT_DropCluster: option,
	AT_DisableRowSecurity: option,
	AT_NoForceRowSecurity: option,
};

function option(command: AlterTableCmd, { table }: Place): Effect[] {
	const text = `sets an option (${(command.subtype ?? '').replace('AT_', '')})`;
	return [effect('table-option', { table, text, lock: 'SHARE UPDATE EXCLUSIVE' })];
}

function rewrites(table: string, text: string): Effect {
	return effect('rewrite-table', { table, text: `${text}: rewrites the table`, work: 'rewrite' });
}

function triggers(table: string, text: string): Effect {
	return effect('trigger', { table, text: `${text}, also for the previous version`, lock: 'SHARE ROW EXCLUSIVE' });
}

function effect(rule: Effect['rule'], change: Partial<Effect> & Pick<Effect, 'table' | 'text'>): Effect {
	return { rule, phase: 'expand', lock: 'ACCESS EXCLUSIVE', work: 'catalog', ...change };
}

function columnOf(node: Node | undefined): ColumnDef | undefined {
	return node && 'ColumnDef' in node ? node.ColumnDef : undefined;
}

function constraintOf(node: Node | undefined): Constraint | undefined {
	return node && 'Constraint' in node ? node.Constraint : undefined;
}
