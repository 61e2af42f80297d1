import { isLedgerFailure } from '../../lib/release/isLedgerFailure';
import type { Ledger } from '../../lib/release/ledger';
import { RunbookError } from '../../lib/support/runbookError';

type Refused = Omit<Parameters<Ledger['recordRefusal']>[0], 'code' | 'message'>;

/** Lets `act` run; what it refuses stands in the ledger afterwards, and is thrown on. */
export async function recordRefusals<T>(
	ledger: Pick<Ledger, 'recordRefusal'>,
	refused: Refused,
	act: () => Promise<T>,
): Promise<T> {
	try {
		return await act();
	} catch (error) {
		if (error instanceof RunbookError && !isLedgerFailure(error)) {
			const { code, message } = error;
			// A ledger that goes away meanwhile must not hide why it was refused.
			await ledger.recordRefusal({ ...refused, code, message }).catch(() => undefined);
		}
		throw error;
	}
}
