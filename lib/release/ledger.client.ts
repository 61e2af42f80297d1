import type { PostgresConnection } from '../support/postgres.client';
import { createGateStore } from './gates.client';
import type { Ledger } from './ledger';
import { LedgerSession } from './ledgerSession.client';
import { createRecordStore } from './records.client';
import { createReleaseStore } from './releases.client';
import { migrateLedger } from './schema/migrateLedger.client';
import { createStepStore } from './steps.client';
import { createWatchStore } from './watches.client';

/** Opens the ledger and creates or completes its tables. @throws RunbookError RELEASE.LEDGER_UNREACHABLE, LEDGER_REFUSED, LEDGER_NEWER */
export async function openLedger(connection: PostgresConnection): Promise<Ledger> {
	const session = new LedgerSession(connection);
	try {
		await migrateLedger(session);
	} catch (error) {
		await session.close();
		throw error;
	}
	return {
		...createReleaseStore(session),
		...createStepStore(session),
		...createRecordStore(session),
		gates: createGateStore(session),
		watch: createWatchStore(session),
	};
}
