import { parameterErrors } from '../../lib/support/errors';
import type { ParameterReader } from './operation';

export interface NumberBounds {
	readonly itemIndex: number;
	readonly name: string;
	readonly minimum: number;
	readonly maximum: number;
	/** Absent: fractions are allowed. */
	readonly whole?: boolean;
}

/** A number parameter within its bounds; an expression may give it as text. @throws RunbookError PARAMETER.INVALID naming the field */
export function readNumber(
	context: ParameterReader,
	{ itemIndex, name, minimum, maximum, whole = false }: NumberBounds,
): number {
	const raw: unknown = context.getNodeParameter(name, itemIndex);
	const value =
		typeof raw === 'number' ? raw : typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : Number.NaN;
	if (value >= minimum && value <= maximum && (!whole || Number.isInteger(value))) return value;
	const remedy = `Give a ${whole ? 'whole ' : ''}number from ${minimum} to ${maximum}`;
	throw parameterErrors.INVALID({ field: name, problem: 'it is out of bounds or no number', remedy });
}
