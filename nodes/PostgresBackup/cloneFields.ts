import type { INodeProperties } from 'n8n-workflow';
import type { CheckedTable } from '../../lib/backup/proof/clone.client';
import type { ParameterReader } from '../shared/operation';
import { readNumber } from '../shared/readNumber';
import { splitList } from '../shared/splitList';
import { invalidField } from './invalidField';

const FOR_C = { show: { proofClass: ['C'] } };

/** What is asked for a clone. */
export const cloneFields: INodeProperties[] = [
	{
		displayName: 'Snapshot',
		name: 'snapshotName',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. snap-0123456789abcdef0',
		displayOptions: FOR_C,
		description:
			'What its provider calls the snapshot that the clone was made of; the Scratch Postgres credential leads to the clone',
	},
	{
		displayName: 'Snapshot Taken At',
		name: 'snapshotAt',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. 2026-11-26T12:00:00Z',
		displayOptions: FOR_C,
		description: 'When its provider took the snapshot',
	},
	{
		displayName: 'Oldest Snapshot (Minutes)',
		name: 'maxAgeMinutes',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 60,
		displayOptions: FOR_C,
		description: 'What was written since the snapshot would be lost',
	},
	{
		displayName: 'Tables',
		name: 'cloneTables',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. public.cases, public.users',
		displayOptions: FOR_C,
		description: 'Tables that are counted on both sides, as schema.table',
	},
	{
		displayName: 'Tolerance (Percent)',
		name: 'tolerancePercent',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 100 },
		default: 1,
		displayOptions: FOR_C,
		description: "How far the clone's counts may be from production's, which has gone on",
	},
];

export interface CloneParameters {
	readonly name: string;
	readonly tables: readonly CheckedTable[];
	readonly policy: { readonly snapshotAt: Date; readonly maxAgeMinutes: number; readonly tolerancePercent: number };
}

/** @throws RunbookError PARAMETER.INVALID */
export function readClone(context: ParameterReader, itemIndex: number): CloneParameters {
	const name = context.getNodeParameter('snapshotName', itemIndex) as string;
	const snapshotAt = new Date(context.getNodeParameter('snapshotAt', itemIndex) as string);
	if (typeof name !== 'string' || name.trim() === '')
		throw invalidField('snapshotName', 'it is empty', 'Name the snapshot');
	if (Number.isNaN(snapshotAt.getTime()))
		throw invalidField('snapshotAt', 'it is no time', 'Give it as in 2026-11-26T12:00:00Z');
	const tables = splitList(context.getNodeParameter('cloneTables', itemIndex) as string).map((table) => {
		const [schema, own, ...more] = table.split('.');
		if (schema && own && more.length === 0) return { schema, name: own };
		throw invalidField('cloneTables', 'a table is not named with its schema', 'Name each as schema.table');
	});
	if (tables.length === 0)
		throw invalidField('cloneTables', 'no table is named', 'Name at least one, as schema.table');
	const limit = (field: string, maximum: number): number =>
		readNumber(context, { itemIndex, name: field, minimum: 0, maximum });
	const policy = {
		snapshotAt,
		maxAgeMinutes: limit('maxAgeMinutes', 100_000),
		tolerancePercent: limit('tolerancePercent', 100),
	};
	return { name, tables, policy };
}
