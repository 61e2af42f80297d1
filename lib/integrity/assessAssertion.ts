import type { Assertion, AssertionResult, IntegrityRecord, Measured, Violation } from './model';

/** What is wrong with the result of one assertion; undefined when it holds. What could not be judged is inconclusive, never a pass. */
export function assessAssertion(
	assertion: Assertion,
	{ value: result, problem, isDamage }: Measured<AssertionResult>,
	before: IntegrityRecord | undefined,
): Violation | undefined {
	const found = (severity: Violation['severity'], text: string): Violation => ({
		check: 'assertion',
		severity,
		name: assertion.name,
		text: `${assertion.name}: ${text}`,
	});
	if (result === undefined) return found(isDamage ? 'failed' : 'inconclusive', `could not be made: ${problem}`);
	if (assertion.expect === 'empty') {
		const rows =
			result.rows >= 1_000 ? '1000 rows or more' : `${result.rows} ${result.rows === 1 ? 'row' : 'rows'}`;
		return result.rows === 0 ? undefined : found('failed', `gave ${rows} instead of none`);
	}
	if (!result.isSingle) return found('inconclusive', 'must give one row of one column');
	if (assertion.expect === 'between') return assessBounds(assertion, result.value, found);
	if (!before) return undefined;
	const recorded = before.values[assertion.name];
	if (recorded === undefined) return found('inconclusive', 'its value was not recorded before');
	return recorded === result.value ? undefined : found('failed', 'has another value than before');
}

function assessBounds(
	{ min = -Infinity, max = Infinity }: Assertion,
	value: string | null,
	found: (severity: Violation['severity'], text: string) => Violation,
): Violation | undefined {
	const number = value === null || value.trim() === '' ? NaN : Number(value);
	if (Number.isNaN(number)) return found('inconclusive', 'gave no number');
	if (number < min) return found('failed', `gave ${number}, which is below ${min}`);
	return number > max ? found('failed', `gave ${number}, which is above ${max}`) : undefined;
}
