import type { PostgresConnection } from '../support/postgres.client';
import { RunbookError } from '../support/runbookError';
import { runAssertions } from './assertions.client';
import { assessIntegrity } from './assessIntegrity';
import type { Assertion, IntegrityLimits, IntegrityRecord, IntegrityReport, IntegritySettings } from './model';
import { openReadOnlySession } from './session.client';
import { describeProblem } from './sqlProblem';
import { countRows, readStructure } from './structure.client';

export interface IntegrityQuestion extends IntegritySettings, IntegrityLimits {
	readonly assertions: readonly Assertion[];
	/** Undefined when nothing is compared. */
	readonly before: IntegrityRecord | undefined;
}

/**
 * Checks the data of a whole database in one snapshot, reading only, and tells all that is wrong. A server that cannot be reached is
 * inconclusive; a wrong login is the operator's to correct and thrown.
 * @throws RunbookError INTEGRITY.ACCESS_REFUSED; the signal's reason when it was aborted
 */
export async function checkIntegrity(
	connection: PostgresConnection,
	question: IntegrityQuestion,
): Promise<IntegrityReport> {
	try {
		const session = await openReadOnlySession(connection, question);
		try {
			const assertions = await runAssertions(session, question.assertions);
			const structure = await readStructure(session);
			const counts = await countRows(session);
			return assessIntegrity({ assertions, structure, counts, before: question.before }, question);
		} finally {
			await session.end();
		}
	} catch (error) {
		question.signal.throwIfAborted();
		if (error instanceof RunbookError) throw error;
		const text = `the database could not be checked: ${describeProblem(error)}`;
		const violations = [
			{ check: 'unreachable', severity: 'inconclusive', name: connection.database, text },
		] as const;
		return { verdict: 'inconclusive', violations, counts: {}, checked: 0, amcheck: 'not-installed' };
	}
}
