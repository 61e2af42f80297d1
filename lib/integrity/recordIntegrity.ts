import type { PostgresConnection } from '../support/postgres.client';
import { runAssertions } from './assertions.client';
import { integrityErrors } from './errors';
import type { Assertion, IntegrityRecord, IntegritySettings } from './model';
import { openReadOnlySession } from './session.client';
import { countRows } from './structure.client';

/**
 * Counts every table and reads the values that must not change, to be compared with afterwards. All or nothing.
 * @throws RunbookError INTEGRITY.NOT_RECORDED, ACCESS_REFUSED; the driver's error when the server cannot be reached
 */
export async function recordIntegrity(
	connection: PostgresConnection,
	{ assertions, ...settings }: IntegritySettings & { readonly assertions: readonly Assertion[] },
): Promise<IntegrityRecord> {
	const session = await openReadOnlySession(connection, settings);
	const refuse = (name: string, problem: string): Error =>
		integrityErrors.NOT_RECORDED({ database: connection.database, problem: `${name}: ${problem}` });
	try {
		const kept = assertions.filter(({ expect }) => expect === 'unchanged');
		const values: Record<string, string | null> = {};
		for (const { assertion, result } of await runAssertions(session, kept)) {
			if (result.value === undefined) throw refuse(assertion.name, result.problem);
			if (!result.value.isSingle) throw refuse(assertion.name, 'must give one row of one column');
			values[assertion.name] = result.value.value;
		}
		const counts: Record<string, number> = {};
		for (const [table, count] of await countRows(session)) {
			if (count.value === undefined) throw refuse(table, count.problem);
			counts[table] = count.value;
		}
		return { counts, values };
	} finally {
		await session.end();
	}
}

/** A record as the ledger holds it; undefined when it is none. */
export function readRecord(result: unknown): IntegrityRecord | undefined {
	const { counts, values } = (result ?? {}) as Partial<IntegrityRecord>;
	return counts && values ? { counts, values } : undefined;
}
