import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { releaseContextParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { testLedgerCredential } from '../shared/testPostgresCredential';
import { testApprovalLinks } from './approvalLinksCredential';
import { gateOutputs } from './gateOutputs';
import { ask, askFields } from './operations/ask.operation';
import { close } from './operations/close.operation';
import { voidGate } from './operations/void.operation';
import { wait, waitFields } from './operations/wait.operation';
import { wake } from './operations/wake.operation';
import { receiveVote } from './receiveVote';
import { runGate } from './runGate';

const operations = [close, voidGate, wake];

export class ApprovalGate implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Approval Gate',
		name: 'approvalGate',
		icon: { light: 'file:approvalGate.svg', dark: 'file:approvalGate.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description: 'Ask people whether a release goes on, and wait until enough of them have said yes',
		defaults: { name: 'Approval Gate' },
		inputs: ['main'],
		outputs: gateOutputs,
		waitingNodeTooltip: 'Waiting for the approvers',
		credentials: [
			{ name: 'releaseLedger', required: true, testedBy: 'ledgerConnection' },
			{
				name: 'approvalLinks',
				required: true,
				testedBy: 'approvalLinksSecret',
				displayOptions: { show: { operation: ['ask', 'wait', 'wake'] } },
			},
		],
		// HEAD, too: link scanners ask so, and shall find a page rather than an error.
		webhooks: (['GET', 'HEAD', 'POST'] as const).map((httpMethod) => ({
			name: 'default',
			httpMethod,
			responseMode: 'onReceived',
			responseData: '',
			path: '',
			restartWebhook: true,
			isFullPath: true,
		})),
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'ask',
				options: [
					{
						name: 'Ask',
						value: 'ask',
						action: 'Ask the approvers',
						description: 'Open a gate and give one item with a link and a mail for each approver',
					},
					{
						name: 'Close',
						value: 'close',
						action: 'Close a gate that expired',
						description: 'Record that nobody decided in time',
					},
					{
						name: 'Void',
						value: 'void',
						action: 'Void a gate',
						description: 'Take back what was to be decided on, because it no longer holds',
					},
					{
						name: 'Wait',
						value: 'wait',
						action: 'Wait for the votes',
						description: 'Wait until enough persons approved, one rejected, or the time is over',
					},
					{
						name: 'Wake',
						value: 'wake',
						action: 'Wake executions with a vote',
						description: 'Let executions go on whose wake-up was lost',
					},
				],
			},
			...askFields,
			...waitFields,
			...operations.flatMap(({ description }) => description),
			...releaseContextParameters,
		],
	};

	methods = { credentialTest: { ledgerConnection: testLedgerCredential, approvalLinksSecret: testApprovalLinks } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const operation: unknown = this.getNodeParameter('operation', 0);
		if (operation === 'ask') return await runGate(this, async (run) => await ask(this, run));
		if (operation === 'wait') return await runGate(this, async (run) => await wait(this, run));
		return await runOperations(this, { resultKey: 'approval', operations });
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receiveVote(this);
	}
}
