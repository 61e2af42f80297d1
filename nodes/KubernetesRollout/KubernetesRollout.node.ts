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
import { operationFields } from './rolloutOperations';
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
			...operationFields,
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
