import { parameterErrors } from '../../lib/support/errors';
import type { ParameterReader } from '../shared/operation';

const LONGEST_S = 24 * 3600;

/** The field "Timeout (Seconds)". @throws RunbookError PARAMETER.INVALID */
export function readTimeout(context: ParameterReader, itemIndex: number): number {
	return readPositive(context, itemIndex, { field: 'timeoutSeconds', most: LONGEST_S });
}

/** A whole number from 1 to `most`. @throws RunbookError PARAMETER.INVALID */
export function readPositive(
	context: ParameterReader,
	itemIndex: number,
	{ field, most }: { field: string; most: number },
): number {
	const value = Number(context.getNodeParameter(field, itemIndex));
	if (Number.isInteger(value) && value >= 1 && value <= most) return value;
	throw parameterErrors.INVALID({
		field,
		problem: 'it is not a whole number in range',
		remedy: `Give a whole number from 1 to ${most}`,
	});
}
