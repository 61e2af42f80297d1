import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { logs } from './operations/logs.operation';
import { recordLive } from './operations/recordLive.operation';
import { rollBack } from './operations/rollBack.operation';
import { setImage } from './operations/setImage.operation';
import { status } from './operations/status.operation';
import { switchTraffic } from './operations/switchTraffic.operation';
import { waitForRollout } from './operations/waitForRollout.operation';
import { testClusterCredential } from './testClusterCredential';

const operations = [logs, recordLive, rollBack, setImage, status, switchTraffic, waitForRollout];

/** Blue-green rollout of a release set: record, set image, wait, switch, roll back to the record. */
export class KubernetesRollout implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kubernetes Rollout',
		name: 'kubernetesRollout',
		icon: { light: 'file:kubernetesRollout.svg', dark: 'file:kubernetesRollout.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description:
			'Roll services out blue-green in Kubernetes, switch their traffic together, and roll back to exactly what was recorded',
		defaults: { name: 'Kubernetes Rollout' },
		inputs: ['main'],
		...outputsFor(['waitForRollout']),
		credentials: [
			{ name: 'kubernetesCluster', required: true, testedBy: 'clusterConnection' },
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'status',
				options: [
					{
						name: 'Get Logs',
						value: 'logs',
						action: 'Get the logs of the pods',
						description: 'Read the last lines of all pods and containers',
					},
					{
						name: 'Get Status',
						value: 'status',
						action: 'Get the status of the workloads',
						description: 'Tell which colour is live and what it runs',
					},
					{
						name: 'Record Live',
						value: 'recordLive',
						action: 'Record what is live',
						description: 'Remember colour, digest and replicas, so that a rollback can go to exactly that',
					},
					{
						name: 'Roll Back',
						value: 'rollBack',
						action: 'Roll back to the record',
						description:
							'Make the recorded version ready, send the traffic to it, and scale the replaced one down',
					},
					{
						name: 'Set Image',
						value: 'setImage',
						action: 'Set the image of the idle colour',
						description: 'Start the new version beside the live one, without traffic',
					},
					{
						name: 'Switch Traffic',
						value: 'switchTraffic',
						action: 'Switch traffic to the new version',
						description: 'Send the traffic of all workloads to the new version, or of none',
					},
					{
						name: 'Wait for Rollout',
						value: 'waitForRollout',
						action: 'Wait for the rollout',
						description: 'Wait until the new version has all its replicas, or tell why it cannot',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({
				logs: '3.2/read-logs',
				recordLive: '3.1/record-live',
				rollBack: 'rollback/switch-back',
				setImage: '3.1/set-image',
				status: 'status',
				switchTraffic: '3.2/switch-traffic',
				waitForRollout: '3.1/wait-for-rollout',
			}),
		],
	};

	methods = { credentialTest: { clusterConnection: testClusterCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'rollout', operations });
	}
}
