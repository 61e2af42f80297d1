import type { INodeProperties } from 'n8n-workflow';
import type { AttemptRule } from '../../lib/health/assessAttempts';
import { parameterErrors } from '../../lib/support/errors';
import type { ParameterReader } from '../shared/operation';
import { readNumber } from '../shared/readNumber';

/** How often each target is asked. */
export const attemptFields: INodeProperties[] = [
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeoutSeconds',
		type: 'number',
		default: 10,
		typeOptions: { minValue: 0.1, maxValue: 300 },
		description:
			'How long one probe may take, from connecting to the last byte. A target that is silent for longer has failed.',
	},
	{
		displayName: 'Attempts',
		name: 'attempts',
		type: 'number',
		default: 3,
		typeOptions: { minValue: 1, maxValue: 100 },
		description: 'How many times each target is asked at most. Asking stops as soon as the verdict is certain.',
	},
	{
		displayName: 'Required Successes',
		name: 'required',
		type: 'number',
		default: 2,
		typeOptions: { minValue: 1, maxValue: 100 },
		description: 'How many of the attempts must be healthy for the target to pass',
	},
	{
		displayName: 'Pause Between Attempts (Seconds)',
		name: 'attemptIntervalSeconds',
		type: 'number',
		default: 1,
		typeOptions: { minValue: 0, maxValue: 60 },
		description: 'How long to wait before a target is asked again',
	},
];

export interface AttemptParameters extends AttemptRule {
	readonly attemptIntervalMs: number;
}

/** @throws RunbookError PARAMETER.INVALID */
export function readAttempts(context: ParameterReader, itemIndex: number): AttemptParameters {
	const attempts = readNumber(context, { itemIndex, name: 'attempts', minimum: 1, maximum: 100, whole: true });
	const required = readNumber(context, { itemIndex, name: 'required', minimum: 1, maximum: 100, whole: true });
	if (required > attempts) {
		throw parameterErrors.INVALID({
			field: 'required',
			problem: 'it is more than the attempts',
			remedy: `Give a number from 1 to ${attempts}`,
		});
	}
	const interval = readNumber(context, { itemIndex, name: 'attemptIntervalSeconds', minimum: 0, maximum: 60 });
	return { attempts, required, attemptIntervalMs: interval * 1000 };
}

/** The longest that all attempts take, in milliseconds. */
export function attemptsDeadlineMs({
	attempts,
	timeoutMs,
	attemptIntervalMs,
}: AttemptParameters & { readonly timeoutMs: number }): number {
	return attempts * (timeoutMs + attemptIntervalMs) + 30_000;
}
