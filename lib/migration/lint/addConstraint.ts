import type { Constraint } from 'libpg-query';
import type { Effect } from './model';
import type { KnownSchema } from './knownSchema';
import { tableName, wordsOf } from './names';

/** ADD CONSTRAINT: on what is new it narrows nothing; on what is used, the previous version may write what it forbids. */
export function addConstraint(constraint: Constraint, table: string, known: KnownSchema): Effect[] {
	const name = constraint.conname ?? '';
	// `USING INDEX` names no columns, and a CHECK none that could be told apart from its expression.
	const columns = wordsOf(constraint.contype === 'CONSTR_FOREIGN' ? constraint.fk_attrs : constraint.keys);
	const onNew = known.areNew(table, columns);
	const later = constraint.skip_validation === true;
	const phase = onNew ? 'expand' : 'contract';
	const work = later || known.isNew(table) ? 'catalog' : 'scan';
	const narrows = onNew ? '' : ': the previous version may write what it forbids';
	if (constraint.contype === 'CONSTR_FOREIGN') {
		const target = tableName(constraint.pktable, known.schema);
		const lock = 'SHARE ROW EXCLUSIVE';
		return [
			{ rule: 'add-foreign-key', phase, lock, work, table, text: `adds the foreign key "${name}"${narrows}` },
			// A new table refers to one that is in use: that one is locked too, for a moment.
			{
				rule: 'add-foreign-key',
				phase: 'expand',
				lock,
				work: 'catalog',
				table: target,
				text: `is referred to by "${name}" of ${table}`,
			},
		];
	}
	const lock = 'ACCESS EXCLUSIVE';
	if (constraint.contype && INDEXED.includes(constraint.contype)) {
		const byIndex = constraint.indexname !== undefined;
		const text = `adds the constraint "${name}"${byIndex ? '' : ', building its index'}${narrows}`;
		return [{ rule: 'add-unique', phase, lock, work: byIndex ? 'catalog' : work, table, text }];
	}
	if (constraint.contype === 'CONSTR_NOTNULL')
		return [{ rule: 'set-not-null', phase, lock, work, table, text: `adds "${name}"${narrows}` }];
	return [{ rule: 'add-check', phase, lock, work, table, text: `adds the check "${name}"${narrows}` }];
}

const INDEXED = ['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION'];
