import type { INodeProperties } from 'n8n-workflow';

/** The two fields by which an operation is chosen. */
export const operationFields: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		default: 'backup',
		options: [
			{ name: 'Backup', value: 'backup' },
			{ name: 'Restore', value: 'restore' },
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['backup'] } },
		default: 'create',
		options: [
			{
				name: 'Check Access',
				value: 'checkAccess',
				action: 'Check the access of backups',
				description:
					'Say what the credentials may do on source, scratch server and bucket, and what is missing',
			},
			{
				name: 'Create',
				value: 'create',
				action: 'Create a backup',
				description: 'Dump the database into object storage, with a manifest of every table',
			},
			{
				name: 'List',
				value: 'list',
				action: 'List backups',
				description: 'Say which backups there are, and which of them were verified',
			},
			{
				name: 'Prove',
				value: 'prove',
				action: 'Prove a backup',
				description: 'Judge a continuous backup by its report and its last restore, or a clone by asking it',
			},
			{
				name: 'Prune',
				value: 'prune',
				action: 'Prune backups',
				description: 'Remove backups that are no longer wanted, never the last verified ones',
			},
			{
				name: 'Sweep Scratch',
				value: 'sweepScratch',
				action: 'Sweep scratch databases',
				description: 'Drop the scratch databases that a killed verification left behind, once they expired',
			},
			{
				name: 'Verify',
				value: 'verify',
				action: 'Verify a backup',
				description: 'Read a backup back, restore it into a scratch database and compare',
			},
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['restore'] } },
		default: 'previewRestore',
		options: [
			{
				name: 'Preview',
				value: 'previewRestore',
				action: 'Preview a restore',
				description: 'Say what restoring a backup would lose, and whose way it would be in; changes nothing',
			},
			{
				name: 'Restore',
				value: 'restore',
				action: 'Restore a backup',
				description: 'Restore a backup beside the live database, prove it and swap it in; the old one is kept',
			},
			{
				name: 'Swap Back',
				value: 'swapBack',
				action: 'Swap a restore back',
				description: 'Let the database serve again that a restore replaced',
			},
		],
	},
];
