interface Anchors {
	/** Rules of squawk. */
	readonly squawk: readonly string[];
	/** Checks of strong_migrations. */
	readonly strongMigrations: readonly string[];
}

const anchors = (squawk: readonly string[] = [], strongMigrations: readonly string[] = []): Anchors => ({
	squawk,
	strongMigrations,
});

/**
 * What the statements of a migration are judged by, with the rules of squawk and the checks of strong_migrations that each stands for.
 * docs/nodes/prisma-migrate.md lists them, and those of both that have no counterpart here.
 */
export const rules = {
	'add-column': anchors(),
	'required-column': anchors(['adding-required-field', 'adding-not-nullable-field']),
	'volatile-default': anchors(['adding-field-with-default'], ['adding a column with a default value']),
	'generated-column': anchors(['adding-field-with-default', 'ban-alter-generated-expression']),
	'json-column': anchors([], ['adding a json column']),
	'drop-column': anchors(['ban-drop-column'], ['removing a column']),
	'change-type': anchors(['changing-column-type'], ['changing the type of a column']),
	'set-not-null': anchors(['adding-not-nullable-field'], ['setting NOT NULL on an existing column']),
	'drop-not-null': anchors(['ban-drop-not-null']),
	'drop-default': anchors(['ban-drop-default']),
	'rename-column': anchors(['renaming-column'], ['renaming a column']),
	'rename-table': anchors(['renaming-table', 'ban-set-schema'], ['renaming a table']),
	'rename-object': anchors(['renaming-object']),
	'drop-table': anchors(['ban-drop-table'], ['creating a table with the force option']),
	'drop-object': anchors(['ban-drop-view', 'ban-drop-function', 'ban-drop-type', 'ban-drop-trigger']),
	'drop-constraint': anchors(['ban-drop-constraint']),
	'add-check': anchors(['constraint-missing-not-valid']),
	'add-foreign-key': anchors(['adding-foreign-key-constraint'], ['adding a foreign key', 'adding a reference']),
	'add-unique': anchors(['disallowed-unique-constraint', 'adding-serial-primary-key-field']),
	'validate-constraint': anchors(['constraint-missing-not-valid']),
	'index-blocks-writers': anchors(['require-concurrent-index-creation'], ['adding an index non-concurrently']),
	'concurrent-index': anchors(['ban-concurrent-index-creation-in-transaction']),
	'drop-index': anchors(
		['ban-drop-index', 'require-concurrent-index-deletion'],
		['removing an index non-concurrently'],
	),
	'enum-value': anchors(['ban-add-enum-value']),
	'rename-enum-value': anchors(),
	'domain-constraint': anchors(['ban-alter-domain-with-add-constraint']),
	'rewrite-table': anchors(['prefer-repack', 'require-concurrent-reindex']),
	partition: anchors(['require-concurrent-partition-detach']),
	'table-option': anchors(['ban-replica-identity']),
	'row-security': anchors(['ban-alter-row-level-security']),
	trigger: anchors(['ban-disable-trigger']),
	'replace-object': anchors(['ban-replace-view-function']),
	rights: anchors(['ban-revoke']),
	truncate: anchors(['ban-truncate-cascade']),
	'change-rows': anchors([], ['backfilling data']),
	code: anchors([], ['executing SQL directly']),
	'unknown-statement': anchors(),
	'create-object': anchors(),
	'adds-only': anchors(),
} as const;

export type RuleId = keyof typeof rules;
