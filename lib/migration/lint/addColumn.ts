import type { ColumnDef, Constraint, Node } from 'libpg-query';
import type { Effect } from './model';
import type { KnownSchema } from './knownSchema';
import { functionsIn, typeName } from './names';

const SERIALS = ['serial', 'serial2', 'serial4', 'serial8', 'smallserial', 'bigserial'];

/** ADD COLUMN: in a moment and unnoticed, unless each row gets a value of its own or the previous version's inserts miss it. */
export function addColumn(definition: ColumnDef, table: string, known: KnownSchema): Effect[] {
	const { colname: column = '', typeName: type } = definition;
	const constraints = (definition.constraints ?? []).flatMap(constraintOf);
	const find = (kind: Constraint['contype']): Constraint | undefined =>
		constraints.find(({ contype }) => contype === kind);
	const isSerial = SERIALS.includes(typeName(type));
	const value = find('CONSTR_DEFAULT')?.raw_expr;
	const hasValue = isSerial || value !== undefined || !!find('CONSTR_GENERATED') || !!find('CONSTR_IDENTITY');
	const isRequired = !!find('CONSTR_NOTNULL') || !!find('CONSTR_PRIMARY') || isSerial;
	const effect = (rule: Effect['rule'], text: string, change: Partial<Effect> = {}): Effect => ({
		rule,
		phase: 'expand',
		lock: 'ACCESS EXCLUSIVE',
		work: 'catalog',
		table,
		text,
		...change,
	});
	const differs = functionsIn(value).filter((name) => known.isVolatile(name));
	const effects: Effect[] = [];
	if (isRequired && !hasValue)
		effects.push(
			effect(
				'required-column',
				`adds the required column "${column}" without a default: the previous version's inserts would fail`,
				{ phase: 'contract' },
			),
		);
	if (isSerial || find('CONSTR_IDENTITY') || differs.length > 0)
		effects.push(
			effect('volatile-default', `adds "${column}" with a value of its own for each row: rewrites the table`, {
				work: 'rewrite',
			}),
		);
	if (find('CONSTR_GENERATED')?.generated_kind === 's')
		effects.push(
			effect('generated-column', `adds the stored column "${column}": rewrites the table`, { work: 'rewrite' }),
		);
	if (find('CONSTR_UNIQUE') ?? find('CONSTR_PRIMARY'))
		effects.push(effect('add-unique', `adds "${column}" with an index: reads the whole table`, { work: 'scan' }));
	if (typeName(type) === 'json')
		effects.push(
			effect('json-column', `adds "${column}" as json, which has no equality: SELECT DISTINCT fails; use jsonb`),
		);
	if (effects.length === 0) effects.push(effect('add-column', `adds the column "${column}"`));
	known.addColumn(table, column);
	return effects;
}

function constraintOf(node: Node): Constraint[] {
	return 'Constraint' in node ? [node.Constraint] : [];
}
