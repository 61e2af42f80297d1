import type { Measurement } from './model';

/** A number to judge by. NaN (0 of 0) is no data; an infinite one says that something is wrong with the query, not how much. */
export function toMeasurement(value: number): Measurement {
	if (Number.isNaN(value)) return { kind: 'no-data', reason: 'the answer is NaN: nothing was counted' };
	if (!Number.isFinite(value)) return { kind: 'error', reason: `the answer is ${value > 0 ? '+' : '-'}Inf` };
	return { kind: 'value', value };
}
