import type { INodeProperties } from 'n8n-workflow';
import { cloneFields } from './cloneFields';
import { continuousFields } from './continuousFields';

/** What is asked for by either class. */
export const proofFields: INodeProperties[] = [
	{
		displayName: 'Proof Class',
		name: 'proofClass',
		type: 'options',
		noDataExpression: true,
		default: 'B',
		options: [
			{
				name: 'B: Continuous Backup',
				value: 'B',
				description: 'PgBackRest, WAL-G or Barman, with a restore drill on record',
			},
			{ name: 'C: Clone', value: 'C', description: 'A snapshot or clone that was started, and is queried now' },
		],
		description: 'What proves that the database could be brought back. Class A is the operation Verify.',
	},
	...continuousFields,
	...cloneFields,
];
