import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { verdictOutputs } from '../shared/verdictOutputs';
import { kubernetesJob } from './operations/kubernetesJob.operation';
import { kubernetesJobs } from './operations/kubernetesJobs.operation';
import { previousVersion } from './operations/previousVersion.operation';

const operations = [kubernetesJob, kubernetesJobs, previousVersion];

export class RunSuite implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Run Suite',
		name: 'runSuite',
		icon: { light: 'file:runSuite.svg', dark: 'file:runSuite.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.suite }}',
		description: 'Run your own tests and judge their JUnit report: passed, failed, or inconclusive',
		defaults: { name: 'Run Suite' },
		inputs: ['main'],
		...verdictOutputs,
		credentials: [
			{ name: 'kubernetesCluster', required: true },
			{ name: 'scratchPostgres', required: true, displayOptions: { show: { operation: ['previousVersion'] } } },
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'kubernetesJob',
				options: [
					{
						name: 'Run as Kubernetes Job',
						value: 'kubernetesJob',
						action: 'Run a suite as a kubernetes job',
						description:
							'Start a Job with a pinned image, follow it to its end, and read the report from its output',
					},
					{
						name: 'Run List as Kubernetes Jobs',
						value: 'kubernetesJobs',
						action: 'Run a list of suites as kubernetes jobs',
						description: 'Run every suite that the configuration names, one after the other, as one step',
					},
					{
						name: 'Run Previous Version',
						value: 'previousVersion',
						action: 'Run the previous version on the rehearsed schema',
						description:
							'Run the critical path of the version that serves now against the scratch database in which the migrations were rehearsed',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({
				kubernetesJob: '4.1/run-suite',
				kubernetesJobs: '4.1/suites',
				previousVersion: '2.1/old-code',
			}),
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'suite', operations });
	}
}
