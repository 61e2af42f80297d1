import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { send } from './operations/send.operation';
import { testPagerDutyCredential } from './testPagerDutyCredential';

const operations = [send];

export class Pager implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Pager',
		name: 'pager',
		icon: { light: 'file:pager.svg', dark: 'file:pager.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.action }}',
		description: 'Page the people on call through PagerDuty’s Events API, trying again until it accepts',
		defaults: { name: 'Pager' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [
			{ name: 'pagerDutyEvents', required: true, testedBy: 'pagerDutyConnection' },
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'send',
				options: [
					{
						name: 'Send',
						value: 'send',
						action: 'Send an event',
						description: 'Open, acknowledge or resolve an incident, or mark a change',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({ send: 'page/send' }),
		],
	};

	methods = { credentialTest: { pagerDutyConnection: testPagerDutyCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'page', operations });
	}
}
