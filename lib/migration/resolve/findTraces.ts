import type { AlterTableCmd, AlterTableType, Node } from 'libpg-query';
import { namesIn, qualifiedName, tableName, wordsOf } from '../lint/names';
import type { ParsedScript, ParsedStatement } from '../sqlParser.client';
import type { Trace, Traces } from './model';

type Found = ReadonlyArray<Omit<Trace, 'line'>>;

/** What the statements of a script leave behind. One that an object is both made and dropped by, or may have found as it is, tells nothing. */
export function findTraces({ statements }: ParsedScript, schema: string): Traces {
	if (!statements) return { told: [], untold: [1] };
	const told: Trace[] = [];
	const untold: number[] = [];
	for (const statement of statements) {
		const found = tracesOf(statement, schema);
		if (found === 'none') continue;
		if (found === 'untold') untold.push(statement.line);
		else told.push(...found.map((trace) => ({ ...trace, line: statement.line })));
	}
	const isAmbiguous = ({ object, isMade }: Trace): boolean =>
		told.some((other) => other.object === object && other.isMade !== isMade);
	return {
		told: told.filter((trace) => !isAmbiguous(trace)),
		untold: [...new Set([...untold, ...told.filter(isAmbiguous).map(({ line }) => line)])].sort((a, b) => a - b),
	};
}

/** They change nothing that lasts, or nothing that an application meets. */
const LEAVE_NOTHING = ['VariableSetStmt', 'CommentStmt', 'LockStmt', 'TransactionStmt', 'ConstraintsSetStmt'];

function tracesOf({ node }: ParsedStatement, schema: string): Found | 'none' | 'untold' {
	if (LEAVE_NOTHING.some((kind) => kind in node)) return 'none';
	if (mayFindItAsItIs(node)) return 'untold';
	if ('AlterTableStmt' in node) {
		const { relation, cmds, objtype } = node.AlterTableStmt;
		if (objtype !== 'OBJECT_TABLE') return 'untold';
		const found = (cmds ?? []).map((one) =>
			'AlterTableCmd' in one ? traceOfCommand(one.AlterTableCmd, tableName(relation, schema)) : undefined,
		);
		return found.every((trace) => trace !== undefined) ? found : 'untold';
	}
	return traceOfObject(node, schema) ?? 'untold';
}

/** IF NOT EXISTS, IF EXISTS, OR REPLACE: the object tells nothing about who made or dropped it. */
function mayFindItAsItIs(node: Node): boolean {
	const { if_not_exists, missing_ok, replace, skipIfNewValExists } = Object.values(node)[0] as {
		readonly [flag: string]: unknown;
	};
	return [if_not_exists, missing_ok, replace, skipIfNewValExists].includes(true);
}

function traceOfCommand(
	{ subtype, name = '', def, missing_ok: mayBeMissing }: AlterTableCmd,
	table: string,
): Found[number] | undefined {
	if (mayBeMissing === true) return undefined;
	return subtype && COMMANDS[subtype]?.({ name, def, table });
}

interface Command {
	readonly name: string;
	readonly def: Node | undefined;
	readonly table: string;
}

const COMMANDS: Partial<Record<AlterTableType, (command: Command) => Found[number] | undefined>> = {
	AT_AddColumn: ({ def, table }) =>
		def && 'ColumnDef' in def
			? { object: `column ${table}.${def.ColumnDef.colname ?? ''}`, isMade: true }
			: undefined,
	AT_DropColumn: ({ name, table }) => ({ object: `column ${table}.${name}`, isMade: false }),
	AT_AddConstraint: ({ def, table }) =>
		def && 'Constraint' in def && def.Constraint.conname !== undefined
			? { object: `constraint ${table}.${def.Constraint.conname}`, isMade: true }
			: undefined,
	AT_DropConstraint: ({ name, table }) => ({ object: `constraint ${table}.${name}`, isMade: false }),
	AT_SetNotNull: ({ name, table }) => ({ object: `required ${table}.${name}`, isMade: true }),
	AT_DropNotNull: ({ name, table }) => ({ object: `required ${table}.${name}`, isMade: false }),
};

const DROPPED: Readonly<Record<string, string>> = {
	OBJECT_TABLE: 'relation',
	OBJECT_VIEW: 'relation',
	OBJECT_MATVIEW: 'relation',
	OBJECT_INDEX: 'relation',
	OBJECT_SEQUENCE: 'relation',
	OBJECT_TYPE: 'type',
	OBJECT_DOMAIN: 'type',
};

/** Undefined when it leaves nothing that can be looked for. */
function traceOfObject(node: Node, schema: string): Found | undefined {
	const made = (...objects: readonly string[]): Found => objects.map((object) => ({ object, isMade: true }));
	const typeOf = (names: readonly Node[] | undefined): string =>
		wordsOf(names).length > 1 ? wordsOf(names).join('.') : `${schema}.${wordsOf(names)[0] ?? ''}`;
	if ('CreateStmt' in node) return made(`relation ${tableName(node.CreateStmt.relation, schema)}`);
	if ('CreateTableAsStmt' in node) return made(`relation ${tableName(node.CreateTableAsStmt.into?.rel, schema)}`);
	if ('ViewStmt' in node) return made(`relation ${tableName(node.ViewStmt.view, schema)}`);
	if ('CreateSeqStmt' in node) return made(`relation ${tableName(node.CreateSeqStmt.sequence, schema)}`);
	if ('IndexStmt' in node) {
		const { idxname, relation } = node.IndexStmt;
		return idxname === undefined ? undefined : made(`relation ${relation?.schemaname ?? schema}.${idxname}`);
	}
	if ('CreateEnumStmt' in node) return made(`type ${typeOf(node.CreateEnumStmt.typeName)}`);
	if ('CreateDomainStmt' in node) return made(`type ${typeOf(node.CreateDomainStmt.domainname)}`);
	if ('CompositeTypeStmt' in node) return made(`type ${tableName(node.CompositeTypeStmt.typevar, schema)}`);
	if ('AlterEnumStmt' in node && node.AlterEnumStmt.newVal !== undefined)
		return made(`value ${typeOf(node.AlterEnumStmt.typeName)}.${node.AlterEnumStmt.newVal}`);
	if ('CreateSchemaStmt' in node) return made(`schema ${node.CreateSchemaStmt.schemaname ?? ''}`);
	if ('CreateExtensionStmt' in node) return made(`extension ${node.CreateExtensionStmt.extname ?? ''}`);
	if ('CreateTrigStmt' in node) {
		const { relation, trigname = '' } = node.CreateTrigStmt;
		return made(`trigger ${tableName(relation, schema)}.${trigname}`);
	}
	if ('RenameStmt' in node) {
		const { renameType, relation, newname = '' } = node.RenameStmt;
		if (renameType === 'OBJECT_TABLE') return made(`relation ${relation?.schemaname ?? schema}.${newname}`);
		return renameType === 'OBJECT_COLUMN' ? made(`column ${tableName(relation, schema)}.${newname}`) : undefined;
	}
	if (!('DropStmt' in node)) return undefined;
	const { removeType, objects } = node.DropStmt;
	const kind = DROPPED[removeType ?? ''];
	if (kind === undefined || (objects ?? []).some((object) => namesIn(object).length === 0)) return undefined;
	return (objects ?? []).map((object) => ({ object: `${kind} ${qualifiedName(object, schema)}`, isMade: false }));
}
