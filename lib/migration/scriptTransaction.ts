import type { ScriptTransaction } from './model';
import { splitStatements } from './splitStatements';

/** Statements that begin or end a transaction by themselves. */
const CONTROLS = /^(begin|start transaction|commit|end|rollback(?! prepared)|abort|prepare transaction)\b/;

/** Statements that Postgres refuses inside a transaction block, so that they must be alone in their script. */
const ONLY_ALONE = [
	/^create (unique )?index concurrently\b/,
	/^drop index concurrently\b/,
	/^reindex\b.*\b(concurrently|database|system)\b/,
	/^alter table\b.*\bdetach partition\b.*\bconcurrently\b/,
	/^vacuum\b/,
	/^cluster$/,
	/^(create|drop) (database|tablespace)\b/,
	/^alter system\b/,
	/^alter database\b.*\bset tablespace\b/,
	/^(commit|rollback) prepared\b/,
];

/** Alone in a script, these may commit in between. */
const MAY_COMMIT = /^(do|call)\b/;

/**
 * How Postgres runs a script that is sent whole as one simple query: several statements make one transaction unless the
 * script controls transactions itself. In doubt the answer is `own`, which is never retried automatically.
 */
export function scriptTransaction(script: string): ScriptTransaction {
	const statements = splitStatements(script);
	const alone = statements.some((statement) => ONLY_ALONE.some((pattern) => pattern.test(statement)));
	if (alone) return statements.length > 1 ? 'impossible' : 'own';
	if (statements.some((statement) => CONTROLS.test(statement))) return 'own';
	return statements.length === 1 && MAY_COMMIT.test(statements[0] ?? '') ? 'own' : 'one';
}
