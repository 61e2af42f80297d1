import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { verdictOutputs } from '../shared/verdictOutputs';
import { run } from './operations/run.operation';
import { testSyntheticAccounts } from './syntheticAccountsCredential';

const operations = [run];

export class Journey implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Journey',
		name: 'journey',
		icon: { light: 'file:journey.svg', dark: 'file:journey.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.baseUrl }}',
		description: 'Do what a user does, step by step, and judge whether it works: passed, failed, or inconclusive',
		defaults: { name: 'Journey' },
		inputs: ['main'],
		...verdictOutputs,
		credentials: [
			{
				name: 'syntheticAccounts',
				required: true,
				testedBy: 'syntheticAccountsTest',
				displayOptions: { show: { logsIn: [true] } },
			},
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'run',
				options: [
					{
						name: 'Run',
						value: 'run',
						action: 'Run a journey',
						description:
							'Send the requests of a user in order, compare the answers, and take back what was created',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({ run: '4.1/critical-path' }),
		],
	};

	methods = { credentialTest: { syntheticAccountsTest: testSyntheticAccounts } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'journey', operations });
	}
}
