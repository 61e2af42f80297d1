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
			{ name: 'Pod', value: 'pod', description: 'The pods of the release set' },
			{
				name: 'Release Set',
				value: 'releaseSet',
				description: 'All workloads of a release, which move, are verified and go back together',
			},
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
				description: 'Make the recorded version ready, send the traffic to it, and scale the replaced one down',
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
		],
	},
];
