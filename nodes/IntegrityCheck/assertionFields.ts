import type { INodeProperties } from 'n8n-workflow';
import { assertionsSchema } from '../../lib/integrity/assertions';
import type { Assertion } from '../../lib/integrity/model';
import type { ParameterReader } from '../shared/operation';
import { readJson } from '../shared/readJson';
import { readNumber } from '../shared/readNumber';

/** What both operations ask. */
export const assertionFields: INodeProperties[] = [
	{
		displayName: 'Assertions',
		name: 'assertions',
		type: 'json',
		default: '[]',
		placeholder:
			'e.g. [{"name":"every case has a title","sql":"SELECT id FROM cases WHERE title = \'\'","expect":"empty"}]',
		description:
			'Queries of your own, each with what must come out: "empty" (no row), "between" (one number from "min" to "max"), or "unchanged" (the one value that was recorded before). They can only read. Never build them from item data.',
	},
	{
		displayName: 'Statement Timeout (Seconds)',
		name: 'statementTimeoutSeconds',
		type: 'number',
		default: 120,
		required: true,
		typeOptions: { minValue: 0.1, maxValue: 3_600 },
		description: 'How long one query or count may take. One that takes longer could not be judged.',
	},
];

export interface AssertionParameters {
	readonly assertions: readonly Assertion[];
	readonly statementTimeoutMs: number;
}

/** @throws RunbookError PARAMETER.INVALID */
export function readAssertionParameters(context: ParameterReader, itemIndex: number): AssertionParameters {
	return {
		assertions: readJson(context, {
			itemIndex,
			name: 'assertions',
			schema: assertionsSchema,
			remedy: 'Write a list such as [{"name":"every case has a title","sql":"SELECT id FROM cases WHERE title = \'\'","expect":"empty"}]',
			whenAbsent: [],
		}),
		statementTimeoutMs: Math.round(
			readNumber(context, { itemIndex, name: 'statementTimeoutSeconds', minimum: 0.1, maximum: 3_600 }) * 1000,
		),
	};
}
