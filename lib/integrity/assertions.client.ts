import type { Assertion, AssertionResult, Measured } from './model';
import type { ReadOnlySession } from './session.client';

/** Rows beyond that are not counted: the answer is no in any case. */
const MOST_ROWS = 1_000;

/** Runs each assertion by itself: one that fails does not keep the others from being made. */
export async function runAssertions(
	session: ReadOnlySession,
	assertions: readonly Assertion[],
): Promise<Array<{ assertion: Assertion; result: Measured<AssertionResult> }>> {
	const asReader = await mayBecomeReader(session);
	const results: Array<{ assertion: Assertion; result: Measured<AssertionResult> }> = [];
	for (const assertion of assertions)
		results.push({ assertion, result: await session.measure(async () => await run(session, assertion, asReader)) });
	return results;
}

/** Reads with no right to write at all, where the role may: pg_read_all_data (Postgres 14 and newer). */
async function mayBecomeReader(session: ReadOnlySession): Promise<boolean> {
	const sql = `SELECT 1 FROM pg_roles WHERE rolname = 'pg_read_all_data' AND pg_has_role(current_user, oid, 'MEMBER')`;
	return (await session.rows(sql)).length === 1;
}

/** What the driver makes of a column. */
type Cell = string | number | boolean | object | null;

/** A cursor takes queries only, and gives no more rows than were asked for. */
async function run(session: ReadOnlySession, { sql }: Assertion, asReader: boolean): Promise<AssertionResult> {
	if (asReader) await session.rows('SET LOCAL ROLE pg_read_all_data');
	await session.rows(`DECLARE assertion NO SCROLL CURSOR FOR ${sql.replace(/;\s*$/, '')}`);
	const rows = await session.rows<Record<string, Cell>>(`FETCH ${MOST_ROWS} FROM assertion`);
	const values = Object.values(rows[0] ?? {});
	const isSingle = rows.length === 1 && values.length === 1;
	return { rows: rows.length, isSingle, value: isSingle ? asText(values[0]) : null };
}

function asText(value: Cell | undefined): string | null {
	if (value === null || value === undefined) return null;
	if (value instanceof Date) return value.toISOString();
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
