import { RunbookError } from '../support/runbookError';

/** Whether the ledger itself could not do its work: it was out of reach, or said no. Then nothing can be recorded in it either. */
export function isLedgerFailure(error: unknown): boolean {
	return (
		error instanceof RunbookError &&
		(error.code === 'RELEASE.LEDGER_UNREACHABLE' || error.code === 'RELEASE.LEDGER_REFUSED')
	);
}
