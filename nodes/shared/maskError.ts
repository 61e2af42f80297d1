import { redact } from '../../lib/support/redact';
import { RunbookError } from '../../lib/support/runbookError';

/** What the ledger may hold of an error: the same error with its texts masked. */
export function maskError(error: unknown, secrets: readonly string[]): unknown {
	if (!(error instanceof Error)) return redact(String(error), secrets);
	if (!(error instanceof RunbookError)) return new Error(redact(error.message, secrets));
	const { message, why, fix, retryable } = error;
	return new RunbookError(
		error.code,
		{ message: redact(message, secrets), why: redact(why, secrets), fix: redact(fix, secrets), retryable },
		{},
	);
}
