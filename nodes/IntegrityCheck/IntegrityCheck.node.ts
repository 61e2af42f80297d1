import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { check } from './operations/check.operation';
import { record } from './operations/record.operation';

const operations = [check, record];

export class IntegrityCheck implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Integrity Check',
		name: 'integrityCheck',
		icon: { light: 'file:integrityCheck.svg', dark: 'file:integrityCheck.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description:
			'Judge whether the data of a Postgres database are sound, and whether a migration lost any: passed, failed, or inconclusive',
		defaults: { name: 'Integrity Check' },
		inputs: ['main'],
		...outputsFor(['check']),
		credentials: [{ name: 'postgres', required: true }, LEDGER_WHEN_RECORDING],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'check',
				options: [
					{
						name: 'Check',
						value: 'check',
						action: 'Check the data',
						description:
							'Make the assertions, look for orphans, broken constraints, sequences and indexes, and count every table',
					},
					{
						name: 'Record',
						value: 'record',
						action: 'Record what is there',
						description:
							'Count every table and read the values that must not change, to compare with later',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({ check: '2.2/integrity-after', record: '2.2/record-counts' }),
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'integrity', operations });
	}
}
