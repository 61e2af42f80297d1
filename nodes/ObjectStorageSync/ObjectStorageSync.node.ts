import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { sync } from './operations/sync.operation';
import { verify } from './operations/verify.operation';
import { testDestinationCredential } from './testDestinationCredential';

const operations = [sync, verify];

export class ObjectStorageSync implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Object Storage Sync',
		name: 'objectStorageSync',
		icon: { light: 'file:objectStorageSync.svg', dark: 'file:objectStorageSync.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description: 'Copy the files of an application to another bucket, and check that the copy is complete',
		defaults: { name: 'Object Storage Sync' },
		inputs: ['main'],
		...outputsFor(['verify']),
		credentials: [
			{ name: 's3', required: true },
			{
				name: 'destinationS3',
				required: true,
				testedBy: 'destinationStorage',
				displayOptions: { show: { otherServer: [true] } },
			},
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'sync',
				options: [
					{
						name: 'Sync',
						value: 'sync',
						action: 'Sync files',
						description: 'Copy every object that the destination lacks; nothing is deleted there',
					},
					{
						name: 'Verify',
						value: 'verify',
						action: 'Verify a copy',
						description: 'Compare what the destination holds with what the sync wrote down',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({ sync: '1.2/sync-files', verify: '1.2/verify-files' }),
		],
	};

	methods = { credentialTest: { destinationStorage: testDestinationCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'files', operations });
	}
}
