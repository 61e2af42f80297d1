import { defineErrors } from '../support/runbookError';

export const integrityErrors = defineErrors('INTEGRITY', {
	ACCESS_REFUSED: {
		message: 'The database {database} at {host}:{port} refused {user}: {problem}',
		why: 'Nobody was logged in, so nothing was checked',
		fix: 'Correct user, password or database name in the Postgres credential',
	},
	NOT_RECORDED: {
		message: 'What is in {database} before the migration could not be recorded: {problem}',
		why: 'Without it nobody could tell afterwards whether rows were lost',
		fix: 'Let the role read every table (GRANT pg_read_all_data), raise "Statement Timeout", or mend the assertion that is named',
	},
	RECORD_MISSING: {
		message: 'The ledger holds no record under the step {stepKey} to compare with',
		why: 'The counts of before are what the counts of now are judged by',
		fix: 'Put a node with the operation Record before the migration, and name its step in "Compare With Step"',
	},
});
