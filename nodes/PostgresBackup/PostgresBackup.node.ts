import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { create } from './operations/create.operation';
import { prove } from './operations/prove.operation';
import { sweepScratch } from './operations/sweepScratch.operation';
import { verify } from './operations/verify.operation';
import { testScratchCredential } from './testScratchCredential';

const operations = [create, prove, sweepScratch, verify];

export class PostgresBackup implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Postgres Backup',
		name: 'postgresBackup',
		icon: { light: 'file:postgresBackup.svg', dark: 'file:postgresBackup.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description: 'Back a Postgres database up to object storage, and prove the backup by restoring it',
		defaults: { name: 'Postgres Backup' },
		inputs: ['main'],
		...outputsFor(['prove', 'verify']),
		credentials: [
			{ name: 'postgres', required: true, displayOptions: { show: { operation: ['create', 'prove'] } } },
			{
				name: 'scratchPostgres',
				required: true,
				testedBy: 'scratchServer',
				displayOptions: {
					show: { operation: ['prove', 'verify', 'sweepScratch'] },
					hide: { proofClass: ['B'] },
				},
			},
			{
				name: 's3',
				required: true,
				displayOptions: {
					show: { operation: ['create', 'prove', 'verify'] },
					// Fields of Prove; the other operations have none of them.
					hide: { proofClass: ['C'], reportFrom: ['field', 'tool'] },
				},
			},
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'create',
				options: [
					{
						name: 'Create',
						value: 'create',
						action: 'Create a backup',
						description: 'Dump the database into object storage, with a manifest of every table',
					},
					{
						name: 'Prove',
						value: 'prove',
						action: 'Prove a backup',
						description:
							'Judge a continuous backup by its report and its last restore, or a clone by asking it',
					},
					{
						name: 'Sweep Scratch',
						value: 'sweepScratch',
						action: 'Sweep scratch databases',
						description:
							'Drop the scratch databases that a killed verification left behind, once they expired',
					},
					{
						name: 'Verify',
						value: 'verify',
						action: 'Verify a backup',
						description: 'Read a backup back, restore it into a scratch database and compare',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({
				create: '1.2/create-backup',
				prove: '1.2/verify-backup',
				verify: '1.2/verify-backup',
			}),
		],
	};

	methods = { credentialTest: { scratchServer: testScratchCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'backup', operations });
	}
}
