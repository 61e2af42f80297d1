import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { checkAccess } from './operations/checkAccess.operation';
import { checkOtherVersions } from './operations/checkOtherVersions.operation';
import { checkOwnership } from './operations/checkOwnership.operation';
import { freezeWriters } from './operations/freezeWriters.operation';
import { history } from './operations/history.operation';
import { listPods } from './operations/listPods.operation';
import { logs } from './operations/logs.operation';
import { moveWorkers } from './operations/moveWorkers.operation';
import { pause, resume } from './operations/pause.operation';
import { raiseSchemaFloor } from './operations/raiseSchemaFloor.operation';
import { recordLive } from './operations/recordLive.operation';
import { restart } from './operations/restart.operation';
import { retirePrevious } from './operations/retirePrevious.operation';
import { rollBack } from './operations/rollBack.operation';
import { scale } from './operations/scale.operation';
import { setImage } from './operations/setImage.operation';
import { setStagingImage } from './operations/setStagingImage.operation';
import { status } from './operations/status.operation';
import { switchTraffic } from './operations/switchTraffic.operation';
import { thawWriters } from './operations/thawWriters.operation';
import { undo } from './operations/undo.operation';
import { waitForRollout } from './operations/waitForRollout.operation';
import { waitForStaging } from './operations/waitForStaging.operation';
import { operationFields } from './rolloutOperations';
import { testClusterCredential } from './testClusterCredential';

const operations = [
	checkAccess,
	checkOtherVersions,
	checkOwnership,
	freezeWriters,
	history,
	listPods,
	logs,
	moveWorkers,
	pause,
	raiseSchemaFloor,
	recordLive,
	restart,
	resume,
	retirePrevious,
	rollBack,
	scale,
	setImage,
	setStagingImage,
	status,
	switchTraffic,
	thawWriters,
	undo,
	waitForRollout,
	waitForStaging,
];

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
		...outputsFor(['checkAccess', 'checkOtherVersions', 'checkOwnership', 'waitForRollout', 'waitForStaging']),
		credentials: [
			{ name: 'kubernetesCluster', required: true, testedBy: 'clusterConnection' },
			{
				name: 's3',
				required: true,
				displayOptions: { show: { operation: ['recordLive'], storeRecord: [true] } },
			},
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			...operationFields,
			...operations.flatMap(({ description }) => description),
			...releaseParameters({
				checkAccess: '1.1/check-access',
				checkOtherVersions: '2.1/previous-version-gone',
				checkOwnership: '1.1/check-ownership',
				freezeWriters: 'freeze/writers',
				history: 'deployment/history',
				listPods: 'pods/list',
				logs: '3.2/read-logs',
				moveWorkers: '3.2/move-workers',
				pause: 'deployment/pause',
				raiseSchemaFloor: '2.1/raise-floor',
				recordLive: '3.1/record-live',
				restart: 'deployment/restart',
				resume: 'deployment/resume',
				retirePrevious: 'watch/scale-down-previous',
				rollBack: 'rollback/switch-back',
				scale: 'deployment/scale',
				setImage: '3.1/set-image',
				setStagingImage: '3.1/staging-set-image',
				status: 'status',
				switchTraffic: '3.2/switch-traffic',
				thawWriters: 'thaw/writers',
				undo: 'deployment/undo',
				waitForRollout: '3.1/wait-for-rollout',
				waitForStaging: '3.1/staging-wait',
			}),
		],
	};

	methods = { credentialTest: { clusterConnection: testClusterCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'rollout', operations });
	}
}
