import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { testLedgerCredential } from '../shared/testPostgresCredential';
import { outputsFor } from '../shared/verdictOutputs';
import { acknowledge } from './operations/acknowledge.operation';
import { judge } from './operations/judge.operation';
import { look } from './operations/look.operation';
import { replay } from './operations/replay.operation';

const operations = [acknowledge, judge, look, replay];

export class ReleaseWatch implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Release Watch',
		name: 'releaseWatch',
		icon: { light: 'file:releaseWatch.svg', dark: 'file:releaseWatch.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description:
			'Look at every environment on a schedule, and judge by what the ledger remembers: who is paged, and what is rolled back',
		defaults: { name: 'Release Watch' },
		inputs: ['main'],
		...outputsFor(['judge']),
		credentials: [
			{ name: 'releaseLedger', required: true, testedBy: 'ledgerConnection' },
			{ name: 'kubernetesCluster', displayOptions: { show: { operation: ['look'] } } },
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'look',
				options: [
					{
						name: 'Acknowledge',
						value: 'acknowledge',
						action: 'Acknowledge alerts',
						description: 'A person looks after the open alerts of an environment',
					},
					{
						name: 'Judge',
						value: 'judge',
						action: 'Judge a release by its looks',
						description: 'What the recorded looks say about the live release',
					},
					{
						name: 'Look',
						value: 'look',
						action: 'Look at all environments',
						description: 'Measure every environment once, and say what is to be done',
					},
					{
						name: 'Replay',
						value: 'replay',
						action: 'Replay past releases',
						description: 'What other thresholds would have done about the releases of the past',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({ judge: 'watch/health' }),
		],
	};

	methods = { credentialTest: { ledgerConnection: testLedgerCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'watch', operations });
	}
}
