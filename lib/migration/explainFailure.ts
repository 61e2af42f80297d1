import type { RunbookError } from '../support/runbookError';
import { migrationErrors } from './errors';
import type { Migration } from './model';
import { fieldOf, isSqlState, problemOf, sqlStateOf } from './sqlState';

export interface ScriptFailure {
	readonly migration: Migration;
	/** What the driver threw for the script. */
	readonly error: unknown;
	/** Migrations that this deployment applied before it. */
	readonly applied: readonly string[];
	/** True when its row was already marked as rolled back, because nothing of it was left. */
	readonly cleaned: boolean;
	/** Runs of the script. */
	readonly attempts: number;
	readonly user: string;
	readonly lockTimeoutMs: number;
	readonly statementTimeoutMs: number;
}

/** Failures that go away by themselves: a lock that was not granted in time, and a deadlock that Postgres broke. */
export function isLockFailure(error: unknown): boolean {
	return isSqlState(error, '55P03', '40P01');
}

/** A script's failure as an error that says what was left and what to do; decided by SQLSTATE. */
export function explainFailure(failure: ScriptFailure): RunbookError {
	const { migration, error, attempts, user, lockTimeoutMs, statementTimeoutMs } = failure;
	const texts = { aftermath: aftermath(failure), nextStep: nextStep(failure) };
	const meta = { migration: migration.name, problem: problemOf(error), ...texts };
	const sqlstate = sqlStateOf(error);
	if (isLockFailure(error)) return migrationErrors.LOCK_TIMEOUT({ ...meta, attempts, lockTimeoutMs });
	if (isSqlState(error, '42501')) return migrationErrors.NOT_PERMITTED({ ...meta, user });
	if (isSqlState(error, '57014')) return migrationErrors.STATEMENT_TIMEOUT({ ...meta, statementTimeoutMs });
	if (isSqlState(error, '53')) return migrationErrors.OUT_OF_RESOURCES(meta);
	if (isSqlState(error, '57P', '08') || (sqlstate === undefined && !isOwnComplaint(error))) {
		return migrationErrors.SESSION_LOST({ ...meta, before: appliedBefore(failure.applied) });
	}
	return migrationErrors.SCRIPT_FAILED({
		...meta,
		sqlstate: sqlstate ?? 'none',
		place: place(migration.script, error),
	});
}

/** What a script leaves behind when it does not end well. */
export function aftermath({
	migration,
	applied,
	cleaned,
}: Pick<ScriptFailure, 'migration' | 'applied' | 'cleaned'>): string {
	const left =
		migration.transaction === 'one'
			? `The script of ${migration.name} ran in one transaction: nothing of it was left but its row in _prisma_migrations${cleaned ? ', which is marked as rolled back' : ''}.`
			: `The script of ${migration.name} commits in between: a part of it may have stayed.`;
	return `${left} ${appliedBefore(applied)}`;
}

export function appliedBefore(applied: readonly string[]): string {
	return applied.length === 0
		? 'No migration was applied before it'
		: `Applied before it and kept: ${applied.join(', ')}`;
}

function nextStep({ migration, cleaned, error }: ScriptFailure): string {
	const { name, transaction } = migration;
	if (cleaned)
		return 'Find who holds the lock (pg_locks, pg_stat_activity), then deploy again; nothing needs to be resolved.';
	const resolve = `npx prisma migrate resolve --rolled-back "${name}"`;
	if (transaction !== 'one') {
		return `Compare the database with the script, undo by hand what stayed (an invalid index: DROP INDEX CONCURRENTLY), then ${resolve} and deploy again.`;
	}
	if (isSqlState(error, '42501'))
		return `Grant the right, or use the credential of the owner; then ${resolve} and deploy again.`;
	return `Mend the cause or correct the script in a new release, then ${resolve} and deploy again.`;
}

/** Thrown by the package itself about a script, not by the server or the network. */
function isOwnComplaint(error: unknown): boolean {
	return error instanceof OpenTransactionError;
}

/** A script that began a transaction and did not end it. */
export class OpenTransactionError extends Error {
	override readonly name = 'OpenTransactionError';

	constructor() {
		super('the script began a transaction and did not end it; what was open was rolled back');
	}
}

function place(script: string, error: unknown): string {
	const position = Number(fieldOf(error, 'position') ?? Number.NaN);
	// Postgres counts characters, JavaScript UTF-16 units.
	return Number.isInteger(position)
		? ` at line ${
				Array.from(script)
					.slice(0, position - 1)
					.join('')
					.split('\n').length
			}`
		: '';
}
