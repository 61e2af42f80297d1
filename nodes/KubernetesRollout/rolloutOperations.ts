import type { INodeProperties } from 'n8n-workflow';

/** The two fields by which an operation is chosen: they are many, so they are grouped. */
export const operationFields: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		default: 'releaseSet',
		options: [
			{
				name: 'Deployment',
				value: 'deployment',
				description: 'One Deployment, outside of a release: what kubectl rollout and kubectl scale do',
			},
			{ name: 'Pod', value: 'pod', description: 'The pods of the release set' },
			{
				name: 'Release Set',
				value: 'releaseSet',
				description: 'All workloads of a release, which move, are verified and go back together',
			},
			{ name: 'Writer', value: 'writer', description: 'Everything that writes, when data must not change' },
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['releaseSet'] } },
		default: 'status',
		options: [
			{
				name: 'Check Access',
				value: 'checkAccess',
				action: 'Check what the credential may do',
				description: 'Ask the API for every right that a release needs, and name those that are missing',
			},
			{
				name: 'Check for Other Versions',
				value: 'checkOtherVersions',
				action: 'Check that no other version runs',
				description: 'Look for pods of another image than the given ones, in both colours',
			},
			{
				name: 'Check Ownership',
				value: 'checkOwnership',
				action: 'Check who else writes these fields',
				description:
					'Find GitOps, meshes and autoscalers that would fight a release, and workloads it does not know of',
			},
			{
				name: 'Get Status',
				value: 'status',
				action: 'Get the status of the workloads',
				description: 'Tell which colour is live and what it runs',
			},
			{
				name: 'Move Workers',
				value: 'moveWorkers',
				action: 'Move the workers to the new version',
				description: 'Start the new version of each worker, and stop the old one',
			},
			{
				name: 'Raise Schema Floor',
				value: 'raiseSchemaFloor',
				action: 'Raise the schema floor',
				description: 'Refuse, from now on, to go back to what cannot run on the schema any more',
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
				description: 'Make the recorded version ready, send the traffic to it, and scale the replaced one down',
			},
			{
				name: 'Scale Down Previous',
				value: 'retirePrevious',
				action: 'Scale the replaced version down',
				description:
					'Give the colour that the release replaced no replicas, once its watch is over and it succeeds',
			},
			{
				name: 'Set Image',
				value: 'setImage',
				action: 'Set the image of the idle colour',
				description: 'Start the new version beside the live one, without traffic',
			},
			{
				name: 'Set Staging Image',
				value: 'setStagingImage',
				action: 'Set the image of staging',
				description: 'Give staging the images that production is going to get',
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
			{
				name: 'Wait for Staging',
				value: 'waitForStaging',
				action: 'Wait for staging',
				description: 'Wait until staging runs the new version, or tell why it cannot',
			},
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['pod'] } },
		default: 'logs',
		options: [
			{
				name: 'Get Logs',
				value: 'logs',
				action: 'Get the logs of the pods',
				description: 'Read the last lines of all pods and containers',
			},
			{
				name: 'Get Many',
				value: 'listPods',
				action: 'Get many pods',
				description: 'List the pods of both colours, with digest, restarts and what they wait for',
			},
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['deployment'] } },
		default: 'history',
		options: [
			{
				name: 'Get History',
				value: 'history',
				action: 'Get the history of a deployment',
				description: 'List the revisions that it can go back to, with images and digests',
			},
			{
				name: 'Pause',
				value: 'pause',
				action: 'Pause a deployment',
				description: 'Changes of it are not rolled out until it is resumed',
			},
			{
				name: 'Restart',
				value: 'restart',
				action: 'Restart a deployment',
				description: 'Replace every pod, a few at a time',
			},
			{
				name: 'Resume',
				value: 'resume',
				action: 'Resume a deployment',
				description: 'Roll out what changed while it was paused',
			},
			{
				name: 'Roll Back to Revision',
				value: 'undo',
				action: 'Roll back a deployment to a revision',
				description: 'Put the pod template of a revision or digest back, never of "the one before"',
			},
			{
				name: 'Scale',
				value: 'scale',
				action: 'Scale a deployment',
				description: 'Set how many replicas it has, if there are as many as expected',
			},
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['writer'] } },
		default: 'freezeWriters',
		options: [
			{
				name: 'Freeze',
				value: 'freezeWriters',
				action: 'Freeze the writers',
				description: 'Scale everything that writes to 0, and note what there was',
			},
			{
				name: 'Thaw',
				value: 'thawWriters',
				action: 'Thaw the writers',
				description: 'Give everything exactly what it had, after two people have approved it',
			},
		],
	},
];
