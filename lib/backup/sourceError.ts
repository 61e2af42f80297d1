import { RunbookError } from '../support/runbookError';
import type { PostgresConnection } from '../support/postgres.client';
import { describeReason } from './describeReason';
import { backupErrors } from './errors';
import { errorCode, isServerError } from './session.client';

/** What a failure of the source means. */
export function sourceError(
	error: unknown,
	{ database, host }: PostgresConnection,
	options: { readonly signal: AbortSignal; readonly lockWaitTimeoutSeconds: number },
): unknown {
	if (options.signal.aborted) return options.signal.reason;
	if (error instanceof RunbookError) return error;
	const problem = describeReason(error);
	const sqlstate = errorCode(error) ?? '';
	// Class 28: not let in. Class 3D: no such database. Class 57 and 08: the server is going away.
	if (!isServerError(error) || /^(28|3D|57|08|53)/.test(sqlstate))
		return backupErrors.SOURCE_UNREACHABLE({ database, host, problem }, error);
	if (sqlstate === '55P03')
		return backupErrors.LOCK_TIMEOUT({ database, seconds: options.lockWaitTimeoutSeconds }, error);
	if (sqlstate === '40001') return backupErrors.STANDBY_CONFLICT({ database }, error);
	return backupErrors.SOURCE_UNREADABLE({ database, problem, sqlstate }, error);
}
