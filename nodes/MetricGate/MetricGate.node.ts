import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { baseline } from './operations/baseline.operation';
import { errorRate } from './operations/errorRate.operation';
import { query } from './operations/query.operation';
import { resourceUsage } from './operations/resourceUsage.operation';
import { responseTime } from './operations/responseTime.operation';
import { withDryRun } from './withDryRun';

const operations = [
	baseline,
	withDryRun(errorRate),
	withDryRun(query),
	withDryRun(resourceUsage),
	withDryRun(responseTime),
];

export class MetricGate implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Metric Gate',
		name: 'metricGate',
		icon: { light: 'file:metricGate.svg', dark: 'file:metricGate.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description: 'Judge numbers: of every pod by its Prometheus metrics, or of PromQL, Postgres or a JSON answer',
		defaults: { name: 'Metric Gate' },
		inputs: ['main'],
		...outputsFor(['errorRate', 'query', 'resourceUsage', 'responseTime']),
		credentials: [
			{ name: 'kubernetesCluster', required: true, displayOptions: { show: { source: ['pods'] } } },
			{
				name: 'postgres',
				required: true,
				displayOptions: { show: { operation: ['query'], provider: ['postgres'] } },
			},
			{
				name: 'httpHeaderAuth',
				required: true,
				displayOptions: { show: { operation: ['query'], queryAuthentication: ['headerAuth'] } },
			},
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'errorRate',
				options: [
					{
						name: 'Baseline',
						value: 'baseline',
						action: 'Measure what is before a change',
						description: 'Error rate and response time, to compare with afterwards; nothing is judged',
					},
					{
						name: 'Error Rate',
						value: 'errorRate',
						action: 'Judge the error rate',
						description: 'Which share of the requests fails',
					},
					{
						name: 'Query',
						value: 'query',
						action: 'Judge a number',
						description: 'One number of PromQL, Postgres or a JSON answer',
					},
					{
						name: 'Resource Usage',
						value: 'resourceUsage',
						action: 'Judge CPU and memory',
						description: 'Which share of their CPU and memory limits the containers use',
					},
					{
						name: 'Response Time',
						value: 'responseTime',
						action: 'Judge the response time',
						description: 'How long most requests take',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({
				baseline: '1.1/baseline',
				errorRate: '4.2/error-rate',
				query: '4.2/query',
				resourceUsage: '4.2/resource-usage',
				responseTime: '4.2/response-time',
			}),
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'metrics', operations });
	}
}
