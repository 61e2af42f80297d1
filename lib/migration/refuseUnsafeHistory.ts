import type { RunbookError } from '../support/runbookError';
import { migrationErrors } from './errors';
import type { DatabaseIdentity, HistoryProblem, MigrationHistory } from './model';

/**
 * Stops before anything is touched unless the history is safe to deploy on; warnings pass.
 * @throws RunbookError MIGRATION.HISTORY_FAILED, HISTORY_EDITED, HISTORY_MISSING, HISTORY_NOT_BASELINED, SCRIPT_IMPOSSIBLE, NOT_PERMITTED, INVALID_INDEX, BUSY
 */
export function refuseUnsafeHistory(history: MigrationHistory, database: DatabaseIdentity): void {
	const problem = history.problems.find(({ severity }) => severity !== 'warning');
	if (problem) throw toError(problem, database);
}

function toError(
	{ kind, names, text }: HistoryProblem,
	{ name: database, schema, user }: DatabaseIdentity,
): RunbookError {
	const list = names.join(', ');
	switch (kind) {
		case 'failed':
			return migrationErrors.HISTORY_FAILED({ migrations: list, first: names[0] ?? '' });
		case 'edited':
			return migrationErrors.HISTORY_EDITED({ migrations: list });
		case 'missing':
			return migrationErrors.HISTORY_MISSING({ migrations: list });
		case 'not-baselined':
			return migrationErrors.HISTORY_NOT_BASELINED({ database });
		case 'impossible-script':
			return migrationErrors.SCRIPT_IMPOSSIBLE({ migrations: list });
		case 'not-permitted':
			return migrationErrors.NOT_PERMITTED({
				user,
				problem: `it may not create in schema "${schema}"`,
				aftermath: 'Nothing was touched',
				nextStep: `GRANT CREATE ON SCHEMA "${schema}", or use the Postgres credential of the schema's owner`,
			});
		case 'invalid-index':
			return migrationErrors.INVALID_INDEX({ database, indexes: list, aftermath: 'Nothing was touched' });
		case 'busy':
		case 'unreadable':
		case 'out-of-order':
		case 'interrupted':
			return migrationErrors.NOT_FINISHED({ database, problem: text });
	}
}
