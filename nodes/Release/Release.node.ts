import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { testLedgerCredential } from '../shared/testPostgresCredential';
import { releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { begin } from './operations/begin.operation';
import { finish } from './operations/finish.operation';
import { get } from './operations/get.operation';
import { join } from './operations/join.operation';
import { recordApproval } from './operations/recordApproval.operation';
import { returnVerdict } from './operations/returnVerdict.operation';
import { startWatch } from './operations/startWatch.operation';

const operations = [begin, finish, get, join, recordApproval, returnVerdict, startWatch];

export class Release implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Release',
		name: 'release',
		icon: { light: 'file:release.svg', dark: 'file:release.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description:
			'Begin, join and finish a release in the ledger that locks the environment and remembers every step',
		defaults: { name: 'Release' },
		inputs: ['main'],
		...outputsFor(['begin', 'recordApproval']),
		credentials: [{ name: 'releaseLedger', required: true, testedBy: 'ledgerConnection' }],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'begin',
				options: [
					{
						name: 'Begin',
						value: 'begin',
						action: 'Begin a release',
						description: 'Take the lock of an environment and start a release',
					},
					{
						name: 'Finish',
						value: 'finish',
						action: 'Finish a release',
						description: 'End a release in the state its steps prove',
					},
					{
						name: 'Get',
						value: 'get',
						action: 'Get a release',
						description: 'Look a release up with its steps',
					},
					{
						name: 'Join',
						value: 'join',
						action: 'Join a release',
						description: 'Go on with a release in a sub-workflow, or take it over to roll it back',
					},
					{
						name: 'Record Approval',
						value: 'recordApproval',
						action: 'Record an approval',
						description: 'Record what a person decided',
					},
					{
						name: 'Return Verdict',
						value: 'returnVerdict',
						action: 'Return the verdict of a phase',
						description: 'Tell from the ledger whether all steps of a phase passed',
					},
					{
						name: 'Start Watch',
						value: 'startWatch',
						action: 'Start the watch',
						description: 'Keep the lock and watch the release after the switch',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({ recordApproval: 'gate-1/approval' }),
		],
	};

	methods = { credentialTest: { ledgerConnection: testLedgerCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'release', operations });
	}
}
